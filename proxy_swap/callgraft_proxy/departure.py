"""A request's body for the way up, and an eye on the client meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType

from callgraft_proxy.asgi import Receive


class Client:
    """
    The client at the other end of one request.

    As a context manager it cancels the block when the client goes away, and swallows that
    cancellation, in the manner of :func:`asyncio.timeout`. Without it a download would go on for
    nobody, and an event stream would go on for ever.
    """

    def __init__(self, receive: Receive, *, has_body: bool) -> None:
        self._receive = receive
        self._body_read = asyncio.Event()
        self._has_cancelled = False
        self.is_gone = False
        if not has_body:
            self._body_read.set()

    async def body(self) -> AsyncIterator[bytes]:
        """The pieces of the request body as they come; ends only where the body really ended."""
        try:
            while True:
                message = await self._receive()
                if message["type"] != "http.request":
                    self.is_gone = True
                    break
                if piece := message.get("body", b""):
                    yield piece
                if not message.get("more_body", False):
                    return
        finally:
            self._body_read.set()
        # Half an upload must not look whole to the site: wait here until the block is cancelled.
        await asyncio.Event().wait()

    async def __aenter__(self) -> Client:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A client can be watched from a task only.")
        self._task = task
        self._cancelling = task.cancelling()
        self._watch = asyncio.create_task(self._wait_until_gone())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool:
        self._watch.cancel()
        if not self._has_cancelled:
            return False
        was_ours_alone = self._task.uncancel() <= self._cancelling
        return was_ours_alone and kind is not None and issubclass(kind, asyncio.CancelledError)

    async def _wait_until_gone(self) -> None:
        await self._body_read.wait()
        while not self.is_gone:
            message = await self._receive()
            self.is_gone = message["type"] == "http.disconnect"
        self._has_cancelled = True
        self._task.cancel()
