"""Markup as text: in JSON strings, data attributes and srcdoc, and what it does not swallow."""

from __future__ import annotations

import pytest

from callgraft.html import Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target

N, SWAPPED = "8 (495) 123-45-67", "8 (499) 000-00-01"
TARGETS = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])


def _rows(page: str) -> list[tuple[str, str]]:
    plan = make_plan(page.encode(), TARGETS, content_type=None)
    return [(place.kind, place.written) for place in plan.places]


SRCDOC = [
    (f"{N}", "text"),
    (f"&lt;p&gt;{N}", "text"),
    (f"<p>{N}", "text"),
    (f"&lt;script&gt;x&lt;/script&gt;{N}", "text"),
    (f"&lt;!-- x --&gt;{N}", "text"),
    ("&lt;a href=&quot;tel:84951234567&quot;&gt;", "link"),
    ("<a href='tel:84951234567'>", "link"),
    ("<a class='x' href=tel:84951234567>", "link"),
    (f"&#60;i title=&#39;{N}&#39;&#62;", "attribute"),
    ("<a href='https://wa.me/74951234567'>", "messenger"),
    (f"<a href='/call?to={N}'>", "url"),
    (f"&lt;script&gt;a = '{N}'", "script"),
    (f"&lt;style&gt;{N}", "style"),
    (f"&lt;textarea&gt;{N}", "form"),
    (f"&lt;!-- {N} --&gt;", "comment"),
    (f"&lt;p onclick=&quot;call({N})&quot;&gt;", "script"),
    (f"&lt;i name=&quot;{N}&quot;&gt;", "markup"),
    (f"&lt;input value='{N}'&gt;", "markup"),
]


@pytest.mark.parametrize(("value", "row"), SRCDOC)
def test_a_place_in_srcdoc_has_the_row_that_it_would_have_in_its_page(value, row):
    assert [kind for kind, _ in _rows(f'<iframe srcdoc="{value}">')] == [row]


def test_far_into_a_srcdoc_the_last_tag_decides_and_without_one_nothing_is_swapped():
    long = "x" * 400
    assert _rows(f'<iframe srcdoc="{long} {N}">') == [("markup", N)]
    assert _rows(f'<iframe srcdoc="{long}<p>{N}">') == [("text", N)]
    assert _rows(f'<iframe srcdoc="{long}<script>{N}">') == [("script", N)]


STRINGS = [
    (r"<b>8 (495)<\/b> 123-45-67", "8 (495) 123-45-67"),
    (r"\u003cb class=\"x\"\u003e8 (495)\u003c\/b\u003e 123-45-67", "8 (495) 123-45-67"),
    (r"8 (&lt;b&gt;495&lt;/b&gt;) 123-45-67", "8 (495) 123-45-67"),
    (r"8&amp;nbsp;495&amp;nbsp;123-45-67", "8\u00a0495\u00a0123-45-67"),
    (r"<a href=\"tel:+74951234567\">", "+74951234567"),
    (r"\"84951234567\"", "84951234567"),
    (r"'84951234567'", "84951234567"),
    (r"\\\"84951234567\\\"", "84951234567"),
    (r"a\n84951234567\t", "84951234567"),
]


@pytest.mark.parametrize("holder", ['<script type="application/json">"{}"', "<i data-x='{}'>"])
@pytest.mark.parametrize(("text", "written"), STRINGS)
def test_a_number_in_a_string_is_found_over_the_markup_in_it(text, written, holder):
    if "'" in text and "'" in holder:
        text = text.replace("'", "&#39;")
    assert [shown for _, shown in _rows(holder.replace("{}", text))] == [written]


OTHERS = [
    r"<td>8 (495)<\/td><td>123-45-67",
    r"8 495<br>123-45-67",
    r"\u003cp\u003e8 495\u003cp\u003e123-45-67",
    r"8 495 < 123-45-67",
    r"1\u003cb\u003e4951234567",
    r"1'4951234567",
    r"4951234567'8",
    r"x\\84951234567",
]


@pytest.mark.parametrize("text", OTHERS)
def test_what_no_reader_would_join_stays(text):
    assert _rows(f'<script type="application/json">"{text}"</script>') == []


STATES = [
    "window.__PRELOADED_STATE__ = ",
    "window.__INITIAL_STATE__=",
    "__NUXT__=",
    "var __REDUX_STATE__ = ",
    "self['__APOLLO_STATE__'] = ",
    "window.initialState = ",
    "window.appProps = ",
    "window.INITIAL_DATA=",
    "window.__data=",
    "globalThis.preloaded = ",
    "// made by x\n window.__STATE__ = ",
    "/* x */ window.__STATE__ = ",
    "self.__next_f.push",
    "(self.__next_f=self.__next_f||[]).push",
]
SCRIPTS = [
    "initialState = ",
    "var state = ",
    "window.phone = ",
    "window.initialState == ",
    "window.props = f",
    "window.location = ",
    "call",
]


@pytest.mark.parametrize("script", STATES)
def test_state_that_is_handed_over_is_state(script):
    value = f'["{N}"]'
    value = f"({value})" if script.endswith("push") else value
    assert _rows(f"<script>{script}{value}") == [("state", N)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_any_other_script_is_a_script(script):
    assert _rows(f'<script>{script}("{N}")') == [("script", N)]


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


@pytest.mark.parametrize(
    ("written", "expected", "longer"),
    [
        (_escaped(N), _escaped(SWAPPED), _escaped("8 (4812) 34-56-78")),
        (r"8 \u0034\u0039\u0035 123-45-67", r"8 \u0034\u0039\u0039 000-00-01", None),
        (r"\u002B\u00374951234567", r"\u002B\u00374990000001", r"\u002B\u00374812345678"),
        (r"8 (495) 123-45-6\u0037", r"8 (499) 000-00-0\u0031", r"8 (4812) 34-56-7\u0038"),
    ],
)
def test_escaped_digits_of_json_stay_escaped(written, expected, longer):
    for opener in ("<script>window.__STATE__=", '<script type="application/json">'):
        page = f'{opener}{{"phone": "{written}"}}</script>'
        plan = make_plan(page.encode(), TARGETS, content_type=None)
        for number, new in (("+7 499 000-00-01", expected), ("+7 4812 34-56-78", longer)):
            swapped = plan.swap({"main": read(number)}).decode()
            assert new is None or swapped == page.replace(written, new)


def test_what_looks_like_an_escape_in_a_text_is_text():
    assert _rows(rf"<p>{_escaped('8')} (495) 123-45-67</p><p>{_escaped(N)}</p>") == []
    assert _rows(rf'<script>window.__STATE__="{_escaped("1")}4951234567"</script>') == []


def test_full_width_digits_beside_others_are_the_only_ones_in_full_width():
    plan = make_plan("<p>８ 49５ 123-45-67".encode(), TARGETS, content_type=None)
    assert plan.swap({"main": read("+7 499 000-00-01")}).decode() == "<p>８ 49９ 000-00-01"
