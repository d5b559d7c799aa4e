"""`only`, `except` and ``data-callgraft``: where in the page's tree a number is swapped."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callgraft.html import PlanCache, Stream, Targets, make_plan, selectors
from callgraft.phone import read
from callgraft.site import Target
from tests.core.html.soup import charsets, soup

MAIN = read("+7 495 123-45-67")
NUMBERS = {"main": read("+7 499 000-00-01")}
N, SWAPPED = "8 (495) 123-45-67", "8 (499) 000-00-01"


def _swap(page: str, charset: str = "utf-8", **keys: tuple[str, ...]) -> str:
    plan = _plan(page.encode(charset), charset, **keys)
    return plan.swap(NUMBERS).decode(charset)


def _plan(page: bytes, charset: str = "utf-8", **keys: tuple[str, ...]):
    targets = Targets.of([Target(key="main", number=MAIN, **keys)])
    return make_plan(page, targets, content_type=f"text/html; charset={charset}")


PAGES = [
    # one swapped number each, marked by * before it; all others stay
    (
        "only",
        ("#header .phone",),
        "<div id=header><b class='a phone'>*N</b> N</div><b class=phone>N",
    ),
    ("only", ("header", "main > p"), "<header>*N</header><main><p>*N</p><div><p>N</div></main>N"),
    ("only", ("a[href^='tel:']",), "<p>N <a href='tel:*84951234567'>*N</a> <a href='/'>N</a>"),
    ("only", ("li:nth-child(2)",), "<ul><li>N<li>*N<li>N</ul>N"),
    ("only", ("p.phone",), "<p>N<p class=phone>*N<p>N"),
    ("only", ("td:has(b)",), "<table><tr><td>N<td>*N <b>x</b></table>"),
    ("only", ("title",), "<title>*N</title><p>N"),
    ("only", ("[data-x]",), "<i data-x='*N' title='*N'></i><i title='N'>N</i>"),
    ("only", ("script",), "<script type=application/json>'*N'</script>N"),
    ("only", ("footer:not(.old)",), "<FOOTER CLASS=old>N</FOOTER><footer>*N</footer>"),
    ("except_", ("footer",), "*N<footer>N <a title='N'>N</a><p>N</footer>*N"),
    ("except_", (".a", ".b"), "<i class='x a'>N</i><i class=b>N</i><i class=c>*N</i>"),
    ("except_", ("body > div",), "*N<div>N<div>N</div></div>*N"),
    ("except_", ("svg text",), "<svg><text>N</text></svg>*N"),
    ("except_", ("noscript",), "<noscript>N</noscript>*N"),
    ("except_", ("nosuch",), "*N<p>*N"),
    (
        "only",
        ("turbo-stream .x",),
        "<turbo-stream><template><p class=x>*N</template></turbo-stream>N",
    ),
    ("only", ("div > template",), "<div><template><p>*N</p></template></div><p>N"),
    ("except_", ("footer p",), "<footer><template><p>N</template>*N</footer>*N"),
    ("except_", ("footer",), "*N<footer>N"),
]
AROUND = [
    "",
    "\r\n<p>Звоните &amp; &nbsp;\r ждём\r\n</p>",
    "<!-- <footer class=phone id=header> -->",
]


def _marked(page: str) -> tuple[str, str]:
    source = page.replace("*", "").replace("N", N)
    expected = page.replace("*N", SWAPPED).replace("*84951234567", "84990000001").replace("N", N)
    return source, expected


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("before", AROUND)
@pytest.mark.parametrize(("key", "css", "page"), PAGES)
def test_a_number_is_swapped_where_the_selectors_say(key, css, page, before, charset):
    source, expected = _marked(page)
    assert _swap(before + source, charset, **{key: css}) == before + expected


def test_except_takes_out_of_only():
    source, expected = _marked("<main>*N<aside>N</aside></main>N")
    assert _swap(source, only=("main",), except_=("aside",)) == expected


MARKUP = [
    "<p data-callgraft=keep>N <b>N</b></p>*N",
    "<a data-callgraft='keep' title='N' href='tel:84951234567'>N</a>*N",
    "<p data-callgraft=' KEEP '>N</p>",
    "<div data-callgraft=keep>N<p data-callgraft=swap>*N <i data-callgraft=keep>N</i></p>N</div>",
    "<p data-callgraft=other>*N</p><p data-callgraft>*N",
    "<p title='data-callgraft=\"keep\"'>*N</p>",
    "<!-- <div data-callgraft=keep> -->*N",
    "<script>'<p data-callgraft=keep>'</script>*N",
]


@pytest.mark.parametrize("page", MARKUP)
def test_markup_says_where_a_number_is_kept(page):
    source, expected = _marked(page)
    assert _swap(source) == expected


def test_markup_says_no_more_than_the_table():
    page = f'<div data-callgraft="swap"><input value="{N}"></div>'
    assert _swap(page) == page


def test_markup_does_not_widen_the_selectors():
    page = f'<div data-callgraft="swap">{N}</div>'
    assert _swap(page, only=("main",)) == page


@pytest.mark.parametrize(
    ("page", "keys", "reason"),
    [
        ("<p>{}", {"only": ("a", "b > i")}, 'in the text, outside of only = "a", "b > i"'),
        ("<i>{}", {"except_": ("a", "i")}, 'in the text, inside of except = "i"'),
        ("<i data-callgraft=keep>{}", {}, 'in the text, inside <i data-callgraft="keep">'),
    ],
)
def test_a_place_tells_which_selector_kept_it(page, keys, reason):
    (place,) = _plan(page.format(N).encode(), **keys).places
    assert (place.kind, place.policy, place.reason) == ("text", "keep", reason)


def test_each_target_has_its_own_selectors():
    other = Target(key="other", number=read("+7 812 123-45-67"), only=("footer",))
    main = Target(key="main", number=MAIN, except_=("footer",))
    page = "<p>8 495 123-45-67, 8 812 123-45-67<footer>8 495 123-45-67, 8 812 123-45-67"
    plan = make_plan(page.encode(), Targets.of([main, other]), content_type=None)
    assert [(place.target, place.policy) for place in plan.places] == [
        ("main", "swap"),
        ("other", "keep"),
        ("main", "keep"),
        ("other", "swap"),
    ]


def test_a_page_whose_text_looks_like_a_mark_is_narrowed_all_the_same():
    source, expected = _marked("cg0x0z cg1x0z<footer>cg2x1z N</footer>cg0x1z *N")
    assert _swap(source, except_=("footer",)) == expected


@pytest.mark.parametrize(
    "page",
    [
        "<?xml version='1.0' encoding='windows-1251'?><html><p>*N<footer>N</footer></p></html>",
        "\ufeff<meta charset=koi8-r>*N<footer>N</footer>",
        "a\0b<p>*N\0<footer>\0 N</footer>",
        "<b><i></b>*N</i><footer><p>N</footer>*N",
        "<div><div><div>*N</p></footer><footer>N",
    ],
)
def test_the_web_as_it_is_does_not_confuse_them(page):
    source, expected = _marked(page)
    assert _swap(source, except_=("footer",)) == expected


def test_what_cannot_be_located_is_kept():
    page = f"<a title=x title='{N}'>"
    (place,) = _plan(page.encode(), except_=("b",)).places
    assert (place.policy, place.reason) == (
        "keep",
        "in title=… of <a>, which no parser finds again",
    )


def test_a_place_nested_deeper_than_we_look_is_kept():
    page = "<div>" * 400 + N
    assert _swap(page, except_=("footer",)) == page


def test_a_page_of_many_places_and_levels_takes_no_long_time():
    page = ("<div class=x>" * 100 + N + "</div>" * 50) * 100
    began = time.process_time()
    _plan(page.encode(), except_=("footer .x", ".y .x .x"))
    assert time.process_time() - began < 10


def test_without_selectors_and_without_the_word_no_page_is_parsed(monkeypatch):
    def parse(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(selectors, "BeautifulSoup", parse)
    assert _swap(f"<p>{N}") == f"<p>{SWAPPED}"
    monkeypatch.setattr(selectors, "BeautifulSoup", BeautifulSoup)


def test_other_selectors_are_another_plan():
    cache = PlanCache()
    for keys in ({}, {"only": ("p",)}, {"except_": ("p",)}, {"only": ("b",)}):
        targets = Targets.of([Target(key="main", number=MAIN, **keys)])
        cache.plan(f"<p>{N}".encode(), targets, content_type=None)
    assert (cache.hits, cache.misses) == (0, 4)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_a_stream_cannot_look_ahead_so_a_target_with_selectors_is_kept(size):
    other = Target(key="other", number=read("+7 812 123-45-67"))
    targets = Targets.of([Target(key="main", number=MAIN, only=("p",)), other])
    page = f"<p>{N}, 8 812 123-45-67".encode() * 100
    stream = Stream(
        targets, {**NUMBERS, "other": read("+7 812 000-00-02")}, content_type="text/html"
    )
    out = [stream.feed(page[at : at + size]) for at in range(0, len(page), size)]
    expected = page.replace(b"812 123-45-67", b"812 000-00-02")
    assert b"".join(out) + stream.close() == expected


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_a_stream_keeps_what_follows_markup_that_may_keep_it(size):
    before = f"<p>{N} {'x' * 400}</p>".encode() * 10
    after = f"<a title='{N}' data-callgraft=keep>{N}</a><p>{N}</p>".encode() * 10
    stream = Stream(
        Targets.of([Target(key="main", number=MAIN)]), NUMBERS, content_type="text/html"
    )
    page = before + after
    out = [stream.feed(page[at : at + size]) for at in range(0, len(page), size)]
    assert b"".join(out) + stream.close() == before.replace(N.encode(), SWAPPED.encode()) + after


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    page=st.tuples(soup, charsets).map(lambda one: one[0].encode(one[1], "replace")),
    word=st.sampled_from((b"", b"<i data-callgraft=keep>", b"<b data-callgraft='")),
)
def test_selectors_only_ever_keep_and_know_every_place(page, word):
    page = word + page
    plain = _plan(page.replace(b"data-callgraft", b"data-xallgraft"))
    narrowed = _plan(page, only=("*",), except_=("b", "td > p"))
    assert [(p.start, p.end, p.kind) for p in narrowed.places] == [
        (p.start, p.end, p.kind) for p in plain.places
    ]
    pairs = zip(plain.places, narrowed.places, strict=True)
    assert all(after.policy in {before.policy, "keep"} for before, after in pairs)
    assert narrowed.swap({"main": MAIN}) == page
