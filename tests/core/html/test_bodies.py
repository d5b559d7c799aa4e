"""JSON, XML and plain text: the number exchanged, every other byte as it was."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.html import PlanCache, Targets, make_body_plan
from callgraft.phone import read
from callgraft.site import Target

MAIN = Target(key="main", number=read("+7 495 123-45-67"))
TARGETS = Targets.of([MAIN])
TRACKING = {"main": read("+7 499 000-00-01")}
BACK = Targets.of([Target(key="main", number=read("+7 499 000-00-01"))])
TYPES = {"json": "application/json", "xml": "text/xml", "text": "text/plain"}


def swapped(body: str, form: str, *, target: Target = MAIN, kind: str = "") -> str:
    plan = make_body_plan(
        body.encode(), Targets.of([target]), form, content_type=kind or TYPES[form]
    )
    return plan.swap(TRACKING).decode()


def kinds(body: str, form: str, kind: str = "") -> list[tuple[str, str]]:
    plan = make_body_plan(body.encode(), TARGETS, form, content_type=kind or TYPES[form])
    return [(place.kind, place.written) for place in plan.places]


@pytest.mark.parametrize(
    ("form", "body", "expected"),
    [
        ("json", '{"phone": "8 (495) 123-45-67"}', '{"phone": "8 (499) 000-00-01"}'),
        ("json", r'["\u002B7\u00a0495\u00A0123-45-67"]', r'["\u002B7\u00a0499\u00A0000-00-01"]'),
        ("json", r'["a\"b 8\/495\/123-45-67"]', r'["a\"b 8\/499\/000-00-01"]'),
        ("json", '["tel:+74951234567"]', '["tel:+74990000001"]'),
        (
            "json",
            r'{"html": "<p>8 (495) 123-45-67<\/p><a href=\"tel:84951234567\">"}',
            r'{"html": "<p>8 (499) 000-00-01<\/p><a href=\"tel:84990000001\">"}',
        ),
        ("json", '"84951234567"', '"84990000001"'),
        (
            "json",
            '["8 495 123 45 67","8 (495) 123-45-67"]',
            '["8 499 000 00 01","8 (499) 000-00-01"]',
        ),
        ("xml", "<a>8 (495) 123-45-67</a>", "<a>8 (499) 000-00-01</a>"),
        ("xml", "<a>8&#160;(495)&#xA0;123-45-67</a>", "<a>8&#160;(499)&#xA0;000-00-01</a>"),
        ("xml", "<a phone='8 (495) 123-45-67'/>", "<a phone='8 (499) 000-00-01'/>"),
        ("xml", '<a href="tel:+74951234567">x</a>', '<a href="tel:+74990000001">x</a>'),
        (
            "xml",
            '<r><![CDATA[<b>8 (495)</b> 123-45-67 <a href="tel:84951234567">]]></r>',
            '<r><![CDATA[<b>8 (499)</b> 000-00-01 <a href="tel:84990000001">]]></r>',
        ),
        (
            "xml",
            "<d>&lt;a href=&quot;tel:84951234567&quot;&gt;8 (495) 123-45-67&lt;/a&gt;</d>",
            "<d>&lt;a href=&quot;tel:84990000001&quot;&gt;8 (499) 000-00-01&lt;/a&gt;</d>",
        ),
        # In XML these names mean nothing: they open no element without markup.
        (
            "xml",
            "<title>A</title><script><b>8 (495) 123-45-67</b></script>",
            "<title>A</title><script><b>8 (499) 000-00-01</b></script>",
        ),
        (
            "xml",
            '<!DOCTYPE shop [<!ENTITY n "8 (495) 123-45-67">]><a>8 (495) 123-45-67</a>',
            '<!DOCTYPE shop [<!ENTITY n "8 (495) 123-45-67">]><a>8 (499) 000-00-01</a>',
        ),
        ("text", "Ring 8 (495) 123-45-67\r\n", "Ring 8 (499) 000-00-01\r\n"),
        ("text", "<8 (495) 123-45-67>", "<8 (499) 000-00-01>"),
    ],
)
def test_a_number_is_exchanged_in_its_own_notation(form, body, expected):
    assert swapped(body, form) == expected


@pytest.mark.parametrize(
    ("form", "body", "row"),
    [
        ("json", '{"8 (495) 123-45-67": 1}', "markup"),
        ("json", r'["https:\/\/wa.me\/+74951234567"]', "messenger"),
        ("json", '["whatsapp://send?phone=+74951234567"]', "messenger"),
        ("json", '["https://okna.example/?tel=+74951234567"]', "url"),
        ("xml", "<link>https://okna.example/?tel=+74951234567</link>", "url"),
        ("xml", '<item id="84951234567"/>', "markup"),
        ("xml", '<a xmlns:p="tel:84951234567"/>', "markup"),
        ("xml", '<r><![CDATA[<input value="8 (495) 123-45-67">]]></r>', "form"),
        ("text", "https://wa.me/+74951234567", "messenger"),
    ],
)
def test_a_number_that_machines_read_is_seen_and_kept(form, body, row):
    assert [kind for kind, _ in kinds(body, form)] == [row]
    assert swapped(body, form) == body


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("json", '{"phone": 84951234567, "id": 74951234567}'),
        ("json", '["849512345678", "1.84951234567", "id84951234567"]'),
        ("json", '["4951234", "567"]'),
        ("xml", "<!-- 8 (495) 123-45-67 --><?php 8 (495) 123-45-67 ?><a8-495-123-45-67/>"),
        ("xml", "<a>8 (495)</a><b>123-45-67</b>"),
        ("xml", "<a b='unclosed 8 (495) 123-45-67"),
        ("text", "ИНН 849512345670, 4 951 234 567 рублей"),
        ("text", "ИНН 4951234567"),
        ("json", '["заказ № 4951234567", "4951234567 €"]'),
    ],
)
def test_what_is_no_number_in_a_text_is_not_even_seen(form, body):
    assert kinds(body, form) == []
    assert swapped(body, form) == body


def test_json_ld_is_kept_unless_the_target_says_otherwise():
    body, kind = '{"telephone": "+7 495 123-45-67"}', "application/ld+json"
    swap_it = Target(key="main", number=MAIN.number, places={"json_ld": "swap"})
    assert kinds(body, "json", kind) == [("json_ld", "+7 495 123-45-67")]
    assert swapped(body, "json", kind=kind) == body
    assert "+7 499 000-00-01" in swapped(body, "json", kind=kind, target=swap_it)


def test_a_target_may_be_kept_in_all_bodies_links_included():
    kept = Target(key="main", number=MAIN.number, places={"body": "keep"})
    body = '["8 (495) 123-45-67", "tel:+74951234567"]'
    assert swapped(body, "json", target=kept) == body


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_the_charset_is_that_of_the_header_or_of_the_declaration(charset):
    declared = f'<?xml version="1.0" encoding="{charset}"?><a>тел.\xa08 (495) 123-45-67</a>'
    expected = declared.replace("8 (495) 123-45-67", "8 (499) 000-00-01").encode(charset)
    plan = make_body_plan(declared.encode(charset), TARGETS, "xml", content_type="text/xml")
    assert plan.swap(TRACKING) == expected
    plain = "тел.\xa08\xa0(495) 123-45-67".encode(charset)
    plan = make_body_plan(plain, TARGETS, "text", content_type=f"text/plain; charset={charset}")
    assert plan.swap(TRACKING).decode(charset) == "тел.\xa08\xa0(499) 000-00-01"


@pytest.mark.parametrize(("form", "exchanged"), [("json", False), ("xml", False), ("text", True)])
def test_json_and_xml_are_utf_8_where_nothing_is_declared(form, exchanged):
    # A no-break space of windows-1251, which in UTF-8 is no character at all.
    body = b'<a b="8\xa0495\xa0123-45-67"/>'
    plan = make_body_plan(body, TARGETS, form, content_type=TYPES[form])
    assert (plan.swap(TRACKING) != body) is exchanged


def test_utf_16_is_left_alone():
    body = '["8 (495) 123-45-67"]'.encode("utf-16")
    plan = make_body_plan(body, TARGETS, "json", content_type="application/json")
    assert plan.swap(TRACKING) is body


WORDS = st.text(alphabet='абв ,:{}[]"\\/<>&;\n\t=!?-.\u00a0', max_size=12)
NOTATIONS = st.sampled_from(["8 (495) 123-45-67", "+7 495 123-45-67", "84951234567"])
SPACED = st.tuples(WORDS, NOTATIONS, WORDS).map(lambda parts: "{} ; {} ; {}".format(*parts))


@given(texts=st.lists(SPACED, min_size=1, max_size=5), ascii_only=st.booleans())
def test_json_stays_json_and_every_planted_number_is_exchanged(texts, ascii_only):
    body = json.dumps({"a": texts, "b": 84951234567}, ensure_ascii=ascii_only)
    expected = {"a": [_exchanged(text) for text in texts], "b": 84951234567}
    done = swapped(body, "json")
    assert json.loads(done) == expected
    plan = make_body_plan(done.encode(), BACK, "json", content_type="application/json")
    assert plan.swap({"main": MAIN.number}).decode() == body


@given(texts=st.lists(SPACED, min_size=1, max_size=5))
def test_xml_stays_xml_and_every_planted_number_is_exchanged(texts):
    root = ElementTree.Element("shop")
    for text in texts:
        ElementTree.SubElement(root, "phone", note=text).text = text
    body = ElementTree.tostring(root, encoding="unicode")
    done = ElementTree.fromstring(swapped(body, "xml"))
    assert [each.text for each in done] == [_exchanged(text) for text in texts]
    assert [each.get("note") for each in done] == [_exchanged(text) for text in texts]


def _exchanged(text: str) -> str:
    for written, shown in (
        ("8 (495) 123-45-67", "8 (499) 000-00-01"),
        ("+7 495 123-45-67", "+7 499 000-00-01"),
        ("84951234567", "84990000001"),
    ):
        text = text.replace(written, shown)
    return text


SOUP = st.text(alphabet="<>!-[]CDAT?\"'=/&;\\u0 a8495123467", max_size=60)


@given(before=SOUP, after=SOUP, form=st.sampled_from(sorted(TYPES)))
def test_no_soup_loses_a_byte(before, after, form):
    body = f"{before} 8 (495) 123-45-67 {after}".encode()
    plan = make_body_plan(body, TARGETS, form, content_type=TYPES[form])
    assert plan.swap({"main": MAIN.number}) == body


@pytest.mark.parametrize(
    ("form", "unit"),
    [
        ("json", '"8 (495) 123-45-67'),
        ("json", '\\"84951234567'),
        ("xml", "<!-- 84951234567 "),
        ("xml", " 8 (495) 123-45-67;"),
        ("xml", "<a b='84951234567'"),
        ("xml", "<![CDATA[ 84951234567 "),
        ("xml", "< 84951234567 "),
        ("text", " 84951234567 "),
    ],
)
def test_twice_the_body_is_about_twice_the_work(form, unit):
    def work(times: int) -> int:
        body = unit.encode() * times
        return _calls_made(lambda: make_body_plan(body, TARGETS, form, content_type=TYPES[form]))

    assert work(2000) < 3 * work(1000) + 1000


def _calls_made(job: Callable[[], object]) -> int:
    """How many Python functions are called meanwhile."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        job()
    finally:
        sys.setprofile(None)
    return calls


def test_a_body_is_remembered_with_its_form():
    cache, body = PlanCache(), b'{"8 495 123-45-67": "<!-- 8 495 123-45-67 -->"}'
    for form in ("json", "json", "text"):
        plan = cache.plan(body, TARGETS, content_type="x/y", form=form, address="/")
        made = make_body_plan(body, TARGETS, form, content_type="x/y")
        assert plan.places == made.places
    assert (cache.hits, cache.misses, cache.patched) == (1, 2, 0)
