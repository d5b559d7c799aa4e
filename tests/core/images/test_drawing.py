"""A number image drawn with another number."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from callgraft.images import Drawing
from callgraft.patterns import Pattern
from callgraft.phone import read
from callgraft.site import Target
from callgraft.subresources import Image

TARGET = Target(key="main", number=read("+7 495 123-45-67"))
NUMBERS = {"main": read("+7 4812 00-00-01")}
GIF = b"GIF89a\xdc\x00\x20\x00\x80\0\0"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(body: bytes = GIF, **looks) -> ElementTree.Element:
    return ElementTree.fromstring(_drawing(body, **looks).swap(NUMBERS))


def _drawing(body: bytes, **looks) -> Drawing:
    told = {"notation": "8 (495) 123-45-67", **looks}
    image = Image(url=Pattern("/p.gif"), target="main", **told)
    return Drawing(body=body, image=image, target=TARGET)


def test_the_number_stands_in_the_notation_of_the_image():
    svg = drawn()
    assert svg.tag == f"{SVG}svg"
    assert svg.find(f"{SVG}text").text == "8 (4812) 00-00-01"
    assert svg.get("aria-label") == "8 (4812) 00-00-01"


def test_without_a_number_the_image_stays_the_same_object():
    drawing = _drawing(GIF)
    assert drawing.swap({}) is GIF
    assert drawing.swap({"other": NUMBERS["main"]}) is GIF
    assert drawing.targets == {"main"}


@pytest.mark.parametrize(
    ("looks", "width", "height"),
    [
        ({}, "220", "32"),
        ({"width": 300, "height": 40}, "300", "40"),
        ({"width": 110}, "110", "16"),
        ({"height": 64}, "440", "64"),
    ],
)
def test_the_drawing_is_as_large_as_told_or_as_the_image_was(looks, width, height):
    svg = drawn(**looks)
    assert (svg.get("width"), svg.get("height")) == (width, height)
    assert svg.get("viewBox") == f"0 0 {width} {height}"


def test_an_image_that_does_not_tell_its_size_is_drawn_as_large_as_its_text():
    svg = drawn(b"BM", font_size=20)
    text = svg.find(f"{SVG}text")
    assert svg.get("height") == "25"
    assert svg.get("width") == text.get("textLength")


@pytest.mark.parametrize("font_size", [None, 10, 400])
def test_the_text_is_never_wider_than_the_image(font_size):
    text = drawn(font_size=font_size).find(f"{SVG}text")
    assert 0 < float(text.get("textLength")) <= 220
    assert text.get("lengthAdjust") == "spacingAndGlyphs"


@pytest.mark.parametrize(
    ("align", "x", "anchor"),
    [("left", "0", "start"), ("center", "110", "middle"), ("right", "220", "end")],
)
def test_the_text_stands_where_it_is_told_to(align, x, anchor):
    text = drawn(align=align).find(f"{SVG}text")
    assert (text.get("x"), text.get("text-anchor")) == (x, anchor)


def test_looks_are_those_of_the_document():
    svg = drawn(color="navy", background="#fe0", font='A "B" & <C>', bold=True, font_size=18)
    text = svg.find(f"{SVG}text")
    assert text.get("fill") == "navy"
    assert text.get("font-family") == 'A "B" & <C>'
    assert text.get("font-weight") == "bold"
    assert text.get("font-size") == "18"
    assert svg.find(f"{SVG}rect").get("fill") == "#fe0"


def test_without_a_background_the_page_shows_through():
    assert drawn().find(f"{SVG}rect") is None


def test_words_around_the_number_are_text_and_no_markup():
    svg = drawn(notation='<b>& "8 (495) 123-45-67"')
    assert svg.find(f"{SVG}text").text == '<b>& "8 (4812) 00-00-01"'
