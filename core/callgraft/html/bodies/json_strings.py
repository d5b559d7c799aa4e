"""The strings of a JSON document: what stands in them is text, all the rest is for machines."""

from __future__ import annotations

import re

from callgraft.html.bodies.piece import Piece

_HOP = re.compile(rb'(?:[^"]*+"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""Whole strings with what stands before each."""
# Ends at the end of the body too: a string left open must not be looked through again and again.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?+\Z)', re.DOTALL)
_COLON = re.compile(rb"[\t\n\r ]*+:")


class JsonStrings:
    """
    The strings that are values. Keys are names that scripts know.

    :param row: the row of the policy table; JSON-LD has its own.
    """

    def __init__(self, body: bytes, *, row: str = "body") -> None:
        self._body = body
        self._row = row
        self._end = 0
        """Up to here all is known; the last string of it is ``_last``."""
        self._last: Piece | None = None

    def at(self, offset: int) -> Piece | None:
        if offset >= self._end:
            self._go_on(offset)
        last = self._last
        return last if last is not None and last.start <= offset < last.end else None

    def _go_on(self, offset: int) -> None:
        """To the end of the first string that ends behind ``offset``."""
        hopped = _HOP.match(self._body, self._end, offset)
        begin = self._body.find(b'"', hopped.end() if hopped else self._end)
        found = _STRING.match(self._body, begin) if begin >= 0 else None
        self._end = found.end() if found else len(self._body)
        self._last = self._piece(begin, self._end) if found else None

    def _piece(self, begin: int, end: int) -> Piece:
        is_key = _COLON.match(self._body, end) is not None
        return Piece(
            start=begin + 1,
            # One left open has no quotation mark at its end.
            end=end - 1 if self._body.endswith(b'"', begin + 1, end) else end,
            writing="json",
            where="in a key of the JSON" if is_key else "in a string of the JSON",
            row="markup" if is_key else self._row,
        )
