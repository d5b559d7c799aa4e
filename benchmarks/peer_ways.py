"""Ways to put another number on a page: ours, and what others would write in an afternoon."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from typing import Any

from callgraft.html import PlanCache, Targets, make_plan
from callgraft.phone import print_like, read
from callgraft.site import Target

Way = Callable[[bytes], bytes]

SHOWN, NEW = read("+7 495 123-45-67"), read("+7 499 000-00-01")
TARGETS = Targets.of([Target(key="main", number=SHOWN, places={"json_ld": "swap"})])
NUMBERS = {"main": NEW}


def ways(sample: list[bytes]) -> dict[str, Way]:
    """Return name → way of all that are installed; the warm one knows ``sample`` already."""
    cache = PlanCache(2**30)
    for page in sample:
        cache.plan(page, TARGETS, content_type=None)
    found: dict[str, Way] = {
        "callgraft, warm": lambda page: cache.plan(page, TARGETS, content_type=None).swap(NUMBERS),
        "callgraft, cold": lambda page: make_plan(page, TARGETS, content_type=None).swap(NUMBERS),
        "a regular expression": lambda page: TARGET.sub(_exchanged, page),
    }
    parsers: dict[str, tuple[str, Way]] = {
        "selectolax (lexbor)": ("selectolax", _selectolax),
        "lxml.html": ("lxml", _lxml),
        "BeautifulSoup (lxml)": ("bs4", lambda page: _soup(page, "lxml")),
        "BeautifulSoup (html.parser)": ("bs4", lambda page: _soup(page, "html.parser")),
    }
    for name, (package, way) in parsers.items():
        if importlib.util.find_spec(package):
            found[name] = way
    return found


def _selectolax(page: bytes) -> bytes:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page.decode(_charset(page)))
    for node in list(tree.root.traverse(include_text=True)):
        if node.tag == "-text":
            text = node.text_content or ""
            new = _printed(text)
            if new != text:
                node.replace_with(new)
        else:
            for name, value in node.attributes.items():
                if value and (new := _printed(value)) != value:
                    node.attrs[name] = new
    return tree.html.encode(_charset(page), "xmlcharrefreplace")


def _lxml(page: bytes) -> bytes:
    from lxml import html

    tree = html.document_fromstring(page, parser=html.HTMLParser(encoding=_charset(page)))
    for node in tree.iter():
        node.text, node.tail = node.text and _printed(node.text), node.tail and _printed(node.tail)
        for name, value in node.attrib.items():
            node.set(name, _printed(value))
    return bytes(html.tostring(tree.getroottree(), encoding=_charset(page)))


def _soup(page: bytes, parser: str) -> bytes:
    import bs4

    soup = bs4.BeautifulSoup(page, parser, from_encoding=_charset(page))
    for text in soup.find_all(string=TEXT):
        text.replace_with(type(text)(_printed(text)))
    for node in soup.find_all(True):
        attributes: dict[str, Any] = node.attrs
        for name, value in attributes.items():
            if isinstance(value, str):
                attributes[name] = _printed(value)
    return soup.encode(_charset(page))


def _charset(page: bytes) -> str:
    """The one of the two that the pages are in."""
    try:
        page.decode()
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def _printed(text: str) -> str:
    return TEXT.sub(lambda found: print_like(found[0], SHOWN, NEW), text)


def _exchanged(found: re.Match[bytes]) -> bytes:
    """Exchange the last ten digits that are no part of a reference."""
    spots = [one.start() for one in _DIGIT.finditer(found[0]) if len(one[0]) == 1][-10:]
    out = bytearray(found[0])
    for spot, digit in zip(spots, NEW.national, strict=True):
        out[spot] = ord(digit)
    return bytes(out)


_DIGIT = re.compile(rb"&#?\w+;|[0-9]")
_GAP = r"(?:[\s\u00a0()./\u2010-\u2015-]|&nbsp;|&#8209;|&#160;){0,5}"


def _tolerant(digits: str, gap: str) -> str:
    # No prefix: a pattern that begins with a literal is ten times as fast.
    return gap.join(digits)


TEXT = re.compile(_tolerant(SHOWN.national, _GAP))
# In bytes a hard space or hyphen is one to three of them.
_BYTES = _GAP.replace(r"\u00a0", r"\xa0").replace(r"\u2010-\u2015", r"\x80-\xff")
TARGET = re.compile(_tolerant(SHOWN.national, _BYTES).encode())
# What tells how many numbers there are reads over tags as well.
SEEN_OLD, SEEN_NEW = (
    re.compile(_tolerant(number.national, _BYTES.replace("|&nbsp;", r"|</?\w+>|&nbsp;")).encode())
    for number in (SHOWN, NEW)
)
