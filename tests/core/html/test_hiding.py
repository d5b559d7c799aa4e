"""Numbers hidden in a page: the bytes that change, and those that never do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.html import PlanCache, Targets, make_plan
from callgraft.html.hiding import Mask
from tests.core.tracked import FIRST, SECOND, number, site

UTF8 = "text/html; charset=utf-8"
TARGETS = Targets.of([site().targets["main"]])
MASK = Mask(target="main", numbers=(number(FIRST), number(SECOND)), label='Show "it" & dial')
LINK = "/r/{}?%2F"
PUT = re.compile(
    rb'<a href="/r/main\?%2F" rel="nofollow" title="Show &quot;it&quot; &amp; dial"'
    rb' aria-label="Show &quot;it&quot; &amp; dial"'
    rb' data-callgraft-mask="main:\d+">((?:(?!</a>).)*)</a>'
)
INSIDE = re.compile(
    rb'<span title="Show &quot;it&quot; &amp; dial"'
    rb' data-callgraft-mask="main:\d+">((?:(?!</span>).)*)</span>'
)


def hidden(body, mask=MASK):
    return make_plan(body, TARGETS, content_type=UTF8).swap({}, hidden=[mask], link=LINK)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("+7 495 123-45-67", "+7 499 000-XX-XX"),
        ("8 (495) 1234567", "8 (499) 000XXXX"),
        ("+7&nbsp;495&nbsp;123&#8209;45&#8209;67", "+7&nbsp;499&nbsp;000&#8209;XX&#8209;XX"),
        ("+7 495 123-45-6&#55;", "+7 499 000-XX-XX"),
        ("8 495 123 4<!-- 5 -->5 67", None),
        ("\uff18 \uff14\uff19\uff15 \uff11\uff12\uff13\uff14\uff15\uff16\uff17", None),
    ],
)
def test_the_last_digits_are_hidden_in_any_notation(written, shown):
    got = hidden(f"<p>{written}</p>".encode())
    assert got.count(b"X") == 4
    assert "67" not in PUT.search(got)[1].decode()
    if shown is not None:
        assert PUT.search(got)[1].decode() == shown


def test_numbers_without_anything_in_common_cannot_be_hidden():
    other = number("+7812000000")
    mask = Mask(target="main", numbers=(number(FIRST), other), label="x")
    assert mask.hidden == 0
    assert not make_plan(b"<p>8 495 123-45-67", TARGETS, content_type=UTF8).hides(mask)


def test_at_least_four_digits_are_hidden_and_no_more_than_differ():
    assert Mask(target="main", numbers=(number(FIRST),), label="x").hidden == 4
    far = number("+74991000001")
    assert Mask(target="main", numbers=(number(FIRST), far), label="x").hidden == 7


def test_warm_and_patched_plans_hide_alike():
    cache = PlanCache()
    frame = (
        b"<p>" + b"x" * 5000 + b"</p><meta token='%s'><a href='tel:+74951234567'>8 495 123-45-67"
    )
    for token in (b"aaaa", b"bbbb", b"bbbb", b"cc"):
        body = frame % token
        plan = cache.plan(body, TARGETS, content_type=UTF8, address="okna /")
        assert plan.swap({}, hidden=[MASK], link=LINK) == hidden(body)
        assert b"<a href='/r/main?%2F'><span" in hidden(body)
        assert plan.swap({"main": number(SECOND)}).count(b"X") == 0
    assert (cache.hits, cache.patched) == (1, 2)


def test_data_callgraft_and_selectors_say_where_nothing_is_hidden():
    body = b'<p data-callgraft="keep">8 495 123-45-67</p><p>8 495 123-45-67</p>'
    got = hidden(body)
    assert got.startswith(b'<p data-callgraft="keep">8 495 123-45-67</p><p><a href=')


PIECES = st.sampled_from(
    [
        b"8 (495) 123-45-67",
        b"+7 495 123-45-67",
        b"<a href='tel:+74951234567'>",
        b"<a href=/x title='8 (495) 123-45-67'>",
        b"</a>",
        b"<p>",
        b"<b>",
        b"</b>",
        b"<button>",
        b"</button>",
        b"8 <b>(495)</b> 123-45-67",
        b" text ",
        b"\xff\0",
        b"<!-- 8 (495) 123-45-67 -->",
    ]
)


@given(st.lists(PIECES, max_size=30))
def test_bytes_change_in_places_alone_and_links_come_around_them(pieces):
    body = b"".join(pieces)
    got = hidden(body)
    # Take out what was put in; what is left are the site's bytes with digits hidden.
    plain = INSIDE.sub(rb"\1", PUT.sub(rb"\1", got)).replace(b"/r/main?%2F", b"tel:+74951234567")
    assert plain.replace(b"499", b"495").replace(b"000-XX-XX", b"123-45-67") == body
    assert (got == body) == (b"X" not in got)


@pytest.mark.parametrize(
    ("body", "is_hidden"),
    [
        (b"<a href=/x>y</a> 8 495 123-45-67", True),
        (b"<!-- <a href=/x> --> 8 495 123-45-67", True),
        (b"<script>'<a href=/x>'</script> 8 495 123-45-67", True),
        (b"<ABBR>8 495 123-45-67</ABBR>", True),
        (b"<a title=it's>y</a><select><option>x</select> 8 495 123-45-67", True),
        (b"<svg/><svg><path/></svg> 8 495 123-45-67", True),
        (b"<A HREF=/x>8 495 123-45-67", False),
        (b"<div><a href=/x>open</div><p>8 495 123-45-67", False),
        (b"<label>8 495 123-45-67</label>", False),
        (b"<svg><text>8 495 123-45-67</text></svg>", False),
        (b"<button title='>'><i>8 495 123-45-67</i></button>", False),
    ],
)
def test_no_link_is_put_where_none_can_stand(body, is_hidden):
    assert (b"X" in hidden(body)) == is_hidden
