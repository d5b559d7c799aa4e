"""What is seen from very far is all that there is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.html import Targets
from callgraft.html.targets import LONGEST
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import chunks

MAIN = "+7 495 123-45-67"
FEW = (MAIN, "+7 812 765-43-21", "+7 800 555-35-35", "+1 800 356 9377", "+44 161 496 0123")
MANY = tuple(f"+7 495 {number:07}" for number in range(1_000_003, 9_000_000, 120_011))
GAPS = (
    *(" ", "-", ".", "(", ")", "\t", "\u00a0", "\u2011", "яя", "&nbsp;", "&#8209;", "%20", "\\/"),
    *("\\u00a0", "<wbr>", "<b title='<1>'>", '<b x="', "'", '"', ">", "<!-- 5 -->", "<!-- <4>"),
    *("-->", "&lt;b&gt;", "&lt;", "\\u003cb\\u003e", "&amp;nbsp;", "&amp;#8209;", "&", "<"),
    *("&#52;", "&#x34", "&#0057;", "&#5", "\uff15", "\uff11", "%35", "\\u0035", "x", "8", "4"),
)
gaps = st.lists(st.sampled_from(GAPS), max_size=3).map("".join)


def _targets(numbers: tuple[str, ...]) -> Targets:
    return Targets.of([Target(key=each, number=read(each), local=True) for each in numbers])


ALL = {numbers: _targets(numbers) for numbers in ((MAIN,), FEW, MANY)}


@st.composite
def _torn(draw: st.DrawFn) -> str:
    """A number with anything between its digits."""
    digits = draw(st.sampled_from((*FEW, *MANY[:3], "1 800 FLOWERS"))).replace(" ", "")
    return "".join(digit + draw(st.one_of(st.just(""), gaps)) for digit in digits)


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(st.one_of(_torn(), chunks), max_size=6), numbers=st.sampled_from([*ALL]))
def test_a_candidate_is_seen_wherever_its_pattern_fits(parts, numbers):
    page = " ".join(parts).encode()
    for one in ALL[numbers].passes.passes:
        seen = {first for first, _, _ in one.hits(page, 0, len(page))}
        fits = (one.pattern.match(page, at) for at in range(len(page)))
        assert seen == {hit.start() for hit in fits if hit and len(hit[0]) <= LONGEST}


@pytest.mark.parametrize("numbers", ALL.values(), ids=map(len, ALL))
def test_on_a_page_of_other_numbers_hardly_anything_is_seen(numbers):
    page = b"".join(b"<td>%d</td> <b>%d \xd1\x80</b>\n" % (at, at * 7919) for at in range(5000))
    seen = 0
    for one in numbers.passes.passes:
        start = -1
        while (start := one.beginning.find(page, start + 1, len(page))) >= 0:
            seen += 1
    assert seen < 50
