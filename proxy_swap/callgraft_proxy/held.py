"""One response on its way out: held while it may become a page, streamed when it cannot."""

from __future__ import annotations

from callgraft import Engine, Head, Page, Visit
from callgraft_proxy.asgi import Message, Send
from callgraft_proxy.translate import head_of, start_of


class HeldResponse:
    """
    Takes what an app sends for one request, and sends on what the visitor gets.

    The head of a page waits until the body is whole, because the swap changes both. If the app
    breaks off before that, nothing was sent and the server can still answer with an error.
    """

    def __init__(self, engine: Engine, visit: Visit, send: Send) -> None:
        self._engine = engine
        self._visit = visit
        self._send = send
        self._start: Message | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        """Take the app's next message."""
        kind = message["type"]
        if kind == "http.response.start" and self._engine.wants(head_of(message), self._visit):
            self._start = message
        elif kind == "http.response.body" and self._start is not None:
            await self._hold(self._start, message)
        else:
            await self._send(message)

    async def _hold(self, start: Message, message: Message) -> None:
        piece, more = message.get("body", b""), message.get("more_body", False)
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > self._engine.settings.max_body:
            await self._release(start, more)
        elif not more:
            await self._finish(start)

    async def _finish(self, start: Message) -> None:
        head = head_of(start)
        if _is_short(head, self._size):
            # Sent on as it is, so that the server notices: a new length would hide what is missing.
            await self._release(start, False)
            return
        page = await self._engine.aswap(self._visit, Page(head=head, body=self._taken()))
        await self._send(start_of(page.head, start))
        await self._send_body(page.body, False)

    async def _release(self, start: Message, more: bool) -> None:
        """Give up holding: what was held goes out first, the rest streams behind it."""
        self._start = None
        await self._send(start)
        await self._send_body(self._taken(), more)

    async def _send_body(self, body: bytes, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _taken(self) -> bytes:
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body


def _is_short(head: Head, size: int) -> bool:
    promised = head.header("content-length")
    return promised is not None and promised != str(size)
