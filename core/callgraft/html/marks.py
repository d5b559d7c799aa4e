"""Where promo codes go: the marks that a site wrote into its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callgraft.html.charset import Charset
from callgraft.promo import Promo

REACH = 64
"""So much of a page, on each side of a mark's word, belongs to the mark at most."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """
    What to look for. A mark in braces may have any spaces in them, and its braces and spaces may be
    written as references, as editors of CMSs like to; any other stands as it is, not in a word.
    """

    promo: Promo
    word: bytes
    before: re.Pattern[bytes]
    after: re.Pattern[bytes]

    @classmethod
    def of(cls, promo: Promo | None) -> Marks | None:
        """Compile the mark of the document; None where it has none."""
        if promo is None:
            return None
        braced = _BRACED.fullmatch(promo.placeholder)
        word = braced[1] if braced else promo.placeholder
        return cls(
            promo=promo,
            word=word.encode("ascii"),
            before=_OPEN if braced else _NO_WORD_BEFORE,
            after=_CLOSE if braced else _NO_WORD_BEHIND,
        )

    def spans(self, page: bytes | bytearray) -> Iterator[Span]:
        """Yield first byte and past the last of each mark, in the order of the page."""
        at, taken = page.find(self.word), 0
        while at >= 0:
            end = at + len(self.word)
            before = self.before.search(bytes(page[max(at - REACH, taken) : at]))
            after = self.after.match(bytes(page[end : end + REACH]))
            if before and after:
                end += after.end()
                yield at - len(before[0]), end
                taken = end
            at = page.find(self.word, end)

    def fallback(self, charset: Charset) -> bytes:
        """The bytes for who gets no code."""
        return self.promo.fallback.encode(charset.codec, "xmlcharrefreplace")


_BRACED = re.compile(r"\{\{\s*(\S+)\s*\}\}")
_SPACE = rb"(?:[\t\n\f\r ]|&nbsp;|&#0*160;|&#[xX]0*[aA]0;|\xc2\xa0|\xa0|%20|%C2%A0)*+"
_OPEN = re.compile(rb"(?:\{|&#0*123;|&#[xX]0*7[bB];|&lbrace;|&lcub;|%7[bB]){2}" + _SPACE + rb"\Z")
_CLOSE = re.compile(_SPACE + rb"(?:\}|&#0*125;|&#[xX]0*7[dD];|&rbrace;|&rcub;|%7[dD]){2}")
_NO_WORD_BEFORE = re.compile(rb"(?<![A-Za-z0-9_\x80-\xff])\Z")
_NO_WORD_BEHIND = re.compile(rb"(?![A-Za-z0-9_\x80-\xff])")
