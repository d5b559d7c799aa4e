"""A number in any notation, charset and nesting: found, swapped, and swapped back to the byte."""

from __future__ import annotations

import html
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callgraft.html import Stream, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target

# Area code, then the subscriber number in the three groups of a Moscow number.
PLAIN = (
    "+7 {a} {b}-{c}-{d}",
    "+7{a}{b}{c}{d}",
    "8 ({a}) {b}-{c}-{d}",
    "8{a}{b}{c}{d}",
    "({a}) {b} {c} {d}",
    "8.{a}.{b}.{c}.{d}",
    "007 {a} {b} {c}{d}",
    "{a}-{b}-{c}-{d}",
)
MARKED = (
    "8 (<b>{a}</b>) {b}<wbr>-{c}-<i class='4'>{d}</i>",
    "<span>({a})</span>&nbsp;<b>{b}</b>-<!-- 5 --><i>{c}</i>-{d}",
    "&#43;7&nbsp;{a}&#160;{b}&#8209;{c}&ndash;{d}",
    "8 {a}&shy;{b} <s>{c}</s>{d}",
)
DECOYS = (
    "1{a}{b}{c}{d}",
    "{a}{b}{c}{d}0",
    "+1 {a} {b}-{c}-{d}",
    "id{a}{b}{c}{d}",
    "{a}{b}{c}.{d}",
    "+7 {a} {b}-{c}-99",
    "ID: {a}{b}{c}{d}",
    "{b}-{c}-{d}",
    "<td>8 {a}</td><td>{b}-{c}-{d}</td>",
)
HOLDERS = (
    "<p>{}</p>",
    "<div><em>{}</em></div>",
    "<template><li>{}</template>",
    "<svg><title>{}</title></svg>",
    "<table><tr><td>{}</table>",
    "<noscript>{}</noscript>",
    "<![if x]>{}<![endif]>",
    "<details><summary>{}",
)
CHARSETS = ("utf-8", "windows-1251", "koi8-r", "cp866", "iso-8859-5", "gb18030", "shift_jis")
OLD, NEW = ("495", "123", "45", "67"), ("499", "000", "00", "01")


def _attribute(text: str) -> str:
    return f"<img alt='{html.escape(text)}'>"


def _data(text: str) -> str:
    return f'<i data-state="{html.escape(json.dumps({"phone": text}))}"></i>'


def _srcdoc(text: str) -> str:
    return f'<iframe srcdoc="{html.escape(f"<p>{text}</p>")}"></iframe>'


def _json(text: str) -> str:
    told = json.dumps({"a": text, "b": f"<p>{text}</p>"}).replace("/", "\\/")
    return f"<script type='application/json'>{told}</script>"


def _state(text: str) -> str:
    told = json.dumps(json.dumps([text])).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<script>window.__STATE__ = JSON.parse({told})</script>"


def _text(text: str) -> str:
    return f"<p>{text}</p>"


WRAPPERS = {_text: PLAIN + MARKED, _srcdoc: PLAIN + MARKED, _json: PLAIN + MARKED}
WRAPPERS |= {_state: PLAIN + MARKED, _attribute: PLAIN, _data: PLAIN}

planted = st.sampled_from(list(WRAPPERS)).flatmap(
    lambda wrap: st.tuples(st.just(wrap), st.sampled_from(WRAPPERS[wrap]))
)
holders = st.lists(st.sampled_from(HOLDERS), max_size=4)
many = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _written(notation: str, number: tuple[str, str, str, str]) -> str:
    a, b, c, d = number
    return notation.format(a=a, b=b, c=c, d=d)


def _page(parts: list, number: tuple[str, str, str, str]) -> str:
    page = ""
    for (wrap, notation), decoy, around in parts:
        piece = wrap(_written(notation, number)) + f"<p>{_written(decoy, OLD)}</p>"
        for holder in around:
            piece = holder.format(piece)
        page += f"<div>Звоните</div>{piece}\r\n"
    return page


def _swapped(page: bytes, old: tuple[str, ...], new: tuple[str, ...], content_type: str) -> bytes:
    targets = Targets.of([Target(key="main", number=read("+7" + "".join(old)))])
    plan = make_plan(page, targets, content_type=content_type)
    return plan.swap({"main": read("+7" + "".join(new))})


parts = st.lists(st.tuples(planted, st.sampled_from(DECOYS), holders), min_size=1, max_size=4)


@many
@given(parts=parts, charset=st.sampled_from(CHARSETS))
def test_a_planted_number_is_swapped_and_nothing_else_and_back(parts, charset):
    content_type = f"text/html; charset={charset}"
    page = _page(parts, OLD).encode(charset)
    swapped = _swapped(page, OLD, NEW, content_type)
    assert swapped.decode(charset) == _page(parts, NEW)
    assert _swapped(swapped, NEW, OLD, content_type) == page


@many
@given(parts=parts, size=st.sampled_from((1, 5, 64, 700)))
def test_a_planted_number_is_swapped_in_a_stream(parts, size):
    page = _page(parts, OLD).encode()
    stream = Stream(
        Targets.of([Target(key="main", number=read("+7" + "".join(OLD)))]),
        {"main": read("+7" + "".join(NEW))},
        content_type="text/html; charset=utf-8",
    )
    out = b"".join(stream.feed(page[at : at + size]) for at in range(0, len(page), size))
    assert (out + stream.close()).decode() == _page(parts, NEW)
