"""The policy table: which row a place belongs to, and what is done there."""

from __future__ import annotations

import pytest

from callgraft.html import POLICY, Targets, make_plan, position
from callgraft.phone import read
from callgraft.site import Target

N = "8 (495) 123-45-67"
LONG = "x" * 300

PLACES = [
    (f"<p>{N}</p>", "text"),
    (f"<TITLE>{N}</TITLE>", "text"),
    (f"<title><b>{N}</title>", "text"),
    (f"<noscript>{N}</noscript>", "text"),
    (f"<template><p>{N}</template>", "text"),
    (f"<option>{N}</option>", "text"),
    (f"<svg><text>{N}</text></svg>", "text"),
    (f"<svg><title/><text>{N}</text></svg>", "text"),
    (f"<svg><style/><text>{N}</text></svg>", "text"),
    (f"<svg><title><b>{N}</b></title></svg>", "text"),
    (f"<svg><path d='M0'/><p>{N}<title><!--</title>{N}", "text"),
    (f"<svg><![CDATA[ > {N} ]]></svg>", "text"),
    (f"<svg><foreignObject><title><!--</title><b>{N}", "text"),
    (f"<svg><desc><svg></svg></desc><title><!-- x --><i>{N}", "text"),
    (f"<math><mi>x</mi></math><title><i></title>{N}", "text"),
    (f'<p itemprop="telephone">{N}</p>', "text"),
    (f"<xmp>{N}</xmp>", "text"),
    (f"<plaintext></plaintext>{N}", "text"),
    ('<a href="tel:84951234567">', "link"),
    ('<b data-href="tel:84951234567">', "link"),
    (f"<a title='{N}'>", "attribute"),
    (f'<img alt="{N}">', "attribute"),
    (f'<a aria-label="{N}">', "attribute"),
    (f'<a data-phone="{N}">', "attribute"),
    (f"<a TITLE = '{N}'>", "attribute"),
    ("<a title=84951234567>", "attribute"),
    ("<a title=84951234567", "attribute"),
    (f'<a title="> {N}">', "attribute"),
    (f'<a title="<!-- {N}">', "attribute"),
    (f'<a title="<script>{N}">', "attribute"),
    (f'<a b="{LONG}" title="{LONG}, {N}">', "attribute"),
    (f'<meta name="description" content="{N}">', "attribute"),
    (f'<meta content="{N}" property=og:description>', "attribute"),
    (f'<meta content="{N}" x="{LONG}" name=twitter:description>', "attribute"),
    (f"<input type=button value='{N}'>", "attribute"),
    (f"<button value='{N}'>", "form"),
    (f"<input value='{N}' type=submit>", "attribute"),
    (f'<input type="button" value="{N}">', "attribute"),
    (f'<script type="application/json">{{"a": "{N}"}}</script>', "state"),
    (f'<script id="__NEXT_DATA__" type=application/json>["{N}"]</script>', "state"),
    (f'<script>window.__INITIAL_STATE__={{"a":"{N}"}}</script>', "state"),
    (f'<script>\n  window["__APOLLO_STATE__"] = {{"x":"{LONG} {N}"}}</script>', "state"),
    (f'<script type="text/javascript">__NUXT__=(function(a){{}}("{N}"))</script>', "state"),
    (f'<script>var x; window.__INITIAL_STATE__="{N}"</script>', "script"),
    (f'<script type="text/template">__NUXT__ = "{N}"</script>', "script"),
    (f'<script>if(window.__X__=="{N}")</script>', "script"),
    (f'<script type="application/ld+json">"{N}"</script>', "json_ld"),
    (f'<meta itemprop="telephone" content="{N}">', "microdata"),
    (f'<span property="schema:telephone" content="{N}">', "microdata"),
    (f'<meta property="og:phone_number" content="{N}">', "meta"),
    ('<a href="https://wa.me/74951234567">', "messenger"),
    ('<a href="https://api.whatsapp.com/send?phone=74951234567">', "messenger"),
    ('<a href="viber://chat?number=%2B74951234567">', "messenger"),
    ('<a href="https://t.me/+74951234567">', "messenger"),
    (f"<input value='{N}'>", "form"),
    (f"<input placeholder='{N}'>", "form"),
    (f"<textarea><b>{N}</textarea>", "form"),
    ('<a href="/call?to=8-495-123-45-67">', "url"),
    ('<a data-url="/call?to=8-495-123-45-67">', "url"),
    (f"<iframe>{N}</iframe>", "hidden"),
    (f"<!-- {N} -->", "comment"),
    (f"<!-- > {N}", "comment"),
    (f"<!---!> {N} --->", "comment"),
    (f"<!- {N}>", "comment"),
    (f"<?php {N} ?>", "comment"),
    (f"</ {N}>", "comment"),
    (f"<!--{LONG} {N} {LONG}-->", "comment"),
    (f"<style>/* {N} */</style>", "style"),
    (f"<STYLE></styl {N} </STYLE>", "style"),
    (f"<style>{LONG} {N} </STYLE>", "style"),
    (f"<svg><style>{N}</style></svg>", "style"),
    (f"<p style=\"--x: '{N}'\">", "style"),
    (f"<script>'{N}'</script>", "script"),
    (f"<script></scrip>{N}</script>", "script"),
    (f"<script><!-- </b><b> {N} //--></script>", "script"),
    (f"<script><!--<script></script>{N}</script>", "script"),
    (f"<script><!--<script>--></b>{N}</script>", "script"),
    (f"<script>{LONG}<a title='{N}'>{LONG}", "script"),
    (f"<p onclick='call(\"{N}\")'>", "script"),
    (f"<p :phone=\"'{N}'\">", "script"),
    (f"<a name='{N}'>", "markup"),
]
AROUND = ["", "<p title='a'>x</p>\n", LONG]


def _only_place(page: str, target: Target | None = None):
    targets = Targets.of([target or Target(key="main", number=read("+7 495 123-45-67"))])
    places = make_plan(page.encode(), targets, content_type=None).places
    return places[-1]


@pytest.mark.parametrize("before", AROUND)
@pytest.mark.parametrize(("page", "kind"), PLACES)
def test_every_place_has_its_row_of_the_policy_table(page, kind, before):
    place = _only_place(before + page)
    assert (place.kind, place.policy) == (kind, POLICY[kind])


NEXT = [
    "<!-->",
    "<!--->",
    "<!-- a --!>",
    "<!-- -- > -->",
    "<!>",
    "<!DOCTYPE html PUBLIC '-//>",
    "</>",
    "</ x '>",
    "<?xml '>",
    "< a title='",
    "<1 title='",
    "a < b <= c <'",
    '<a b"c>',
    "<a ='>",
    "<a b=c'd>",
    '<a b==">',
    '<a="x>',
    "<a b / = '>",
    "<a b=\">\"c='>'>",
    "<script></SCRIPT\n>",
    "<script><!-- --></script >",
    "<script><!--></script>",
    "<script><!-- <script> </script> --></script>",
    "<script>'<!--<script>' ; '</script>' ; '-->'</script>",
    "<style><!-- </style>",
    "<textarea><!-- </textarea/>",
    "<title></title x='>'>",
    "</script x='>'><scripts>",
    "<svg></svg><title></svg></title>",
    "<svg viewBox='0'><path d='>'/></svg>",
    "<noscript><style></noscript></style>",
]


@pytest.mark.parametrize("before", NEXT)
def test_text_begins_where_it_begins_in_a_browser(swap, before):
    assert swap(f"{before} {N}") == f"{before} 8 (499) 000-00-01"


INSIDE = [
    "<!-- <!-- --> <!--",
    "<a title='\">",
    "<a b= 'x",
    "<a b = '",
    "<script></script><script>'</script",
    "<script><!-- <script> </script>",
    "<style></styles>",
    "<textarea></title>",
    "<title>",
    "<div <div <div '<script",
    "<!",
]


@pytest.mark.parametrize("before", INSIDE)
def test_what_is_still_open_is_no_text(before):
    targets = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])
    places = make_plan(f"{before} {N}".encode(), targets, content_type=None).places
    assert all(place.reason != "in the text" for place in places)


def test_a_target_can_decide_otherwise_for_a_row(numbers):
    target = Target(
        key="main", number=read("+7 495 123-45-67"), places={"json_ld": "swap", "text": "keep"}
    )
    page = f'<p>{N}<script type="application/ld+json">"{N}"</script>'.encode()
    plan = make_plan(page, Targets.of([target]), content_type=None)
    assert [(p.kind, p.policy) for p in plan.places] == [("text", "keep"), ("json_ld", "swap")]
    script = page.index(b"<script")
    swapped = page[script:].replace(N.encode(), b"8 (499) 000-00-01")
    assert plan.swap(numbers) == page[:script] + swapped


def test_a_place_tells_where_it_is_and_why():
    page = '<p>\n  <script type="application/ld+json">"+7\u00a0495 123-45-67"'
    place = _only_place(page)
    assert place.written == "+7\u00a0495 123-45-67"
    assert place.reason == 'inside <script type="application/ld+json">'
    assert page.encode()[place.start : place.end].decode() == place.written
    assert position(page.encode(), place.start) == (2, 39)


def test_a_written_number_is_shown_as_the_page_shows_it():
    assert _only_place("<b>8&nbsp;(495)</b>123&#8209;45-67").written == (
        "8\u00a0(495)123\u201145-67"
    )


def test_a_written_number_is_shown_decoded_in_links_and_in_json():
    assert _only_place('<a href="tel:%2B7%20495%20123-45-67">').written == "+7 495 123-45-67"
    state = '<script type="application/json">["\\u002B7\\u00a0495 123-45-67"]'
    assert _only_place(state).written == "+7\u00a0495 123-45-67"


@pytest.mark.parametrize(
    ("page", "tracking", "expected"),
    [
        ('{"p":84951234567}', "+74990000001", '{"p":84990000001}'),
        ('{"p": 84951234567, "q":[4951234567]}', "+442079460018", None),
        ('{"p":4951234567}', "+442079460018", None),
        ('{"p":"84951234567"}', "+442079460018", '{"p":"+442079460018"}'),
    ],
)
def test_a_number_of_json_without_quotes_stays_one(page, tracking, expected):
    body = f'<script type="application/json">{page}</script>'
    targets = Targets.of([Target(key="main", number=read("+7 495 123-45-67"))])
    plan = make_plan(body.encode(), targets, content_type="text/html; charset=utf-8")
    swapped = plan.swap(dict.fromkeys(plan.targets, read(tracking))).decode()
    assert swapped == body.replace(page, expected or page)
