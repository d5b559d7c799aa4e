"""A place cut into the digits that change and everything between them, which stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from callgraft.html.match import Match
from callgraft.html.shadow import Shadow
from callgraft.phone import Number, regroup

_RUN = re.compile(rb"[0-9](?:\0*+[0-9])*+")
_KEPT_WITHOUT_DIGITS = frozenset(b"<>()")
_SPACES = b" \t\n\f\r"
_FILLED_KEPT = 32


class Span(NamedTuple):
    """Bytes of a slot in which some digits of a run stand."""

    first: int
    last: int
    digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """
    One written number.

    ``groups`` are its runs of digits as a reader sees them; ``spans`` says which bytes of
    ``written`` each run stands in, several where tags part it.
    """

    written: bytes
    groups: tuple[str, ...]
    spans: tuple[tuple[Span, ...], ...]
    plus: bool
    local: bool = False
    only_digits: bool = False
    """It is a number of JSON without quotes: ``+44…`` or ``044…`` there would be no JSON."""
    filled: dict[tuple[str, str], bytes] = field(default_factory=dict, compare=False, repr=False)
    """What `fill` returned last: the same few notations stand on all pages of a site."""

    def fill(self, target: Number, tracking: Number) -> bytes:
        """Return the bytes with ``tracking`` in them; as they are where that cannot be."""
        key = (target.e164, tracking.e164)
        known = self.filled.get(key)
        if known is None:
            known = self._fill(target, tracking)
            if len(self.filled) >= _FILLED_KEPT:
                self.filled.clear()
            self.filled[key] = known
        return known

    def _fill(self, target: Number, tracking: Number) -> bytes:
        texts = regroup(self.groups, target, tracking, local=self.local, plus=self.plus)
        if texts is None:
            return self.written
        texts = self._into_open_bracket(texts)
        out = bytearray(self.written)
        for index in range(len(texts) - 1, -1, -1):
            if texts[index] == self.groups[index]:
                continue
            for span, text in reversed(self._laid(texts[index], self.spans[index])):
                out[span.first : span.last] = text
            if not texts[index]:
                self._drop_separator(out, index)
        if self.only_digits and (not out.isdigit() or out.startswith(b"0")):
            return self.written
        return bytes(out)

    def _into_open_bracket(self, texts: list[str]) -> list[str]:
        """
        Move the next group into a bracket that would be left empty, where it began before us.

        ``(01) 55 1234`` is ``(55) 8765``: its ``(`` belongs to the page, so its ``)`` must stay.
        """
        if len(texts) < 2 or texts[0]:
            return texts
        between = self.written[self.spans[0][-1].last : self.spans[1][0].first]
        if between.count(b")") <= between.count(b"("):
            return texts
        return [texts[1], "", *texts[2:]]

    def _drop_separator(self, out: bytearray, index: int) -> None:
        """Take out what stood behind an empty group, or before it where that was the last."""
        # What comes after is written already, so only offsets up to this group's end still hold.
        first, last = self.spans[index][0].first, self.spans[index][-1].last
        before = self.written[self.spans[index - 1][-1].last : first] if index else b""
        if index + 1 < len(self.groups):
            begin, end = last, self.spans[index + 1][0].first
        else:
            begin, end = self.spans[index - 1][-1].last, first
        if len(self.spans[index]) > 1 or b"<" in self.written[begin:end]:
            return
        if before.endswith(b"(") and self.written[last : last + 1] == b")":
            self._drop_brackets(out, first, last, after=self.written[last + 1 : end])
            return
        removed = last - first if begin == last else 0
        between = self.written[begin:end]
        if _KEPT_WITHOUT_DIGITS.intersection(between):
            # "01 (55)": the space goes, the bracket is the next group's.
            spaces = len(between) - len(between.lstrip(_SPACES)) if index == 0 else 0
            del out[begin - removed : begin - removed + spaces]
            return
        del out[begin - removed : end - removed]

    @staticmethod
    def _drop_brackets(out: bytearray, first: int, last: int, *, after: bytes) -> None:
        # The digits are out already: "+52 () 55" → "+52 55".
        spaces = len(after) - len(after.lstrip(_SPACES))
        del out[first - 1 : first + 1 + spaces]

    def _laid(self, text: str, spans: Sequence[Span]) -> list[tuple[Span, bytes]]:
        """Share a text out between the pieces of a run; the last one takes what is left over."""
        laid = []
        for index, span in enumerate(spans):
            part = text if index == len(spans) - 1 else text[: span.digits]
            text = text[len(part) :]
            way = _WAYS.get(self.written[span.first : span.first + 2], {})
            laid.append((span, part.translate(way).encode()))
        return laid


_WAYS = {
    b"\xef\xbc": {0x30 + digit: chr(0xFF10 + digit) for digit in range(10)},
    b"\\u": {0x30 + digit: f"\\u003{digit}" for digit in range(10)},
}
"""Other ways to write digits, by how they begin: the new ones are written so as well."""


def cut(
    page: bytes | bytearray, shadow: Shadow, found: Match, *, only_digits: bool = False
) -> Slot:
    """Return the slot for a match."""
    runs = list(_RUN.finditer(shadow.text, found.start, found.end))
    last = runs[-1].end() - 1
    end = shadow.long_digits.get(last, last + 1)
    written = bytes(page[shadow.start + found.start : shadow.start + end])
    return Slot(
        written=written,
        groups=tuple(run[0].translate(None, b"\0").decode("ascii") for run in runs),
        spans=tuple(_spans(shadow, run, found.start) for run in runs),
        plus=found.plus,
        local=found.local,
        only_digits=only_digits and written.isdigit(),
    )


def _spans(shadow: Shadow, run: re.Match[bytes], base: int) -> tuple[Span, ...]:
    first, last = run.span()
    if not shadow.long_digits and b"\0" not in run[0]:
        return (Span(first - base, last - base, last - first),)
    spans: list[Span] = []
    for index in range(first, last):
        if not shadow.text[index]:
            continue
        end = shadow.long_digits.get(index, index + 1)
        before = spans[-1] if spans else Span(0, 0, 1)
        width = (before.last - before.first) // before.digits
        if before.last == index - base and width == end - index:
            spans[-1] = Span(before.first, end - base, before.digits + 1)
        else:
            spans.append(Span(index - base, end - base, 1))
    return tuple(spans)
