"""One answer of the site, as it comes in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from callgraft_proxy.failures import UpstreamFailed

_FULL = 256 * 1024
"""With so many bytes waiting for a slow client, the site is not read any further."""


class Answer:
    """
    Status, header fields as they came, and the body piece by piece.

    Its connection puts in what comes; one task takes it out.

    :param resume: called when there is room again after it was full.
    """

    def __init__(self, resume: Callable[[], None]) -> None:
        self._resume = resume
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self.has_ended = False
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._failure: UpstreamFailed | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def is_full(self) -> bool:
        return self._size >= _FULL

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for the site now."""
        return self._waiting is not None

    def take(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        self.wake()

    def end(self) -> None:
        self.has_ended = True
        self.wake()

    def fail(self, failure: UpstreamFailed) -> None:
        """Whoever waits, or asks for more than what came, is told; of a whole answer nobody is."""
        if not self.has_ended and self._failure is None:
            self._failure = failure
            self.wake()

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def head(self) -> None:
        """
        Wait for status and fields.

        :raises UpstreamFailed: they do not come.
        """
        while not self.status:
            await self._more()

    async def read(self) -> bytes:
        """
        Return what is there of the body, at least a byte; nothing at its end.

        :raises UpstreamFailed: the body broke off.
        """
        while not self._pieces and not self.has_ended:
            await self._more()
        piece = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        was_full = self.is_full
        self._pieces.clear()
        self._size = 0
        if was_full:
            self._resume()
        return piece

    async def _more(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None
