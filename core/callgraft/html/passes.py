"""Candidates: where a page has digits enough of a target, whatever is around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from callgraft.html import coarse, loose, skim
from callgraft.html.coarse import REFERENCES
from callgraft.html.finder import Finder

LONGEST = 512
"""A number written longer than this, tags between its digits included, is not found."""
_AHEAD = 2 * LONGEST
_SHORT = 4096
"""A piece so short is searched through before RE2 has begun."""
_SPELLED_SIGNS = 2
Hit = tuple[int, int, int]
"""First byte, past the last, and the group of the pattern: which number it is."""


class Pass(NamedTuple):
    """One time over a page: where something may begin, and what it must be there."""

    beginning: Finder
    pattern: re.Pattern[bytes]
    heads: tuple[skim.Head, ...]

    def hits(self, page: bytes | bytearray, start: int, end: int) -> Iterator[Hit]:
        """Yield what begins in ``page[start:end]``."""
        if end - start < _SHORT:
            yield from _searched(self.pattern, page, start, end)
            return
        within = end + _AHEAD
        # One byte on from each, not past it: in "1 1111111111" the number begins at the second.
        while 0 <= (at := self.beginning.find(page, start, within)) < end:
            found = self.pattern.match(page, at, within)
            if found is not None and found.end() - at <= LONGEST:
                yield _hit(found)
            start = at + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """All passes that a page needs, which the compiled scanner makes at once."""

    passes: tuple[Pass, ...]
    referenced: re.Pattern[bytes] | None
    """All numbers once more, beginning with a digit that is written as a reference."""
    patterns: dict[int, tuple[re.Pattern[bytes], ...]]
    """Which patterns may begin with a byte."""
    table: bytes

    @classmethod
    def of(cls, passes: Iterable[Pass], numbered: dict[str, int]) -> Passes:
        """Take these together."""
        every = tuple(passes)
        firsts = {sign for one in every for head in one.heads for sign in head.signs[0]}
        return cls(
            passes=every,
            referenced=loose.trie([*numbered], numbered, referenced=True) if numbered else None,
            patterns={
                sign: tuple(
                    one.pattern for one in every if any(sign in head.signs[0] for head in one.heads)
                )
                for sign in firsts
            },
            table=skim.table(head for one in every for head in one.heads),
        )

    def hits(self, page: bytes | bytearray, start: int, end: int) -> list[Hit]:
        """Return what begins in ``page[start:end]``, in the order of the page."""
        if skim.compiled is not None:
            found = self._skimmed(page, start, end)
        else:
            found = [hit for one in self.passes for hit in one.hits(page, start, end)]
            if self.referenced is not None:
                found += _referenced_hits(self.referenced, page, start, end)
        found.sort()
        return found

    def _skimmed(self, page: bytes | bytearray, start: int, end: int) -> list[Hit]:
        within = end + _AHEAD
        tries = [
            (pattern, at)
            for at in skim.compiled.beginnings(page, start, end, within, self.table)
            for pattern in self.patterns[page[at]]
        ]
        if self.referenced is not None:
            begins = skim.compiled.references(page, start, end, within)
            tries += [(self.referenced, at) for at in begins]
        matches = [pattern.match(page, at, within) for pattern, at in tries]
        return [_hit(one) for one in matches if one and one.end() - one.start() <= LONGEST]


def of_digits(anchors: list[str], numbered: dict[str, int]) -> Pass:
    """Return what finds these digit strings, which share the first digit."""
    heads = tuple(skim.Head(_each(anchor)) for anchor in anchors)
    return Pass(coarse.beginning(anchors), loose.trie(anchors, numbered), heads)


def of_letters(code: str, keys: list[bytes], group: int) -> Pass:
    """
    Return what finds a number that may be spelled.

    :param code: its area code, in digits that stand together: such a literal is found in no time.
    :param keys: for each further digit, the pattern of its key.
    """
    signs = [code.encode("ascii"), *keys]
    head = skim.Head([*_each(code), *(key.strip(b"[]") for key in keys)], together=len(code))
    return Pass(coarse.row(signs[:_SPELLED_SIGNS]), loose.row(signs, group), (head,))


def _each(digits: str) -> list[bytes]:
    return [bytes([digit]) for digit in digits.encode("ascii")]


def _referenced_hits(
    pattern: re.Pattern[bytes], page: bytes | bytearray, start: int, end: int
) -> Iterator[Hit]:
    # The quick search first: most pages have no digit that is written so.
    within = end + LONGEST
    begins = [
        one.find(page, start, within)
        for first, one in REFERENCES
        if page.find(first, start, within) >= 0
    ]
    return _searched(pattern, page, min((at for at in begins if at >= 0), default=end), end)


def _searched(
    pattern: re.Pattern[bytes], page: bytes | bytearray, start: int, end: int
) -> Iterator[Hit]:
    while start < end and (found := pattern.search(page, start, end + _AHEAD)):
        start = found.start() + 1
        if start <= end and found.end() - start < LONGEST:
            yield _hit(found)


def _hit(found: re.Match[bytes]) -> Hit:
    return found.start(), found.end(), int((found.lastgroup or "")[1:])
