"""A leap over many tags, compiled or not, ends in the same state as a walk over each byte."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callgraft.html.leap import leap
from callgraft.html.mode import Mode
from callgraft.html.walk import Walker
from tests.core.html.soup import soup
from tests.core.html.steps import SCANNERS, with_scanner

FAR = b"<p class='x'>one <a href=\"/two\">two</a> it's<br/>\n</p>" * 14
BARE = b"<p class=x>one<br>two</p>" * 30
TRAPS = [
    b"",
    b"<a title='",
    b'<a title="',
    b"<a title= \t'",
    b"<a title=\n\"x' y=",
    b"<a title=x\"y='z>",
    b"<a b",
    b"<!--",
    b"<!-->",
    b"<!--->",
    b"<!--x--!>",
    b"<!doctype html><?php x ?>",
    b"</ x='>",
    b"<script>",
    b"<ScRiPt>x</sCrIpT >",
    b"<script><!--<script></script>",
    b"<script><!--<script></script>--></script>",
    b"<script/>",
    b"<sTyle>",
    b"<STYLE></style><tItle></tiTle><TEXTAREA></textarea>",
    b"<title>",
    b"<textarea>",
    b"<xmp>",
    b"<iFrame>",
    b"<noembed>",
    b"<noframes>",
    b"<PLAINTEXT>",
    b"<svg>",
    b"<svg/>",
    b"<svg><path d='x'/></svg>",
    b"<svg><title><p></title></svg>",
    b"<svg></svg/>",
    b"<svg x=y/></svg>",
    b"<svg><script>",
    b"<svg><![CDATA[<p>]]></svg>",
    b"<svg><!-- --></svg>",
    b"<mAth><mi>",
    b"<![CDATA[<p>]]>",
    b"<p <script>>",
    b"<p title='<script>'>",
    b"x<y <script",
    b"<svg><g><path d='>'/></g><circle/></svg >",
    b"<svg><use></svg",
    b"<svg><a></a></svg>",
    b"<svg / >",
    b"<svg a=/>",
    b"<style></styles></style/x='>'>",
    b"<script></script><script></script x>",
    b"<titl><titles></title>",
    b"<math/><math a/ >",
    b"<![endif]--><![CDATA[x>",
    b"<!-->--!>",
    b"<!-- --!-->",
    b"<a =\"x' y>",
    b"<a b = c/>",
    b"</p a='>'>",
    b"<s@ript></script>",
    b"<style></styles><a b='</style>",
    b"<script></scripts><a b='</script>",
    b"<!--x--!><a b='-->",
    b"<svg/><title><a b='</title>",
]
"""What may come before or behind, so that tags are no tags."""


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("trap", TRAPS)
def test_a_leap_is_a_walk_past_every_trap(trap, scanner):
    for other in TRAPS:
        page = FAR + trap + BARE + other + BARE + b"<a title='end"
        for until in range(len(page) - 30, len(page) + 1, 7):
            with with_scanner(scanner):
                assert _state(page, [until], leaps=True) == _state(page, [until], leaps=False)


@pytest.mark.parametrize("scanner", SCANNERS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(soup.map(lambda text: text.encode()), min_size=1, max_size=4), data=st.data())
def test_a_leap_is_a_walk_over_any_soup(scanner, parts, data):
    page = data.draw(st.sampled_from((FAR, BARE))).join(parts)
    stops = sorted(data.draw(st.lists(st.integers(0, len(page)), min_size=1, max_size=4)))
    with with_scanner(scanner):
        assert _state(page, stops, leaps=True) == _state(page, stops, leaps=False)


def test_an_ordinary_page_is_leapt_over_as_a_whole():
    page = FAR + b"<script>if (a<b) '</p>'</script><svg><path d=''/></svg><!-- x -->" + FAR
    assert leap(page, 0, len(page)) == len(page)


def _state(page: bytes, stops: list[int], *, leaps: bool) -> tuple[object, ...]:
    walker = Walker()
    walker.leaps = leaps
    for stop in stops:
        walker.to(page, stop)
    told: tuple[object, ...] = (walker.pos, walker.mode, walker.foreign)
    if walker.mode is Mode.VALUE:
        told += (walker.attribute, walker.quote, walker.start, walker.tag, walker.tag_start)
    return (*told, walker.element, walker.start) if walker.mode is Mode.RAW else told
