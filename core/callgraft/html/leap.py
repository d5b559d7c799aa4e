"""
Far ahead in one step: over text and tags of which none was read, with a proof that it is text.

In text, only an element of raw content, SVG, MathML or a comment may change what the tags behind
it are; each begins with a *mark*. Where there was none, a ``>`` ends any tag, and is followed by
text, unless it stands in a quoted value. It does not where the last quote before it has no ``=``
before itself, for such a quote begins no value.
"""

from __future__ import annotations

import re

from callgraft.html import skim
from callgraft.html.finder import Finder
from callgraft.html.markup import ELEMENTS, HOP, REST

_SHORT = 512
"""Not worth a leap: to read the tags takes no longer."""


def leap(page: bytes | bytearray, pos: int, until: int, *, most: int = 0) -> int:
    """
    Return a place in ``page[pos:until]`` where there is text, as ``pos`` is; far, if it can.

    :param most: as far as this it may go where that is the end of a script or the like.
    """
    odd = -1
    most = max(until, most)
    while until - pos > _SHORT:
        mark = _MARK.search(page, pos, until)
        end = mark.start() if mark else until
        text = _text(page, pos, end)
        if mark is None or page.find(b"<", text, end) >= 0:
            return text
        script = _SCRIPT.match(page, end, most)
        if script is not None:
            if odd < end:
                odd = _ODD.find(page, end, most)
                odd = most if odd < 0 else odd
            close = page.find(_SCRIPT_END, script.end(), odd)
            if close - end > _SHORT:
                pos = close + len(_SCRIPT_END)
                continue
        whole = ELEMENTS.match(page, end, most)
        if whole is None:
            return end
        pos = whole.end()
    return pos


def tags(page: bytes | bytearray, pos: int, until: int) -> int:
    """Return how far there are only text and whole tags; to go a little less far is no harm."""
    if skim.compiled is not None:
        reached: int = skim.compiled.tags(page, pos, until)
        return reached
    found = HOP.match(page, pos, until)
    return found.end() if found else pos


def _text(page: bytes | bytearray, pos: int, end: int) -> int:
    """Return how far there is text for certain, where there is no mark from ``pos`` to ``end``."""
    behind = page.rfind(b">", pos, end) + 1
    if not behind:
        return pos
    if not _may_open(page, b'"', pos, behind) and not _may_open(page, b"'", pos, behind):
        return behind
    # Never mind why: one quote that looks odd is seldom followed by another.
    return tags(page, pos, end)


def _may_open(page: bytes | bytearray, quote: bytes, pos: int, end: int) -> bool:
    """Whether a value in this quote may begin in ``page[pos:end]`` that does not end there."""
    at = page.rfind(quote, pos, end)
    if at <= pos or page[at - 1] not in _BEFORE_VALUE:
        return False
    before = page[max(at - 8, pos) : at].rstrip(b"\t\n\f\r ")
    return before.endswith(b"=") or (not before and at > pos)


_BEFORE_VALUE = frozenset(b"=\t\n\f\r ")
# A script of which all tags are written in the usual way is the quickest to pass.
_SCRIPT = re.compile(rb"<script(?=[\t\n\f\r />])" + REST)
_SCRIPT_END = b"</script>"
_ODD = Finder(rb"</(?:S|s(?:C|c(?:R|r(?:I|i(?:P|p(?:T|t[\t\n\f\r /]))))))|<!--")
"""Another way to write the end of a script, and what may change where that is."""
# The beginning of a name is enough.
_MARK = re.compile(
    rb"<(?:s[cC]|s[tT][yY]|s[vV]|S|!--|t[iI]|t[eE]|T|x|X|i[fF]|I|n[oO]|N|p[lL]|P|m[aA][tT]|M)"
)
