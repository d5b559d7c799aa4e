"""
Far ahead in one step: over text and tags of which none was read, with a proof that it is text.

In text, only an element of raw content, SVG, MathML or a comment may change what the tags behind
it are; each begins with a *mark*. Where there was none, a ``>`` ends any tag, and is followed by
text, unless it stands in a quoted value. It does not where the last quote before it has no ``=``
before itself, for such a quote begins no value.
"""

from __future__ import annotations

import re

from callgraft.html.markup import ELEMENTS, HOP

_SHORT = 512
"""Not worth a leap: to read the tags takes no longer."""


def leap(page: bytes | bytearray, pos: int, until: int) -> int:
    """Return a place in ``page[pos:until]`` where there is text, as ``pos`` is; far, if it can."""
    while until - pos > _SHORT:
        mark = _MARK.search(page, pos, until)
        end = mark.start() if mark else until
        text = _text(page, pos, end)
        if mark is None or page.find(b"<", text, end) >= 0:
            return text
        whole = ELEMENTS.match(page, end, until)
        if whole is None:
            return end
        pos = whole.end()
    return pos


def _text(page: bytes | bytearray, pos: int, end: int) -> int:
    """Return how far there is text for certain, where there is no mark from ``pos`` to ``end``."""
    behind = page.rfind(b">", pos, end) + 1
    if not behind:
        return pos
    if not _may_open(page, b'"', pos, behind) and not _may_open(page, b"'", pos, behind):
        return behind
    # Never mind why: one quote that looks odd is seldom followed by another.
    found = HOP.match(page, pos, end)
    return found.end() if found else pos


def _may_open(page: bytes | bytearray, quote: bytes, pos: int, end: int) -> bool:
    """Whether a value in this quote may begin in ``page[pos:end]`` that does not end there."""
    at = page.rfind(quote, pos, end)
    if at < 0:
        return False
    before = page[max(at - 8, pos) : at].rstrip(b"\t\n\f\r ")
    return before.endswith(b"=") or (not before and at > pos)


# The beginning of a name is enough.
_MARK = re.compile(
    rb"<(?:s[cC]|s[tT][yY]|s[vV]|S|!--|t[iI]|t[eE]|T|x|X|i[fF]|I|n[oO]|N|p[lL]|P|m[aA][tT]|M)"
)
