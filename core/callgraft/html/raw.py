"""Where elements whose content is no markup end, and comments and their like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callgraft.html.markup import RAW_ELEMENTS
from callgraft.html.mode import Mode

if TYPE_CHECKING:
    from callgraft.html.walk import Walker

LOOKAHEAD = 96
"""How many bytes past ``until`` must be there, where the page goes on."""


def raw(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Go on in a raw element; in scripts ``<!--`` may change what their end is."""
    found = _ENDS[walker.element, walker.mode].search(page, walker.pos, until + LOOKAHEAD)
    if found is None or found.start() >= until:
        walker.pos = until
        return
    turn = _TURNS[walker.mode][found.lastgroup or "end"]
    if turn is Mode.DATA:
        walker.pos = walker.since = found.start()
        walker.mode = turn
        return
    # The hyphens of an opening "<!--" may be those of the closing "-->" as well.
    end = found.start() + 2 if turn is Mode.ESCAPED and found.lastgroup == "open" else found.end()
    walker.pos, walker.mode = (end, turn) if end <= until else (found.start(), walker.mode)


def until_mark(walker: Walker, page: bytes | bytearray, until: int) -> None:
    """Go on in a comment, declaration or CDATA section."""
    found = _MARKS[walker.mode].search(page, walker.pos, until + LOOKAHEAD)
    if found is None or found.start() >= until:
        walker.pos = until
    elif found.end() <= until:
        walker.text_again(found.end())
    else:
        walker.pos = found.start()


def end_of(walker: Walker, page: bytes | bytearray, until: int) -> int:
    """Where the raw element, comment or the like ends, or ``until``."""
    pattern = _MARKS.get(walker.mode) or _ENDS[walker.element, walker.mode]
    for found in pattern.finditer(page, walker.pos, until):
        if found.lastgroup in {None, "end"}:
            return found.start()
    return until


_MARKS = {
    Mode.COMMENT: re.compile(rb"--!?>"),
    Mode.BOGUS: re.compile(rb">"),
    Mode.CDATA: re.compile(rb"\]\]>"),
}
_CLOSE = rb"(?=[\t\n\f\r />])"
_ENDS = {
    (name, Mode.RAW): re.compile(rb"(?P<end></(?i:" + name + rb")" + _CLOSE + rb")")
    for name in RAW_ELEMENTS
} | {
    (b"plaintext", Mode.RAW): re.compile(rb"(?!)"),
    (b"script", Mode.RAW): re.compile(rb"<(?:(?P<end>/(?i:script)" + _CLOSE + rb")|(?P<open>!--))"),
    (b"script", Mode.ESCAPED): re.compile(
        rb"(?P<close>-->)|(?P<end></(?i:script)"
        + _CLOSE
        + rb")|(?P<open><(?i:script)"
        + _CLOSE
        + rb")"
    ),
    (b"script", Mode.DOUBLE_ESCAPED): re.compile(
        rb"(?P<close>-->)|(?P<end></(?i:script)" + _CLOSE + rb")"
    ),
}
_TURNS = {
    Mode.RAW: {"end": Mode.DATA, "open": Mode.ESCAPED},
    Mode.ESCAPED: {"end": Mode.DATA, "open": Mode.DOUBLE_ESCAPED, "close": Mode.RAW},
    Mode.DOUBLE_ESCAPED: {"end": Mode.ESCAPED, "close": Mode.RAW},
}
