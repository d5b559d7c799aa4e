"""A piece of text in a body, and what finds the one that a byte stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """
    Text from ``start`` to ``end``: a JSON string, a text or a value of XML, a whole plain text.

    ``writing`` says how, in the words of `shadow`; None is HTML within. ``where`` is for people.
    """

    start: int
    end: int
    writing: str | None
    where: str
    row: str = "body"


class Pieces(Protocol):
    """The pieces of one body, asked for in the order of the body."""

    def at(self, offset: int) -> Piece | None:
        """The piece that holds the byte at ``offset``, which never goes back; None: no text."""
        ...


class PlainText:
    """All of a plain text is text."""

    def __init__(self, body: bytes) -> None:
        self._whole = Piece(start=0, end=len(body), writing="plain", where="in the text")

    def at(self, offset: int) -> Piece | None:
        return self._whole
