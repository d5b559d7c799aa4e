"""
Numbers that are hidden until somebody clicks: which places can be, and what stands there instead.

The digits that all possible numbers have in common stay, each of the others becomes an ``X``. A
link is put around the text; where it stands in the ``tel:`` link of the same number, that link gets
another address instead, for a link in a link is none. Where neither can be the number stays.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from callgraft.html import kinds
from callgraft.html.found import Found
from callgraft.html.links import around
from callgraft.phone import Number

MASKED = b"X"
_FEWEST = 4
"""So many digits are hidden at least, however alike a pool's numbers are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """How a target is hidden: ``numbers`` are those of which one is shown to who clicks."""

    target: str
    numbers: tuple[Number, ...]
    label: str

    @property
    def hidden(self) -> int:
        """How many digits are hidden; 0 where the numbers have nothing in common."""
        if len({(each.country_code, len(each.national)) for each in self.numbers}) != 1:
            return 0
        nationals = [each.national for each in self.numbers]
        lowest, highest = min(nationals), max(nationals)  # what these two share, all do
        pairs = enumerate(zip(lowest, highest, strict=True))
        common = next((at for at, (a, b) in pairs if a != b), len(lowest))
        return max(len(lowest) - common, _FEWEST)


class Edit(NamedTuple):
    """
    What becomes of the piece ``at`` of a plan: ``parts``, with the link's address in between.

    ``cut`` is how many bytes of the piece before it go: ``tel:``.
    """

    at: int
    parts: tuple[bytes, ...]
    cut: int = 0


def edits(body: bytes, indexed: Sequence[tuple[int, Found]], mask: Mask) -> tuple[Edit, ...]:
    """
    Return how the target is hidden on a page.

    :param indexed: its places that are swapped, where they are, each with its piece's index.
    """
    texts = [(at, one) for at, one in indexed if one.kind is kinds.TEXT]
    links = [(at, one) for at, one in indexed if _is_plain_link(body, one)]
    if not mask.hidden or not texts:
        return ()
    known = around(body, [one.start for _, one in texts])
    found: list[Edit] = []
    for at, one in texts:
        hidden, here = _masked(one, mask), known[one.start]
        if hidden is None or here.is_blocked:
            continue
        if here.link is None:
            found.append(Edit(at, _dressed(one, mask, hidden, *_LINK)))
        elif any(here.link[0] < link.start < here.link[1] for _, link in links):
            found.append(Edit(at, _dressed(one, mask, hidden, *_INSIDE)))
    if not found:
        return ()
    found += [Edit(at, (b"", b""), cut=len(b"tel:")) for at, _ in links]
    return tuple(found)


def _dressed(
    one: Found, mask: Mask, tokens: list[bytes], opening: bytes, closing: bytes
) -> tuple[bytes, ...]:
    """
    The text with an element around it, cut where the link's address goes.

    Around each of its parts with an X, where its tags begin or end others: ``8 (495)</b> 123``.
    """
    label, told = _attribute(mask.label, one), _attribute(mask.target, one)
    left, out = tokens.count(MASKED), b""
    for run in [tokens] if _is_balanced(b"".join(tokens)) else _runs(tokens):
        if MASKED not in run:
            out += b"".join(run)
            continue
        begin = next(at for at, token in enumerate(run) if token.strip(b" \t\r\n"))
        filled = opening % {b"address": _ADDRESS, b"label": label, b"key": told, b"from": left}
        out += b"".join((*run[:begin], filled, *run[begin:], closing))
        left -= run.count(MASKED)
    return tuple(out.split(_ADDRESS))


def _runs(tokens: list[bytes]) -> list[list[bytes]]:
    """The same in parts: each tag alone, and what is between them."""
    runs: list[list[bytes]] = [[]]
    for token in tokens:
        runs += [[token], []] if token.startswith(b"<") else []
        if not token.startswith(b"<"):
            runs[-1].append(token)
    return runs


def _is_balanced(text: bytes) -> bool:
    """Whether one element can be put around all of it."""
    depth = 0
    for closing, name in _TAG.findall(text):
        if name.lower() not in _VOID:
            depth += -1 if closing else 1
        if depth < 0:
            return False
    return depth == 0


def _attribute(text: str, one: Found) -> bytes:
    return html.escape(text).encode(one.charset.codec, "xmlcharrefreplace")


def _masked(one: Found, mask: Mask) -> list[bytes] | None:
    """The text, sign by sign, with an X for each hidden digit; None where that cannot be."""
    first, own = mask.numbers[0], one.target.target.number
    filled = one.slot.written if first == own else one.slot.fill(own, first)
    if filled == one.slot.written and first != own:
        return None
    tokens: list[bytes] = _TOKEN.findall(filled)
    if any(name.lower().decode("latin-1") in _NO_LINK for _, name in _TAG.findall(filled)):
        return None  # a link begins or ends in the middle of the number
    left = mask.hidden
    for index in range(len(tokens) - 1, -1, -1):
        if left and _DIGIT.fullmatch(tokens[index]):
            tokens[index] = MASKED
            left -= 1
    return tokens


def _is_plain_link(body: bytes, one: Found) -> bool:
    """Whether ``tel:`` and the number are the whole address of a link."""
    if one.kind.row != "link" or one.kind.where != "in href=… of <a>":
        return False
    before, behind = body[max(one.start - 5, 0) : one.start], body[one.end : one.end + 1]
    return _TEL.fullmatch(before) is not None and behind in (before[:1], b" ", b">", b"\n")


_ADDRESS = b"\0address\0"
_LINK = (
    b'<a href="%(address)b" rel="nofollow" title="%(label)b" aria-label="%(label)b"'
    b' data-callgraft-mask="%(key)b:%(from)d">',
    b"</a>",
)
_INSIDE = (b'<span title="%(label)b" data-callgraft-mask="%(key)b:%(from)d">', b"</span>")
_TEL = re.compile(rb"(?i)[\"'=]tel:")
_TOKEN = re.compile(
    rb"<!--.*?-->|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>|&[#\w]+;|\xef\xbc[\x90-\x99]|.", re.DOTALL
)
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]*)")
_VOID = frozenset((b"br", b"wbr", b"img", b"hr", b"input"))
_DIGIT = re.compile(rb"[0-9]|\xef\xbc[\x90-\x99]|&#(?:0*(?:4[89]|5[0-7])|[xX]0*3[0-9]);")
_NO_LINK = frozenset(("a", "button", "select", "label", "svg", "math"))
