"""A place cut into the digits that change and everything between them, which stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callgraft.html.match import Match
from callgraft.html.shadow import Shadow
from callgraft.phone import Number, regroup

_RUN = re.compile(rb"[0-9](?:\0*+[0-9])*+")
_KEPT_WITHOUT_DIGITS = frozenset(b"<>()")
Span = tuple[int, int]


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

    def fill(self, target: Number, tracking: Number) -> bytes:
        """Return the bytes with ``tracking`` in them; as they are where that cannot be."""
        texts = regroup(self.groups, target, tracking, plus=self.plus)
        if texts is None:
            return self.written
        out = bytearray(self.written)
        for index in range(len(texts) - 1, -1, -1):
            if texts[index] == self.groups[index]:
                continue
            for first, last, text in reversed(_laid(texts[index], self.spans[index])):
                out[first:last] = text
            if not texts[index]:
                self._drop_separator(out, index)
        return bytes(out)

    def _drop_separator(self, out: bytearray, index: int) -> None:
        """Take out what stood behind an empty group, or before it where that was the last."""
        # What comes after is written already, so only offsets up to this group's end still hold.
        first, last = self.spans[index][0][0], self.spans[index][-1][1]
        if index + 1 < len(self.groups):
            begin, end = last, self.spans[index + 1][0][0]
        else:
            begin, end = self.spans[index - 1][-1][1], first
        if len(self.spans[index]) > 1 or _KEPT_WITHOUT_DIGITS.intersection(self.written[begin:end]):
            return
        removed = last - first if begin == last else 0
        del out[begin - removed : end - removed]


def cut(page: bytes | bytearray, shadow: Shadow, found: Match) -> Slot:
    """Return the slot for a match."""
    runs = list(_RUN.finditer(shadow.text, found.start, found.end))
    last = runs[-1].end() - 1
    end = shadow.long_digits.get(last, last + 1)
    return Slot(
        written=bytes(page[shadow.start + found.start : shadow.start + end]),
        groups=tuple(run[0].translate(None, b"\0").decode("ascii") for run in runs),
        spans=tuple(_spans(shadow, run, found.start) for run in runs),
        plus=found.plus,
    )


def _spans(shadow: Shadow, run: re.Match[bytes], base: int) -> tuple[Span, ...]:
    first, last = run.span()
    if not shadow.long_digits and b"\0" not in run[0]:
        return ((first - base, last - base),)
    spans: list[Span] = []
    for index in range(first, last):
        if not shadow.text[index]:
            continue
        end = shadow.long_digits.get(index, index + 1)
        if spans and spans[-1][1] == index - base:
            spans[-1] = (spans[-1][0], end - base)
        else:
            spans.append((index - base, end - base))
    return tuple(spans)


def _laid(text: str, spans: Sequence[Span]) -> list[tuple[int, int, bytes]]:
    """Share ``text`` out between the pieces of a run; the last one takes what is left over."""
    laid = []
    for index, (first, last) in enumerate(spans):
        part = text if index == len(spans) - 1 else text[: last - first]
        text = text[len(part) :]
        laid.append((first, last, part.encode("ascii", "xmlcharrefreplace")))
    return laid
