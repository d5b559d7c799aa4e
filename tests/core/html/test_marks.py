"""Marks of promo codes in a page: found however they are written, and filled like numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.html import PlanCache, Stream, Targets, make_body_plan, make_plan
from callgraft.html.marks import Marks
from callgraft.promo import Promo
from tests.core.tracked import FIRST, number, site

UTF8 = "text/html; charset=utf-8"
MAIN = site().targets["main"]
NUMBERS = {"main": number(FIRST)}
CODE = "482913"
PAGE = b"<p>+7 495 123-45-67, code {{ promo_code }}</p><a title='{{promo_code}}'>{{ promo_code }}"


def targets(**promo):
    return Targets.of([MAIN], Marks.of(Promo(**promo)))


def filled(body, code=CODE, kind=UTF8, numbers=(), **promo):
    return make_plan(body, targets(**promo), content_type=kind).swap(dict(numbers), code)


@pytest.mark.parametrize(
    "mark",
    [
        b"{{ promo_code }}",
        b"{{promo_code}}",
        b"{{\n\tpromo_code  }}",
        b"{{&nbsp;promo_code&nbsp;}}",
        b"{{&#160;promo_code\xc2\xa0}}",
        b"&#123;&#123; promo_code &#125;&#125;",
        b"&#x7B;{ promo_code &rcub;}",
        b"%7B%7B%20promo_code%20%7D%7D",
    ],
)
def test_a_mark_is_found_however_an_editor_writes_it(mark):
    assert filled(b"<p>code " + mark + b"!</p>") == b"<p>code 482913!</p>"


@pytest.mark.parametrize(
    "other",
    [
        b"{ promo_code }",
        b"promo_code",
        b"{{ my_promo_code }}",
        b"{{ promo_codes }}",
        b"{{ promo_code | upper }}",
        b"{{ PROMO_CODE }}",
        b"{{ promo_code",
        b"promo_code }}",
    ],
)
def test_what_is_no_mark_stays(other):
    assert filled(other) == other


def test_a_mark_of_the_sites_own_stands_alone():
    body = b"PROMO-CODE, PROMO-CODE2 and XPROMO-CODE <b>PROMO-CODE</b> {{ promo_code }}"
    assert filled(body, placeholder="PROMO-CODE") == (
        b"482913, PROMO-CODE2 and XPROMO-CODE <b>482913</b> {{ promo_code }}"
    )


def test_a_mark_stands_anywhere_in_a_page():
    body = (
        b"<title>{{ promo_code }}</title><input value='{{ promo_code }}'>"
        b'<script>let code = "{{ promo_code }}"</script><!-- {{ promo_code }} -->'
        b"<a href='https://wa.me/1?text={{ promo_code }}'>"
    )
    assert filled(body) == body.replace(b"{{ promo_code }}", b"482913")


def test_without_a_code_the_fallback_stands_there_in_the_pages_charset():
    body = "<p>Код: {{ promo_code }}</p>".encode("cp1251")
    kind = "text/html; charset=windows-1251"
    assert filled(body, "", kind=kind) == "<p>Код: </p>".encode("cp1251")
    assert filled(body, "", kind=kind, fallback="спросите ☎") == (
        "<p>Код: спросите ".encode("cp1251") + b"&#9742;</p>"
    )


def test_numbers_and_codes_are_filled_in_one_page():
    assert filled(PAGE, numbers=NUMBERS) == (
        b"<p>+7 499 000-00-01, code 482913</p><a title='482913'>482913"
    )
    assert filled(PAGE, "") == b"<p>+7 495 123-45-67, code </p><a title=''>"


def test_a_number_that_a_mark_holds_wins():
    body = b"<p>T:8-495-123-45-67 and T:8-495-123-45-67</p>"
    got = filled(body, numbers=NUMBERS, placeholder="T:8-495-123-45-67")
    assert got == b"<p>T:8-499-000-00-01 and T:8-499-000-00-01</p>"


def test_a_plan_tells_where_marks_are():
    plan = make_plan(PAGE, targets(), content_type=UTF8)
    assert plan.has_code
    assert [PAGE[each.start : each.end] for each in plan.marks] == [
        b"{{ promo_code }}",
        b"{{promo_code}}",
        b"{{ promo_code }}",
    ]
    assert [each.target for each in plan.places] == ["main"]


def test_a_page_without_marks_is_the_very_same():
    body = b"<p>no mark</p>"
    plan = make_plan(body, targets(), content_type=UTF8)
    assert not plan.has_code
    assert plan.swap({}, CODE) is body


def test_a_site_without_promo_codes_keeps_its_braces():
    plan = make_plan(PAGE, Targets.of([MAIN]), content_type=UTF8)
    assert not plan.has_code
    assert plan.swap({}, CODE) is PAGE


def test_listed_bodies_have_marks_too():
    body = b'{"html": "<b>{{ promo_code }}</b>", "phone": "+7 495 123-45-67"}'
    plan = make_body_plan(body, targets(), "json", content_type="application/json")
    assert plan.swap(NUMBERS, CODE) == b'{"html": "<b>482913</b>", "phone": "+7 499 000-00-01"}'


def test_warm_and_patched_plans_fill_marks():
    cache, sought = PlanCache(), targets()

    def swap(body):
        plan = cache.plan(body, sought, content_type=UTF8, address="okna /")
        return plan.swap(NUMBERS, CODE)

    frame = b"<p>" + b"x" * 5000 + b"</p><meta token='%s'>" + PAGE + b"<p>%s</p>"
    for token, more in (
        (b"aaaa", b""),
        (b"bbbb", b""),
        (b"cccc", b"{{ promo_code }}"),
        (b"d", b""),
    ):
        body = frame % (token, more)
        assert swap(body) == make_plan(body, sought, content_type=UTF8).swap(NUMBERS, CODE)
        assert swap(body).count(CODE.encode()) == 3 + bool(more)
    assert (cache.hits, cache.misses) == (4, 4)
    assert cache.patched == 3


def test_another_mark_makes_another_plan():
    cache = PlanCache()
    body = b"<p>PROMO-CODE {{ promo_code }}</p>"

    def swap(**promo):
        return cache.plan(body, targets(**promo), content_type=UTF8).swap({}, CODE)

    assert swap() == b"<p>PROMO-CODE 482913</p>"
    assert swap(placeholder="PROMO-CODE") == b"<p>482913 {{ promo_code }}</p>"
    assert swap(fallback="none") == b"<p>PROMO-CODE 482913</p>"


PIECES = st.sampled_from(
    [
        b"{{ promo_code }}",
        b"{{promo_code}}",
        b"{{ promo",
        b"_code }}",
        b"{{",
        b"}}",
        b" ",
        b"<p>",
        b"+7 495 123-45-67",
        b"text " * 40,
        b"<a title='",
        b"'>",
    ]
)


@given(st.lists(PIECES, max_size=60), st.lists(st.integers(1, 700), min_size=1, max_size=12))
def test_a_page_in_pieces_is_filled_like_a_whole_one(pieces, sizes):
    body = b"".join(pieces) * 3
    sought = targets(fallback="-")
    stream = Stream(sought, NUMBERS, content_type=UTF8, code=CODE)
    out, at, turn = [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        out.append(stream.feed(body[at : at + size]))
        at, turn = at + size, turn + 1
    out.append(stream.close())
    assert b"".join(out) == make_plan(body, sought, content_type=UTF8).swap(NUMBERS, CODE)


@pytest.mark.parametrize("size", [1, 3, 64, 1000, 5000])
@pytest.mark.parametrize("mark", [b"{{ promo_code }}", b"PROMO-CODE"])
def test_a_stream_finds_marks_wherever_it_is_cut(mark, size):
    body = (b"word " * 333 + mark + b" ") * 9
    sought = targets(placeholder=mark.decode())
    stream = Stream(sought, {}, content_type=UTF8)
    out = [stream.feed(body[at : at + size]) for at in range(0, len(body), size)]
    assert b"".join([*out, stream.close()]) == body.replace(mark, b"")


@given(st.lists(PIECES, max_size=60))
def test_bytes_outside_of_marks_are_those_of_the_site(pieces):
    body = b"".join(pieces)
    plan = make_plan(body, targets(), content_type=UTF8)
    out, end = [], 0
    for mark in plan.marks:
        out += [body[end : mark.start], CODE.encode()]
        end = mark.end
    assert plan.swap({}, CODE) == b"".join([*out, body[end:]])
    assert re.search(rb"\{\{\s*promo_code\s*\}\}", plan.swap({}, CODE)) is None
