"""What holds for any bytes whatever."""

from __future__ import annotations

import html
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callgraft.html import Stream, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import CALM, DECOYS, NOTATIONS, charsets, content_types, notations, soup

MAIN = Target(key="main", number=read("+7 495 123-45-67"))
US = Target(key="us", number=read("+1 212 555 0123"))
TARGETS = Targets.of([MAIN, US])
SAME_LENGTH = {"main": read("+7 499 000-00-01")}
OTHER_LENGTHS = {"main": read("+44 20 7946 0123")}
MAPS = st.sampled_from((SAME_LENGTH, OTHER_LENGTHS, {"main": read("+7 4812 34-56-78")}))
pages = st.tuples(soup, charsets).map(lambda one: one[0].encode(one[1], "replace"))
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(page=st.one_of(pages, st.binary()), content_type=content_types)
def test_swapping_a_number_for_itself_changes_no_byte(page, content_type):
    plan = make_plan(page, TARGETS, content_type=content_type)
    assert plan.swap({"main": MAIN.number, "us": US.number}) == page


@many
@given(page=pages, content_type=content_types, numbers=MAPS)
def test_nothing_changes_outside_of_the_reported_places(page, content_type, numbers):
    plan = make_plan(page, TARGETS, content_type=content_type)
    pieces = []
    end = 0
    for place in plan.places:
        if place.policy == "swap":
            assert place.start >= end
            pieces.append(re.escape(page[end : place.start]))
            end = place.end
    pieces.append(re.escape(page[end:]))
    slot = rb"[^\0]{7,200}?"
    assert re.fullmatch(slot.join(pieces), plan.swap(numbers), re.DOTALL)


@many
@given(page=pages, content_type=content_types, numbers=MAPS, data=st.data())
def test_a_page_in_pieces_gives_the_same_page(page, content_type, numbers, data):
    padding = data.draw(st.sampled_from((0, 700, 1100, 3000)))
    page = b" " * padding + page + b"\n" + b"y" * data.draw(st.sampled_from((0, 900, 5000)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(page)), max_size=12)))
    stream = Stream(TARGETS, numbers, content_type=content_type)
    pieces = [page[a:b] for a, b in zip([0, *cuts], [*cuts, len(page)], strict=True)]
    out = b"".join(map(stream.feed, pieces)) + stream.close()
    assert out == make_plan(page, TARGETS, content_type=content_type).swap(numbers)


@many
@given(
    parts=st.lists(st.sampled_from(CALM), max_size=20),
    planted=st.lists(st.sampled_from(NOTATIONS), max_size=4),
    decoys=st.lists(st.sampled_from(DECOYS), max_size=4),
    charset=st.sampled_from(("utf-8", "windows-1251", "koi8-r", "iso-8859-5")),
    data=st.data(),
)
def test_every_planted_number_is_found_and_every_decoy_stays(parts, planted, decoys, charset, data):
    numbers = data.draw(st.permutations([*planted, *decoys]))
    page = "".join(parts)
    for number in numbers:
        page += f"<p>{number}</p>" + data.draw(st.sampled_from(CALM))
    plan = make_plan(page.encode(charset), TARGETS, content_type=f"text/html; charset={charset}")
    assert len(plan.places) == len(planted)
    swapped = plan.swap(SAME_LENGTH).decode(charset)
    assert all(swapped.count(decoy) >= decoys.count(decoy) for decoy in decoys)


@many
@given(
    parts=st.lists(st.sampled_from(CALM), max_size=20),
    planted=st.lists(st.sampled_from(NOTATIONS[:7]), max_size=4),
)
def test_swapping_back_gives_the_page_as_it_was(parts, planted):
    page = ("".join(parts) + "<p>".join(["", *planted])).encode()
    swapped = make_plan(page, TARGETS, content_type=None).swap(SAME_LENGTH)
    back = Targets.of([Target(key="main", number=SAME_LENGTH["main"])])
    assert make_plan(swapped, back, content_type=None).swap({"main": MAIN.number}) == page


@many
@given(
    written=notations(),
    charset=st.sampled_from(("utf-8", "windows-1251", "koi8-r")),
    data=st.data(),
)
def test_a_number_in_any_notation_is_found_in_any_pieces_of_a_page(written, charset, data):
    page = f"{'x' * data.draw(st.integers(0, 1200))}<p>{written}</p>".encode(charset)
    content_type = f"text/html; charset={charset}"
    (place,) = make_plan(page, TARGETS, content_type=content_type).places
    assert page[place.start : place.end].count(b"67") == 1
    cut = data.draw(st.integers(0, len(page)))
    stream = Stream(TARGETS, SAME_LENGTH, content_type=content_type)
    swapped = stream.feed(page[:cut]) + stream.feed(page[cut:]) + stream.close()
    digits = "".join(
        filter(str.isdigit, html.unescape(re.sub("<.*?>", "", swapped.decode(charset))))
    )
    assert digits.endswith("4990000001")
