"""
The walker's steps inside of a tag: its name, its attributes, and what they say about it.

Each goes on as far as its state lasts, but not past ``until``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callgraft.html.foreign import entered
from callgraft.html.markup import ATTRIBUTE, RAW_ELEMENTS
from callgraft.html.mode import Mode

if TYPE_CHECKING:
    from callgraft.html.walk import Walker

HEAD_LIMIT = 96
"""How much of a raw element's content says what it is."""
_NAME_LIMIT = 64
_FACT_LIMIT = 160
FACTS = frozenset((b"type", b"name", b"property", b"itemprop", b"id", b"http-equiv"))


def tag_name(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Read the tag's name."""
    name = _run(_TAG_NAME, page, walker.pos, until)
    walker.tag = (walker.tag + name[:_NAME_LIMIT].lower())[:_NAME_LIMIT]
    walker.pos += len(name)
    if walker.pos < until:
        walker.mode, walker.slash = Mode.BEFORE_NAME, False


def before_name(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Pass the attributes that are there whole, up to the tag's end or one that is not."""
    while found := ATTRIBUTE.match(page, walker.pos, until):
        name = found[1][:_NAME_LIMIT].lower()
        if name in FACTS:
            value = found[2] or found[3] or found[4]
            if value:
                walker.facts.setdefault(name, bytes(value[:_FACT_LIMIT]))
        walker.pos, walker.slash = found.end(), False
    gap = _run(_GAP, page, walker.pos, until)
    if gap:
        walker.pos += len(gap)
        walker.slash = gap.endswith(b"/")
    if walker.pos >= until:
        return
    if page[walker.pos] == 0x3E:
        _end(walker, page)
        return
    walker.attribute = bytes(page[walker.pos : walker.pos + 1]).lower()
    walker.pos += 1
    walker.mode, walker.slash = Mode.NAME, False


def name(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Read an attribute's name."""
    read = _run(_NAME, page, walker.pos, until)
    walker.attribute = (walker.attribute + read[:_NAME_LIMIT].lower())[:_NAME_LIMIT]
    walker.pos += len(read)
    if walker.pos < until:
        walker.mode = Mode.AFTER_NAME


def after_name(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Find out whether the attribute has a value."""
    walker.pos += len(_run(_SPACE, page, walker.pos, until))
    if walker.pos >= until:
        return
    if page[walker.pos] == 0x3D:
        walker.pos += 1
        walker.mode = Mode.BEFORE_VALUE
    else:
        walker.mode = Mode.BEFORE_NAME


def before_value(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Find out how the value is quoted."""
    walker.pos += len(_run(_SPACE, page, walker.pos, until))
    if walker.pos >= until:
        return
    first = bytes(page[walker.pos : walker.pos + 1])
    if first == b">":
        walker.mode = Mode.BEFORE_NAME
        return
    walker.quote = first if first in {b'"', b"'"} else b""
    walker.pos += len(walker.quote)
    walker.start = walker.pos
    walker.mode = Mode.VALUE
    if walker.attribute in FACTS and walker.attribute not in walker.facts:
        walker.facts[walker.attribute] = b""
        walker.attribute = b"=" + walker.attribute


def value(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Go on to the value's end."""
    if walker.quote:
        end = page.find(walker.quote, walker.pos, until)
        end = until if end < 0 else end
    else:
        end = walker.pos + len(_run(_UNQUOTED, page, walker.pos, until))
    if walker.attribute.startswith(b"="):
        _learn(walker, bytes(page[walker.pos : min(end, walker.pos + _FACT_LIMIT)]))
    walker.pos = end
    if end < until:
        walker.pos += len(walker.quote)
        walker.mode = Mode.BEFORE_NAME


def _learn(walker: Walker, told: bytes) -> None:
    of = walker.attribute[1:]
    walker.facts[of] = (walker.facts.get(of, b"") + told)[:_FACT_LIMIT]


def _end(walker: Walker, page: bytes | bytearray) -> None:
    walker.text_again(walker.pos + 1)
    was_foreign = walker.foreign.endswith(b"s")
    walker.foreign = entered(walker.foreign, walker.tag, closing=walker.closing, empty=walker.slash)
    if walker.closing or walker.tag not in RAW_ELEMENTS:
        return
    if was_foreign and (walker.slash or walker.tag not in {b"script", b"style"}):
        return
    walker.mode, walker.since = Mode.RAW, -1
    walker.element, walker.start = walker.tag, walker.pos
    walker.head = bytes(page[walker.pos : walker.pos + HEAD_LIMIT])


def _run(pattern: re.Pattern[bytes], page: bytes | bytearray, pos: int, until: int) -> bytes:
    found = pattern.match(page, pos, until)
    return found[0] if found else b""


_TAG_NAME = re.compile(rb"[^\t\n\f\r />]*+")
_GAP = re.compile(rb"[\t\n\f\r /]*+")
_SPACE = re.compile(rb"[\t\n\f\r ]*+")
_NAME = re.compile(rb"[^\t\n\f\r />=]*+")
_UNQUOTED = re.compile(rb"[^\t\n\f\r >]*+")
