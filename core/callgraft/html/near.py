"""
The last steps to a number, in three instead of thirty: over whole tags at once, and into a value.

It ends in the same state as the walker's own steps do, which are asked for all that is unusual.
"""

from __future__ import annotations

import re

from callgraft.html.leap import tags
from callgraft.html.markup import FOREIGN_ROOTS, RAW_ELEMENTS, REST
from callgraft.html.mode import Mode
from callgraft.html.tag import FACTS
from callgraft.html.walk import Walker


def go(walker: Walker, page: bytes | bytearray, begin: int, until: int) -> None:
    """
    Go on to ``until`` with a walker that is no further than ``begin``.

    What there is to read begins there, or behind the tag that goes over it.
    """
    in_text = walker.mode is Mode.DATA and not walker.foreign
    if not in_text or not _is_begun(walker, page, begin, until):
        walker.to(page, begin)
        walker.since = walker.pos if walker.mode is Mode.DATA else -1
        walker.to_text(page, until)
    if walker.mode is Mode.DATA and not walker.foreign:
        opener = page.rfind(b"<", walker.pos, until)
        if opener >= 0:
            # As far as there are whole tags: a "<" in a value or in a comment is not reached.
            walker.pos = tags(page, walker.pos, opener)
            if walker.pos == opener and _is_passed(walker, page, until):
                return
    walker.to(page, until)


def _is_begun(walker: Walker, page: bytes | bytearray, begin: int, until: int) -> bool:
    """Whether ``begin``, or the end of the tag that goes over it, was reached."""
    at = tags(page, walker.pos, begin)
    if at < begin:
        tag = TAG.match(page, at, until)
        if tag is None or tag[1].lower() in _OTHERS:
            return False
        # The walker stops before a name's first letter, so the whole tag is read then.
        at = tag.end() if tag.start(1) < begin else at
    walker.pos = walker.since = at
    return True


def _is_passed(walker: Walker, page: bytes | bytearray, until: int) -> bool:
    """Whether ``until`` was reached, in the text behind the tag that begins here or in a value."""
    tag = TAG.match(page, walker.pos, until)
    if tag is not None:
        name = tag[1].lower()
        if name in _OTHERS:
            return False
        walker.tag_start, walker.tag, walker.pos = tag.start(), name, until
        return True
    tag = _VALUE.match(page, walker.pos, until)
    if tag is None or tag[2].lower() in _UNUSUAL:
        return False
    walker.tag_start, walker.tag, walker.closing = tag.start(), tag[1].lower(), False
    walker.facts, walker.slash = {}, False
    walker.attribute, walker.quote, walker.start = tag[2].lower(), tag[3], tag.end(3)
    walker.mode, walker.pos = Mode.VALUE, until
    return True


TAG = re.compile(rb"</?+([a-zA-Z][a-zA-Z0-9-]{0,63}+)(?:>|(?=[\t\n\f\r /])" + REST + rb")")
"""A whole tag."""
# Nothing that begins in a tag of these is what it seems, and what the tag says may matter to these.
_OTHERS = RAW_ELEMENTS | FOREIGN_ROOTS
_UNUSUAL = FACTS | {b"content", b"value"}
# All attributes that are there whole, and one that is not.
_VALUE = re.compile(
    rb"<([a-zA-Z][a-zA-Z0-9-]{0,63}+)(?:[\t\n\f\r ]++[a-zA-Z-]++=(?:\"[^\"]*+\"|'[^']*+'))*+"
    rb"[\t\n\f\r ]++([a-zA-Z-]{1,64}+)=([\"'])"
)
