"""
The posterior against the worked example, against its promises, and against a second
implementation that is written as the formulas are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.source import Touch
from callgraft.tracking.attribution import (
    DEFAULT,
    Exposure,
    Sign,
    SignKind,
    attribute,
    posterior,
    source_only,
    state_of,
)
from callgraft.tracking.values import Attribution

RING = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBER = "+74990000001"
DIRECT = Touch(source="direct", medium="none", channel="direct")
YANDEX = Touch(
    source="yandex", medium="cpc", channel="paid search", campaign="windows", keyword="plastic"
)
HERE, ELSEWHERE = "RU-MOW", "RU-SPE"


def before(seconds: float) -> datetime:
    return RING - timedelta(seconds=seconds)


def sign(ago: float, kind: str = "page", *, contact: bool = False) -> Sign:
    return Sign(at=before(ago), kind=SignKind(kind), is_contact=contact)


def exposure(visitor: str, *log: Sign, shown: float = 0, **changes) -> Exposure:
    earliest = min((entry.at for entry in log), default=before(shown))
    given_ = {"number": NUMBER, "visitor": visitor, "session": f"{visitor}-1", "touch": DIRECT}
    return Exposure(**{**given_, "shown_at": earliest, "log": log, **changes})


# The worked example: A pressed the call link, B is reading, C went away.
A = exposure(
    "A",
    sign(90, contact=True),
    sign(6, "tel_pressed"),
    sign(5, "hidden"),
    device="mobile",
    region=HERE,
    touch=YANDEX,
)
A_WITHOUT_PRESS = replace(
    A, log=tuple(entry for entry in A.log if entry.kind is not SignKind.TEL_PRESSED)
)
B = exposure(
    "B", sign(119), *[sign(118 - 10 * step, "active") for step in range(12)], region=ELSEWHERE
)
C = exposure(
    "C", sign(2500), sign(2400, contact=True), sign(2400, "hidden"), device="mobile", region=HERE
)


def shown_shares(exposures, caller_region) -> dict[str, str]:
    shared = posterior(exposures, rang_at=RING, caller_region=caller_region)
    shares = {share.exposure.visitor: f"{share.probability:.4f}" for share in shared.shares}
    return {**shares, "stray": f"{shared.stray:.4f}"}


def test_the_worked_example_stands_in_its_states():
    states = [(state_of(u, RING).level, state_of(u, RING).bin) for u in (A, A_WITHOUT_PRESS, B, C)]
    assert states == [(5, 1), (3, 1), (2, 0), (3, 8)]


def test_a_pressed_call_link_decides_the_worked_example():
    assert shown_shares([A, B, C], HERE) == {
        "A": "0.9996",
        "B": "0.0003",
        "C": "0.0001",
        "stray": "0.0000",
    }


def test_without_the_press_the_contact_page_decides_the_worked_example():
    assert shown_shares([A_WITHOUT_PRESS, B, C], HERE) == {
        "A": "0.9825",
        "B": "0.0112",
        "C": "0.0059",
        "stray": "0.0004",
    }


def test_without_the_press_a_caller_from_elsewhere_is_the_visitor_from_there():
    shown = shown_shares([A_WITHOUT_PRESS, B, C], ELSEWHERE)
    assert shown == {"B": "0.8325", "A": "0.1652", "C": "0.0010", "stray": "0.0013"}
    assert list(shown) == ["B", "A", "C", "stray"]


def test_without_press_and_caller_id_regions_do_not_count():
    assert shown_shares([A_WITHOUT_PRESS, B, C], None) == {
        "A": "0.8000",
        "B": "0.1920",
        "C": "0.0048",
        "stray": "0.0032",
    }


def test_the_named_visitor_brings_the_whole_touch_of_that_session():
    found = attribute([B, C, A], rang_at=RING, caller_region=HERE)
    assert (found.method, found.visitor, found.session) == ("posterior", "A", "A-1")
    assert (found.source, found.medium) == ("yandex", "cpc")
    assert (found.campaign, found.keyword) == ("windows", "plastic")
    assert found.probability == found.source_probability == found.candidates[0].probability
    assert f"{found.probability:.4f}" == "0.9996"
    assert [candidate.visitor for candidate in found.candidates] == ["A", "B", "C"]


def test_reasons_are_in_words_and_never_claim_more_than_99_percent():
    found = attribute([A, B, C], rang_at=RING, caller_region=HERE)
    assert found.candidates[0].because == (
        "shown 90 s before the ring, 1 page, contact page seen, call link pressed 6 s before the"
        " ring, on the page when it rang, caller from the same region"
    )
    assert found.candidates[2].because == (
        "shown 41 min before the ring, 2 pages, contact page seen, silent for 40 min,"
        " caller from the same region"
    )
    assert found.because == (
        f"Matched with 99 %: {found.candidates[0].because}."
        " Also possible: 2 other visitors less than 1 %, a stranger less than 1 %."
    )


def test_a_visitor_is_probable_from_half_and_matched_from_four_fifths():
    found = attribute([A_WITHOUT_PRESS, B], rang_at=RING)
    assert found.because.startswith("Matched with 80 %: ")
    likely = attribute([A_WITHOUT_PRESS, B, replace(B, visitor="D")], rang_at=RING)
    assert likely.visitor == "A"
    assert likely.because.startswith("Probably this visitor with 67 %: ")


def twins(*touches: Touch) -> list[Exposure]:
    """Visitors who differ in nothing but where they came from."""
    return [
        replace(B, visitor=f"v{number}", session=f"s{number}", touch=touch)
        for number, touch in enumerate(touches)
    ]


def test_nobody_is_named_below_half_but_the_source_that_all_share_is_told():
    found = attribute(twins(YANDEX, YANDEX, YANDEX), rang_at=RING)
    assert (found.visitor, found.session) == ("", "")
    assert found.probability == found.candidates[0].probability < 0.34
    assert (found.source, found.medium) == ("yandex", "cpc")
    assert (found.campaign, found.keyword) == ("windows", "plastic")
    assert isclose(found.source_probability, sum(c.probability for c in found.candidates))
    assert found.because == (
        "Several visitors are possible, the likeliest with 33 %. The source is yandex with 99 %."
    )


def test_only_what_four_fifths_agree_on_is_told():
    other_keyword, other_campaign = (
        replace(YANDEX, keyword="wooden"),
        replace(YANDEX, campaign="doors"),
    )
    found = attribute(twins(YANDEX, other_keyword), rang_at=RING)
    assert (found.source, found.campaign, found.keyword) == ("yandex", "windows", "")
    # The same keyword in another campaign is another advertisement.
    found = attribute(twins(YANDEX, YANDEX, other_campaign), rang_at=RING)
    assert (found.source, found.medium, found.campaign, found.keyword) == ("yandex", "cpc", "", "")
    # Nine of eleven agree; of eight of ten that look alike, one is another source's.
    both = replace(YANDEX, source="google"), replace(YANDEX, medium="organic")
    found = attribute(twins(*[YANDEX] * 9, *both), rang_at=RING)
    assert (found.source, found.medium, found.campaign) == ("yandex", "cpc", "windows")
    found = attribute(twins(*[YANDEX] * 8, *both), rang_at=RING)
    assert (found.source, found.medium, found.campaign) == ("yandex", "", "")
    found = attribute(twins(YANDEX, replace(YANDEX, medium="organic")), rang_at=RING)
    assert (found.source, found.medium, found.campaign) == ("yandex", "", "")


def test_a_source_below_four_fifths_is_not_told_but_stands_with_the_candidates():
    found = attribute(twins(YANDEX, YANDEX, DIRECT), rang_at=RING)
    assert (found.source, found.medium, found.visitor) == ("", "", "")
    assert f"{found.source_probability:.2f}" == "0.66"
    assert sorted(c.source for c in found.candidates) == ["direct", "yandex", "yandex"]
    assert found.because.endswith("No source is likely enough to be told.")


def test_a_named_visitor_brings_a_source_that_alone_would_not_be_told():
    found = attribute([A_WITHOUT_PRESS, B, replace(B, visitor="D")], rang_at=RING)
    assert (found.visitor, found.source) == ("A", "yandex")
    assert f"{found.source_probability:.2f}" == "0.67"


def test_only_the_first_five_candidates_are_kept():
    found = attribute(twins(*[YANDEX] * 8), rang_at=RING)
    assert len(found.candidates) == 5
    assert found.source_probability > 0.99


def test_a_number_that_nobody_was_shown_was_rung_by_a_stranger():
    shared = posterior([], rang_at=RING)
    assert (shared.shares, shared.stray) == ((), 1.0)
    assert attribute([], rang_at=RING) == Attribution(
        method="posterior",
        because="Nobody had been shown this number before it rang.",
        stray=1.0,
        tables="default-1",
    )


def test_a_session_of_last_week_is_likelier_a_stranger():
    found = attribute([exposure("E", sign(9 * 86400))], rang_at=RING)
    assert (found.visitor, found.source) == ("", "")
    assert found.because.startswith("Most likely a stranger rang, with 99 %; the likeliest visitor")


def test_the_newest_exposure_of_a_visitor_counts():
    older = replace(A, session="A-0", shown_at=before(9000), touch=DIRECT)
    shared = posterior([older, A, B], rang_at=RING)
    assert [share.exposure.session for share in shared.shares] == ["A-1", "B-1"]


def test_a_call_given_to_a_session_lowers_its_weight_for_the_next():
    shared = posterior([replace(A_WITHOUT_PRESS, called=1.0), B], rang_at=RING)
    expected = {"A": 5e-4 * 0.08, "B": 1.2e-4}
    total = sum(expected.values()) + 2e-6
    got = {share.exposure.visitor: share.probability for share in shared.shares}
    assert got == pytest.approx({name: value / total for name, value in expected.items()})


def test_learned_tables_weigh_the_source_the_number_and_the_hour():
    tables = replace(
        DEFAULT,
        src={"yandex": 2.0},
        stray={NUMBER: 1e-4},
        hour=tuple(3.0 if hour == 12 else 1.0 for hour in range(24)),
        version="learned-7",
    )
    shared = posterior([A_WITHOUT_PRESS, B], rang_at=RING, tables=tables)
    total = 5e-4 * 2 + 1.2e-4 + 3e-4
    assert isclose(shared.shares[0].probability, 1e-3 / total)
    assert isclose(shared.stray, 3e-4 / total)
    assert shared.version == "learned-7"


def test_tables_that_rule_everybody_out_leave_the_stranger():
    tables = replace(DEFAULT, src={"direct": 0.0}, stray_elsewhere=0.0)
    shared = posterior([B, C], rang_at=RING, tables=tables)
    assert [share.probability for share in shared.shares] == [0.0, 0.0]
    assert shared.stray == 1.0


def test_an_overflow_or_fixed_number_tells_its_source_and_nobody():
    assert source_only("billboard", "offline", "spring", "Fixed number.") == Attribution(
        method="source_only",
        source="billboard",
        medium="offline",
        campaign="spring",
        source_probability=1.0,
        because="Fixed number.",
    )
    assert source_only("", "", "", "Overflow number of pool main.").source_probability == 0.0


def test_the_default_tables_are_those_of_the_book():
    lam, val = DEFAULT.lam["mobile"], DEFAULT.val["other"]
    assert [row[2] for row in lam] == pytest.approx(
        [1.5e-6, 1.5e-5, 3e-5, 1.5e-4, 1.8e-4, 4e-3, 9e-5, 9e-5, 1.5e-4, 1.8e-4, 7.5e-4]
    )
    assert [row[3] for row in val[:3]] == pytest.approx([0.03 * v for v in (0.01575, 0.175, 0.42)])
    assert [row[4] for row in val] == pytest.approx(
        [0.03 * v for v in (0.0126, 0.14, 0.336, 1.68, 1.68, 4.48, 1.12, 0.48, 0.6, 0.72, 3.0)]
    )
    assert {
        len(row) for grid in (*DEFAULT.lam.values(), *DEFAULT.val.values()) for row in grid
    } == {17}


# ------------------------------------------------------------------------ properties

CONSTANT_FIRST = (0, 1, 2, 3, 4, 6)  # levels whose clock is silence and whose rate only falls

signs = st.builds(
    Sign,
    at=st.one_of(
        st.integers(-40, 700).map(lambda halves: before(halves / 2)),
        st.integers(0, 20 * 86400).map(before),
    ),
    kind=st.sampled_from(list(SignKind)),
    is_contact=st.booleans(),
)
touches = st.builds(
    Touch,
    source=st.sampled_from(["yandex", "google", "direct"]),
    medium=st.sampled_from(["cpc", "organic"]),
    channel=st.just("other"),
)
exposures_ = st.lists(
    st.builds(
        Exposure,
        number=st.just(NUMBER),
        visitor=st.sampled_from("abcdef"),
        session=st.uuids().map(str),
        shown_at=st.integers(-20, 700).map(before),
        touch=touches,
        device=st.sampled_from(["mobile", "desktop", "tablet"]),
        region=st.sampled_from([HERE, ELSEWHERE, None]),
        called=st.floats(0, 1),
        log=st.lists(signs, max_size=12).map(tuple),
    ),
    max_size=7,
    unique_by=lambda u: u.shown_at,
)
regions = st.sampled_from([HERE, ELSEWHERE, "RU-LEN", None])
tables_ = st.builds(
    replace,
    st.just(DEFAULT),
    src=st.fixed_dictionaries({"yandex": st.floats(0.2, 5)}),
    pi=st.fixed_dictionaries({HERE: st.floats(0.01, 0.9)}),
    rho=st.fixed_dictionaries({"mobile": st.floats(0, 1), "other": st.floats(0, 1)}),
    stray=st.sampled_from([{}, {NUMBER: 3e-5}]),
)


@given(exposures=exposures_, region=regions, tables=tables_)
def test_all_probabilities_add_up_to_one(exposures, region, tables):
    shared = posterior(exposures, rang_at=RING, caller_region=region, tables=tables)
    probabilities = [share.probability for share in shared.shares]
    assert isclose(sum(probabilities) + shared.stray, 1.0, abs_tol=1e-12)
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= probability <= 1 for probability in [*probabilities, shared.stray])


@given(exposures=exposures_, region=regions, data=st.data())
def test_what_came_after_the_ring_and_the_order_of_things_change_nothing(exposures, region, data):
    expected = attribute(exposures, rang_at=RING, caller_region=region)
    known = [
        replace(u, log=tuple(data.draw(st.permutations([s for s in u.log if s.at <= RING]))))
        for u in exposures
        if u.shown_at <= RING
    ]
    shuffled = data.draw(st.permutations(known))
    assert attribute(shuffled, rang_at=RING, caller_region=region) == expected


@given(exposures=exposures_, region=regions)
def test_the_record_says_no_more_than_the_shares_do(exposures, region):
    shared = posterior(exposures, rang_at=RING, caller_region=region)
    found = attribute(exposures, rang_at=RING, caller_region=region)
    mass: dict[str, float] = {}
    for share in shared.shares:
        source = share.exposure.touch.source
        mass[source] = mass.get(source, 0.0) + share.probability
    assert bool(found.visitor) == (found.probability >= 0.5)
    assert found.source or all(value < 0.8 + 1e-9 for value in mass.values())
    if found.source:
        assert isclose(found.source_probability, mass[found.source])
        assert found.visitor or found.source_probability >= 0.8
    assert "100 %" not in found.because


@given(exposure_=exposures_.filter(bool).map(lambda some: some[0]), wait=st.integers(1, 10**6))
def test_more_silence_never_raises_a_weight_within_a_level(exposure_, wait):
    past = replace(exposure_, shown_at=min(exposure_.shown_at, RING))
    past = replace(past, log=tuple(entry for entry in past.log if entry.at <= RING))
    now, later = state_of(past, RING), state_of(past, RING + timedelta(seconds=wait))
    if now.level == later.level and now.level in CONSTANT_FIRST:
        assert DEFAULT.rate("mobile", later) <= DEFAULT.rate("mobile", now)
        assert DEFAULT.worth("mobile", later) <= DEFAULT.worth("mobile", now)


def test_rates_only_fall_with_silence_but_for_the_time_that_dialling_takes():
    peaks = [row.index(max(row)) for row in DEFAULT.lam["mobile"]]
    assert peaks == [0, 0, 0, 0, 0, 1, 0, 2, 2, 2, 2]
    for row, peak in zip(DEFAULT.lam["mobile"], peaks, strict=True):
        assert list(row[peak:]) == sorted(row[peak:], reverse=True)
    for row in DEFAULT.val["mobile"]:
        assert list(row) == sorted(row, reverse=True)


# ------------------------------------------------------------------ the second implementation

EDGES = [3, 15, 60, 120, 300, 600, 1200, 2400, 4800, 10800, 21600, 43200, 86400, 172800, 345600]
EDGES += [604800]
SHAPES = {
    "watched": "1.2e-4 1e-4 3e-5 2e-5 1e-5 5e-6 2.5e-6 1.2e-6 6e-7 3e-7 1.5e-7 8e-8 4e-8 2e-8"
    " 1e-8 5e-9 1e-9",
    "pressed": "1e-2 2e-2 4e-3 5e-4 1e-4 3e-5 1e-5 5e-6 2e-6 1e-6 5e-7 2e-7 1e-7 5e-8 2e-8 1e-8"
    " 2e-9",
    "blind": "2e-5 8e-5 1.5e-4 1.2e-4 7e-5 3e-5 1.2e-5 5e-6 2e-6 8e-7 3.5e-7 1.6e-7 8e-8 4e-8 2e-8"
    " 1e-8 2e-9",
}
FACTORS = dict(enumerate([0.05, 0.5, 1, 5, 6, 1, 3, 0.6, 1, 1.2, 5]))


def reference_rate(u: Exposure) -> float:
    """lam[state(u, ring)], all times in seconds before the ring."""
    log = [((RING - s.at).total_seconds(), s) for s in u.log if s.at <= RING]
    ago = {kind: sorted(t for t, s in log if s.kind == kind) for kind in SignKind}
    shown = (RING - u.shown_at).total_seconds()
    pages = len(ago["page"])
    contact = any(s.is_contact for _, s in log if s.kind == "page")
    helper = any(s.kind != "page" for _, s in log)
    alive = [(t, "page") for t in [*ago["page"], shown]]
    alive += [
        (t, kind) for kind in ("active", "visible", "hidden", "tel_pressed") for t in ago[kind]
    ]
    silence = min(t for t, _ in alive)
    newest = {kind for t, kind in alive if t == silence}
    if newest != {"hidden"} and ago["active"] and ago["active"][0] <= 10:
        silence = 0.0
    if not helper:
        level = 10 if contact else 9 if pages >= 4 else 8 if pages >= 2 else 7
    elif ago["tel_pressed"]:
        level = 5
    elif reference_back(alive):
        level = 6
    elif ago["number_touched"]:
        level = 4
    elif contact:
        level = 3
    else:
        engaged = reference_engaged(ago["active"], ago["hidden"])
        level = 2 if engaged >= 90 else 1 if engaged >= 15 else 0
    clock = ago["tel_pressed"][0] if level == 5 else silence
    shape = SHAPES["pressed" if level == 5 else "watched" if level < 7 else "blind"].split()
    column = sum(1 for edge in EDGES if clock >= edge)
    return FACTORS[level] * float(shape[column])


def reference_back(alive) -> bool:
    """A look or input, two minutes after anything, and no page since."""
    returns = [
        t
        for t, kind in alive
        if kind in ("visible", "active")
        and [earlier for earlier, _ in alive if earlier > t]
        and min(earlier for earlier, _ in alive if earlier > t) - t >= 120
        and not any(kind_ in ("hidden", "page") for t_, kind_ in alive if t_ == t)
        and not (kind == "active" and (t, "visible") in alive)
    ]
    return any(not [p for p, kind in alive if kind == "page" and p < t] for t in returns)


def reference_engaged(active, hidden) -> float:
    """Half seconds in which the newest input was at most ten seconds old and not hidden since."""
    slots = set()
    for start in active:
        for step in range(20):
            slot = start - step / 2
            if slot <= 0 or any(slot <= t < start for t in hidden):
                break
            slots.add(slot)
    return len(slots) / 2


def reference_posterior(exposures, region, tables) -> tuple[dict[str, float], float]:
    newest: dict[str, Exposure] = {}
    for u in exposures:
        kept = newest.get(u.visitor)
        if u.shown_at <= RING and (kept is None or u.shown_at > kept.shown_at):
            newest[u.visitor] = u
    weights = {}
    pi = None if region is None else tables.pi.get(region, 0.05)
    for u in newest.values():
        rho = tables.rho["mobile" if u.device == "mobile" else "other"]
        r = 1.0 if pi is None else (1 - rho) * pi + (rho if u.region == region else 0)
        if pi is not None and u.region is None:
            r = pi
        weights[u.session] = (
            reference_rate(u) * tables.src.get(u.touch.source, 1) * r * (1 - u.called * 0.92)
        )
    stray = tables.stray.get(NUMBER, 2e-6) * tables.hour[12] * (1 if pi is None else pi)
    if not weights:
        return {}, 1.0
    total = sum(weights.values()) + stray
    return {session: weight / total for session, weight in weights.items()}, stray / total


@settings(max_examples=400)
@given(exposures=exposures_, region=regions, tables=tables_)
def test_the_second_implementation_agrees(exposures, region, tables):
    shared = posterior(exposures, rang_at=RING, caller_region=region, tables=tables)
    expected, stray = reference_posterior(exposures, region, tables)
    got = {share.exposure.session: share.probability for share in shared.shares}
    assert got == pytest.approx(expected, abs=1e-9)
    assert isclose(shared.stray, stray, abs_tol=1e-9)
