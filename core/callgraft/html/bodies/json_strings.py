"""The strings of a JSON document: what stands in them is text, all the rest is for machines."""

from __future__ import annotations

import re

from callgraft.html.bodies.piece import Piece

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
        self._strings = _STRING.finditer(body)
        self._current = next(self._strings, None)

    def at(self, offset: int) -> Piece | None:
        while self._current is not None and self._current.end() <= offset:
            self._current = next(self._strings, None)
        found = self._current
        if found is None or found.start() >= offset:
            return None
        is_key = _COLON.match(self._body, found.end()) is not None
        return Piece(
            start=found.start() + 1,
            end=max(found.end() - 1, offset),
            writing="json",
            where="in a key of the JSON" if is_key else "in a string of the JSON",
            row="markup" if is_key else self._row,
        )
