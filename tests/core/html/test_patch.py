"""A page that differs from a known one in a token gets the very plan that a scan would give."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callgraft.html import Plan, PlanCache, Targets, make_plan
from callgraft.html.difference import edits
from callgraft.html.plan import patch_plan
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import NOTATIONS, soup

MAIN = Target(key="main", number=read("+7 495 123-45-67"))
US = Target(key="us", number=read("+1 212 555 0123"))
TARGETS = Targets.of([MAIN, US])
TRACKING = {"main": read("+7 499 000-00-01"), "us": read("+1 212 555 0199")}
TOLD = "text/html; charset=utf-8"
FILLER = [
    f"<div class='card' data-id=\"{number}\"><p>слово {number * 7919}</p><br></div>\n".encode()
    for number in range(1200)
]
NUMBER = b"<p>8 (495) 123-45-67</p>"


def _page(*, token: str = "a1b2", stamp: str = "12:00", middle: bytes = b"") -> bytes:
    return b"".join(
        (
            f"<!DOCTYPE html><head><meta name=csrf content='{token}'></head>".encode(),
            NUMBER,
            *FILLER[:500],
            f"<form><input type=hidden value='{token}'></form>".encode() + middle,
            *FILLER[500:],
            b"<svg><path d='M0 0'/></svg><footer>" + NUMBER,
            f"<script>var now = '{stamp}'</script></footer>".encode(),
        )
    )


KNOWN = make_plan(_page(), TARGETS, content_type=TOLD)


def _same(page: bytes, like: Plan = KNOWN) -> Plan | None:
    patched = patch_plan(like, page, TARGETS, content_type=TOLD)
    if patched is not None:
        made = make_plan(page, TARGETS, content_type=TOLD)
        assert patched.places == made.places
        assert patched.targets == made.targets
        assert patched.swap(TRACKING) == made.swap(TRACKING)
        assert patched.body == page
    return patched


def test_new_tokens_and_a_new_time_stamp_need_no_scan():
    assert _same(_page(token="c3d4e5f6a7", stamp="13:37:00")) is not None


@pytest.mark.parametrize(
    "middle",
    [
        NUMBER,
        b"<!--",
        b"<script>",
        b"<a title='",
        b'<a title="',
        b"<textarea>",
        b"<svg>",
        b"<svg><desc>",
        b"<plaintext>",
        b"<!-- 84951234567 -->",
        b"<a href='tel:+74951234567'>+74951234567</a>",
        b"<meta content='8 495 123-45-67' x='" + b"y" * 3000 + b"' name=description>",
        b"<div data-callgraft=keep>" + NUMBER,
    ],
)
def test_whatever_comes_or_goes_in_the_middle_counts(middle):
    page = _page(middle=middle)
    _same(page)
    _same(_page(), make_plan(page, TARGETS, content_type=TOLD))


def test_a_number_that_came_is_found_without_a_scan_of_the_rest():
    patched = _same(_page(middle=NUMBER * 2))
    assert patched is not None
    assert len(patched.places) == 4


def test_the_first_number_that_comes_to_a_page_with_selectors_is_looked_at_by_a_scan():
    page = b"<main data-callgraft=keep>%s</main>" + b"".join(FILLER[:50])
    known = make_plan(page % b"", TARGETS, content_type=TOLD)
    assert patch_plan(known, page % NUMBER, TARGETS, content_type=TOLD) is None


def test_what_a_tag_says_far_behind_its_number_counts():
    meta = b"<meta content='8 495 123-45-67' x='" + b"y" * 3000 + b"' name=%s>"
    known = make_plan(_page(middle=meta % b"keywords"), TARGETS, content_type=TOLD)
    patched = _same(_page(middle=meta % b"description"), known)
    assert patched is not None
    assert [place.kind for place in patched.places] == ["text", "attribute", "text"]


def test_another_change_at_the_very_end_of_one_that_made_text_of_a_script():
    row = b"<i a='>'>y</i>\n" * 1200
    known = make_plan(NUMBER + b"<script>--" + row + NUMBER, TARGETS, content_type=TOLD)
    patched = _same(row + b"<script>--" + row + NUMBER + b"</script>" + row + NUMBER, known)
    assert patched is not None


def test_a_nesting_that_ends_far_behind_the_change_counts():
    rest = b"".join(FILLER[:900]) + b"</desc><![CDATA[ 84951234567 ]]>" + NUMBER
    known = make_plan(b"<b>" + rest, TARGETS, content_type=TOLD)
    _same(b"<svg><desc>" + rest, known)


def test_patch_upon_patch_is_still_a_scan():
    plan, rng = KNOWN, random.Random(7)
    for number in range(60):
        middle = b"<b>" * rng.randrange(9) + NUMBER * rng.randrange(3)
        page = _page(token="t" * rng.randrange(40), stamp=str(number), middle=middle)
        patched = _same(page, plan)
        assert patched is not None
        plan = patched


def test_another_charset_in_the_head_is_another_page():
    page = b"<head><meta charset=%s><p>x</p></head>" + b"y" * 2000 + NUMBER
    known = make_plan(page % b"utf-8", TARGETS, content_type=None)
    assert patch_plan(known, page % b"koi8-r", TARGETS, content_type=None) is None
    assert patch_plan(known, page % b"utf-16", TARGETS, content_type=None) is not None


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_patched_plan_is_the_plan_that_a_scan_makes(data):
    piece = st.one_of(
        soup,
        st.sampled_from(NOTATIONS),
        st.sampled_from(["", "<p>x</p>" * 90, "<p>x</p>" * 700, "<i a='>'>y</i>\n" * 1200]),
    ).map(str.encode)
    pieces = data.draw(st.lists(piece, min_size=3, max_size=14))
    changed = list(pieces)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(pieces) - 1))] = data.draw(piece)
    known = make_plan(b"".join(pieces), TARGETS, content_type=TOLD)
    _same(b"".join(changed), known)


STRANGE = ("<!--", "-->", '"', "'", ">", "<script>", "</script>", "<b", "</b", "7", "+", "&#5", " ")


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_may_come_and_go_anywhere(data):
    filler = st.sampled_from(("<p>x</p>" * 40, "слово " * 60, "<i a='>'>y</i>\n" * 400))
    tags = st.sampled_from(("<meta content='%s' x='%s' name=description>", "<b id=%s>%s</b>"))
    meta = st.builds("{}".format, tags).map(lambda tag: tag % (NOTATIONS[2], "y" * 900))
    piece = st.one_of(soup, st.sampled_from(NOTATIONS), filler, meta).map(str.encode)
    known = b"".join(data.draw(st.lists(piece, min_size=3, max_size=12)))
    page = known
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(page)))
        come = data.draw(st.one_of(st.sampled_from(STRANGE), st.text("0458<>-", max_size=30)))
        page = page[:at] + come.encode() + page[at + data.draw(st.integers(0, 40)) :]
    assert _same(page, make_plan(known, TARGETS, content_type=TOLD)) is not None


@given(old=st.text("ab<", max_size=300), new=st.text("ab<", max_size=300), pad=st.integers(0, 400))
def test_edits_turn_the_one_page_into_the_other(old, new, pad):
    middle = bytes(range(256)) * (pad // 100)
    before, after = old.encode() + middle + new.encode(), new.encode() + middle + old.encode()
    found = edits(before, after)
    at, here, out = 0, 0, b""
    for one in found or ():
        assert before[at : one.old_start] == after[here : one.start]
        out += before[at : one.old_start] + after[one.start : one.end]
        at, here = one.old_end, one.end
    assert found is None or out + before[at:] == after


def test_the_cache_patches_pages_of_one_address_and_keeps_one_of_them():
    cache = PlanCache()
    for number in range(20):
        plan = cache.plan(_page(token=str(number)), TARGETS, content_type=TOLD, address="/")
        assert len(plan.places) == 2
    assert (cache.hits, cache.misses, cache.patched) == (0, 20, 19)
    assert cache.size == plan.size


def test_a_page_that_was_seen_twice_stays_beside_those_of_its_address():
    cache = PlanCache()
    for token in ("1", "1", "2", "3", "1"):
        cache.plan(_page(token=token), TARGETS, content_type=TOLD, address="/")
    assert (cache.hits, cache.misses, cache.patched) == (2, 3, 2)


def test_other_targets_or_another_charset_are_never_patched():
    cache = PlanCache()
    cache.plan(_page(), TARGETS, content_type=TOLD, address="/")
    for targets, told in [(Targets.of([US]), TOLD), (TARGETS, "text/html; charset=koi8-r")]:
        page = _page(token="other")
        plan = cache.plan(page, targets, content_type=told, address="/")
        assert plan.places == make_plan(page, targets, content_type=told).places
    assert cache.patched == 0


def test_forgotten_plans_are_no_models():
    cache = PlanCache(max_bytes=KNOWN.size + 5000)
    for number in range(9):
        page = _page(token=str(number))
        cache.plan(page, TARGETS, content_type=TOLD, address=f"/{number % 3}")
        assert cache.size <= cache.max_bytes
    assert cache.patched == 0
