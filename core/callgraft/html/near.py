"""
The last steps to a number, in three instead of thirty: over whole tags at once, and into a value.

It ends in the same state as the walker's own steps do, which are asked for all that is unusual.
"""

from __future__ import annotations

import re

from callgraft.html.markup import FOREIGN_ROOTS, HOP, RAW_ELEMENTS, REST
from callgraft.html.mode import Mode
from callgraft.html.tag import FACTS
from callgraft.html.walk import Walker


def go(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Go on to ``until`` with a walker that minds where text begins."""
    walker.to_text(page, until)
    if walker.mode is Mode.DATA and not walker.foreign:
        opener = page.rfind(b"<", walker.pos, until)
        if opener >= 0:
            # As far as there are whole tags: a "<" in a value or in a comment is not reached.
            passed = HOP.match(page, walker.pos, opener)
            walker.pos = passed.end() if passed else walker.pos
            if walker.pos == opener and _is_passed(walker, page, until):
                return
    walker.to(page, until)


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
