"""Holding a body back until it is known whether it is a page that may be swapped."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable

from callgraft.page import Head, Page


class Holding:
    """
    The body of one response, held back by a door.

    Where it turns out to be no page to swap, ``pieces`` go out as they came, and whatever was not
    read yet goes out behind them.
    """

    def __init__(self, head: Head, *, max_body: int) -> None:
        self._head = head
        self._room = max_body
        self.pieces: list[bytes] = []

    def take(self, piece: bytes) -> bool:
        """Keep the piece; False when it was one too many."""
        self.pieces.append(piece)
        self._room -= len(piece)
        return self._room >= 0

    def read(self, body: Iterable[bytes]) -> Page | None:
        """Take pieces while there are any and they fit; return what :meth:`page` does."""
        for piece in body:
            if not self.take(piece):
                return None
        return self.page()

    async def aread(self, body: AsyncIterable[bytes]) -> Page | None:
        """Like :meth:`read`, for an asynchronous body."""
        async for piece in body:
            if not self.take(piece):
                return None
        return self.page()

    def page(self) -> Page | None:
        """
        Return the response with its whole body; None when that is larger than ``max_body``, or not
        as long as its head says.

        The client notices that something is missing by that length. With a new length, half a page
        would be a whole one.
        """
        body = b"".join(self.pieces)
        if self._room < 0 or not _is_as_long_as_told(self._head, len(body)):
            return None
        return Page(head=self._head, body=body)


def _is_as_long_as_told(head: Head, size: int) -> bool:
    told = [value for name, value in head.headers if name.lower() == "content-length"]
    return all(value.strip() == str(size) for value in told)
