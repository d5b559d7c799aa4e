"""Each written group gets its part of the tracking number, and nothing is lost on the way."""

from __future__ import annotations

from itertools import pairwise

import phonenumbers
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from callgraft.phone import Number, forms, local_form, read, regroup

MOSCOW, SMOLENSK = read("+74951234567"), read("+74812345678")
BY_REGION = {
    "RU": "+74951234567 +74990000001 +74812345678 +78005553535 +79160000001 +73435412345",
    "KZ": "+77272500000 +77172700000 +77011234567",
    "UA": "+380445550123 +380322550123 +380800501234 +380671234567",
    "BY": "+375171234567 +375152450911",
    "DE": "+493012345678 +49891234567 +493322123456 +4915123456789 +498001234567",
    "GB": "+442079460018 +441614960018 +441632960123 +448004960018 +447700900123",
    "US": "+14155550123 +12125550199 +18005550123",
    "MX": "+525512345678 +529981234567 +528001234567",
    "BR": "+551132345678 +5511987654321 +558001234567",
    "AR": "+541143211234 +543515550123 +5491143211234 +5493515550123 +548005550123",
    "CO": "+576015550123 +573001234567",
    "CL": "+56221234567 +56987654321 +56321234567",
    "AU": "+61255501234 +61491570156 +611800160401",
    "FR": "+33123456789 +33612345678",
    "IT": "+390612345678 +393123456789",
    "HU": "+3612345678 +36201234567",
}
SAMPLES = [(region, read(text)) for region, row in BY_REGION.items() for text in row.split()]
EXIT_CODES = {"00": "DE", "011": "US", "810": "RU", "0011": "AU"}


def cut(digits: str, places: set[int]) -> list[str]:
    edges = [0, *sorted(place for place in places if 0 < place < len(digits)), len(digits)]
    return [digits[a:b] for a, b in pairwise(edges)]


places = st.sets(st.integers(1, 17), max_size=6)
samples = st.sampled_from(SAMPLES)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Number, str, list[str]]:
    region, target = draw(samples)
    form = draw(st.sampled_from(forms(target)))
    return region, target, form, cut(form, draw(places))


def is_international(form: str, target: Number) -> bool:
    """Whether the form is the country code and the number, perhaps with a trunk 0 between."""
    e164 = target.e164[1:]
    head, tail = target.country_code, target.national
    middles = ["", "0", "1"] if target.country_code == "52" else ["", "0"]
    if target.country_code == "54" and target.national.startswith("9"):
        area = target.national[1 : target.area]
        if form == f"540{area}15{target.national[target.area :]}":
            return True
    return form == e164 or any(form == head + middle + tail for middle in middles)


def rings(digits: str, form: str, region: str, target: Number) -> str:
    """Give the number that rings when a reader dials what the page says."""
    text = digits
    if is_international(form, target):
        text, region = "+" + digits, "ZZ"
    else:
        for code, there in EXIT_CODES.items():
            if form.startswith(code) and is_international(form.removeprefix(code), target):
                text, region = digits, there
    parsed = phonenumbers.parse(text, None if region == "ZZ" else region)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(written(), st.data())
def test_whoever_dials_the_new_groups_reaches_the_tracking_number(page, data):
    region, target, form, groups = page
    same_country = [number for there, number in SAMPLES if there == region]
    tracking = data.draw(st.sampled_from(same_country))
    assume(tracking != target)
    new = regroup(groups, target, tracking)
    assert new is not None
    assert len(new) == len(groups)
    assert rings("".join(new), form, region, target) == tracking.e164


@given(written(), samples)
def test_another_countrys_number_can_be_dialled_too(page, sample):
    region, target, form, groups = page
    tracking = sample[1]
    assume(tracking.country_code != target.country_code)
    new = regroup(groups, target, tracking)
    assert new is not None
    assert rings("".join(new), form, region, target) == tracking.e164


@given(written())
def test_the_identity_map_gives_the_same_groups(page):
    _, target, _, groups = page
    assert regroup(groups, target, target) == groups
    assert regroup([*groups, ""], target, target) == [*groups, ""]


russian = st.from_regex(r"(495|499|812|4812|4842|49624)[1-9][0-9]{6}", fullmatch=True).map(
    lambda text: read("+7" + text[:10])
)


# Of two numbers drawn at random, few have area codes of one length.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(russian, russian, st.sampled_from(["7", "8", "8107", "007", ""]), places)
def test_groups_keep_their_lengths_where_the_numbers_have_the_same(target, tracking, head, places):
    assume(target.area == tracking.area)
    groups = cut(head + target.national, {place + len(head) for place in places} | {len(head)})
    if groups[bool(head)] != target.national[: target.area]:
        assume(len(groups[bool(head)]) <= target.area)
    new = regroup(groups, target, tracking)
    assert new == cut(
        head + tracking.national, {place + len(head) for place in places} | {len(head)}
    )


@given(russian, russian, st.sampled_from(["7", "8", ""]), st.sets(st.integers(3, 5), max_size=2))
def test_the_way_back_gives_the_groups_of_before(target, tracking, head, places):
    edges = {len(head), len(head) + target.area}
    edges |= {len(head) + target.area + place for place in places}
    groups = cut(head + target.national, edges)
    new = regroup(groups, target, tracking)
    assert new is not None
    assert regroup(new, tracking, target) == groups


@given(samples, samples)
def test_what_stands_on_the_page_is_found_by_its_forms(sample, other):
    target = sample[1]
    found = forms(target)
    assert list(found) == sorted(found, key=len, reverse=True)
    assert len(set(found)) == len(found)
    assert all(regroup([form], target, other[1]) is not None for form in found)


def test_a_moscow_number_is_written_in_these_forms():
    assert forms(MOSCOW) == (
        "01174951234567",
        "81074951234567",
        "0074951234567",
        "74951234567",
        "84951234567",
        "4951234567",
    )
    assert local_form(MOSCOW) == "1234567"


def test_a_london_number_is_written_with_and_without_the_bracketed_nought():
    found = forms(read("+442079460018"))
    assert {"442079460018", "4402079460018", "02079460018", "2079460018"} <= set(found)


def test_digits_too_few_to_be_told_from_a_price_are_no_form():
    assert {len(form) for form in forms(read("+49 30 1234"))} == {7, 8, 9, 10, 11, 12}


@pytest.mark.parametrize("e164", ["+78005553535", "+79160000001", "+447700900123", "+80012345678"])
def test_a_number_of_no_place_has_no_local_form(e164):
    assert local_form(read(e164)) is None


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [""],
        ["123", "45", "67"],
        ["7", "495", "123", "45", "68"],
        ["9", "495", "123", "45", "67"],
        ["7", "495", "123", "45", "67", "0"],
        ["0", "495", "123", "45", "67"],
    ],
)
def test_digits_that_are_no_notation_of_the_target_are_refused(groups):
    assert regroup(groups, MOSCOW, SMOLENSK) is None
    assert regroup(groups, MOSCOW, MOSCOW) is None


def test_the_area_code_moves_into_its_own_group():
    groups = ["495", "123", "45", "67"]
    assert regroup(groups, MOSCOW, SMOLENSK) == ["4812", "34", "56", "78"]
    assert regroup(["7", *groups], MOSCOW, SMOLENSK) == ["7", "4812", "34", "56", "78"]


def test_a_group_may_become_empty():
    groups = ["8", "495", "1", "23", "4567"]
    klin = read("+7 (49624) 1-23-45")
    assert regroup(groups, MOSCOW, klin) == ["8", "49624", "", "1", "2345"]


def test_local_digits_are_the_target_only_where_that_is_said():
    groups, neighbour = ["123", "45", "67"], read("+74957654321")
    assert regroup(groups, MOSCOW, neighbour) is None
    assert regroup(groups, MOSCOW, neighbour, local=True) == ["765", "43", "21"]
    assert regroup(groups, MOSCOW, SMOLENSK, local=True) == ["8-4812-34", "56", "78"]
    assert regroup(["1234567"], MOSCOW, SMOLENSK, local=True) == ["84812345678"]
    london = read("+442079460018")
    assert regroup(groups, MOSCOW, london, local=True) == ["+44-20-7946", "00", "18"]
    whole = ["8", "4812", "34", "56", "78"]
    assert regroup(["8", "495", *groups], MOSCOW, SMOLENSK, local=True) == whole


@pytest.mark.parametrize(
    ("groups", "plus", "new"),
    [
        (["7", "495", "1234567"], None, ["44", "20", "79460018"]),
        (["7", "495", "1234567"], True, ["44", "20", "79460018"]),
        (["7", "495", "1234567"], False, ["+44", "20", "79460018"]),
        (["00", "7", "495", "1234567"], False, ["00", "44", "20", "79460018"]),
        (["8", "495", "1234567"], None, ["+44", "20", "79460018"]),
        (["8", "495", "1234567"], True, ["44", "20", "79460018"]),
        (["84951234567"], False, ["+442079460018"]),
        (["495", "1234567"], False, ["+44-20", "79460018"]),
    ],
)
def test_another_countrys_number_gets_exactly_one_plus(groups, plus, new):
    assert regroup(groups, MOSCOW, read("+442079460018"), plus=plus) == new


def test_numbers_made_without_an_area_code_are_looked_up():
    bare = Number(e164="+74812345678", country_code="7", national="4812345678")
    assert regroup(["8", "495", "123", "45", "67"], MOSCOW, bare) == ["8", "4812", "34", "56", "78"]


@pytest.mark.parametrize(
    ("written", "groups", "new"),
    [
        ("+493012345678", ["49", "0", "30", "12345678"], ["7", "495", "", "1234567"]),
        ("+380445550123", ["38", "044", "555", "0123"], ["7", "495", "123", "4567"]),
    ],
)
def test_a_bracket_is_not_left_empty_for_another_countrys_number(written, groups, new):
    assert regroup(groups, read(written), MOSCOW) == new
