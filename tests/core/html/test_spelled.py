"""Numbers in letters, without area code, in full width, and with brackets left empty."""

from __future__ import annotations

import pytest

from callgraft.html import Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target


def _swap(page: str, target: str, tracking: str, *, local: bool = False) -> str:
    targets = Targets.of([Target(key="main", number=read(target), local=local)])
    plan = make_plan(page.encode(), targets, content_type="text/html; charset=utf-8")
    return plan.swap({"main": read(tracking)}).decode()


FLOWERS = "+1 800 356 9377"
LETTERS = [
    ("1-800-FLOWERS", "1-888-5550123"),
    ("1-800-Flowers", "1-888-5550123"),
    ("(800) FLOWERS", "(888) 5550123"),
    ("800.FLO.WERS", "888.555.0123"),
    ("+1 800 FLOWERS", "+1 888 5550123"),
    ("1-800-356-WERS", "1-888-555-0123"),
    ("1-800-FLO<b>WERS</b>", "1-888-555<b>0123</b>"),
    ("1&nbsp;800&#8209;FLOWERS!", "1&nbsp;888&#8209;5550123!"),
]


@pytest.mark.parametrize(("source", "expected"), LETTERS)
def test_a_toll_free_number_in_letters_becomes_digits(source, expected):
    assert _swap(f"<p>{source}</p>", FLOWERS, "+1 888 555 0123") == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "1-800-FLOWERSX",
        "1-800-FLOWER",
        "1-800-FLOWERT",
        "1-800-flowers",
        "2-800-FLOWERS",
        "FLOWERS",
    ],
)
def test_other_words_stay(text):
    assert _swap(f"<p>{text}</p>", FLOWERS, "+1 888 555 0123") == f"<p>{text}</p>"


def test_a_number_that_is_not_toll_free_is_not_sought_in_letters():
    page = "<p>212-FLOWERS</p>"
    assert _swap(page, "+1 212 356 9377", "+1 888 555 0123") == page


LOCAL = [
    ("123-45-67", "8-4812-34-56-78"),
    ("123 45 67", "8-4812-34 56 78"),
    ("<b>123</b>-45-67", "<b>8-4812-34</b>-56-78"),
    ("тел. 123-45-67, 8 (495) 123-45-67", "тел. 8-4812-34-56-78, 8 (4812) 34-56-78"),
    ('<a href="tel:1234567">', '<a href="tel:84812345678">'),
]


@pytest.mark.parametrize(("source", "expected"), LOCAL)
def test_a_number_without_area_code_gets_one_where_it_is_of_another_town(source, expected):
    page = f"<p>{source}</p>"
    assert _swap(page, "+7 495 123-45-67", "+7 4812 34-56-78", local=True) == f"<p>{expected}</p>"
    without = page if "(495)" not in page else page.replace("(495) 123-45-67", "(4812) 34-56-78")
    assert _swap(page, "+7 495 123-45-67", "+7 4812 34-56-78") == without


@pytest.mark.parametrize("source", [source for source, _ in LOCAL[:3]])
def test_in_the_same_town_it_keeps_its_form_and_goes_back(source):
    swapped = _swap(source, "+7 495 123-45-67", "+7 495 000-00-01", local=True)
    assert swapped == source.replace("123", "000").replace("45", "00").replace("67", "01")
    assert _swap(swapped, "+7 495 000-00-01", "+7 495 123-45-67", local=True) == source


@pytest.mark.parametrize(
    "text",
    [
        "(499) 123-45-67",
        "8 (499)123-45-67",
        "499-123-45-67",
        "499.123.45.67",
        "<b>8 499</b> 123-45-67",
        "8 499<wbr>123-45-67",
        "0123-45-67",
        "123-45-678",
        "123-45-67-89",
        "1234567",
        "1 234 567",
        "1234567 руб.",
        "id1234567",
        '<a href="tel:4991234567">',
        '<a href="/1234567">',
    ],
)
def test_anothers_number_and_plain_digits_are_no_number_without_area_code(text):
    page = f"<p>{text}</p>"
    assert _swap(page, "+7 495 123-45-67", "+7 4812 34-56-78", local=True) == page


BRACKETS = [
    ("(01) 55 1234 5678", "(55) 8765 4321"),
    ("01 (55) 1234-5678", "(55) 8765-4321"),
    ("+52 (1) 55 1234 5678", "+52 55 8765 4321"),
    ("+52 (1)55 1234 5678", "+52 55 8765 4321"),
    ("(01 55) 1234 5678", "(55) 8765 4321"),
    ("<b>01</b> (55) 1234 5678", "<b></b> (55) 8765 4321"),
]


@pytest.mark.parametrize(("source", "expected"), BRACKETS)
def test_no_bracket_stands_empty_and_none_loses_its_partner(source, expected):
    assert _swap(f"<p>{source}</p>", "+52 55 1234 5678", "+52 55 8765 4321") == f"<p>{expected}</p>"


def test_full_width_digits_stay_so_also_where_lengths_differ():
    page = "８（４９５）１２３－４５－６７"
    assert _swap(page, "+7 495 123-45-67", "+7 4812 34-56-78") == "８（４８１２）３４－５６－７８"
    page = "8 ４<b>９</b>５ 123-45-67"
    assert _swap(page, "+7 495 123-45-67", "+7 499 000-00-01") == "8 ４<b>９</b>９ 000-00-01"
