"""One response on its way out: held while it may become a page, streamed when it cannot."""

from __future__ import annotations

from callgraft import Engine, Holding, Visit
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
        self._held: Holding | None = None

    async def send(self, message: Message) -> None:
        """Take the app's next message."""
        kind = message["type"]
        if kind == "http.response.start" and self._engine.wants(head_of(message), self._visit):
            self._start = message
            self._held = Holding(head_of(message), max_body=self._engine.settings.max_body)
        elif kind == "http.response.body" and self._start is not None and self._held is not None:
            await self._hold(self._start, self._held, message)
        else:
            await self._send(message)

    async def _hold(self, start: Message, held: Holding, message: Message) -> None:
        more = message.get("more_body", False)
        if not held.take(message.get("body", b"")):
            await self._release(start, held, more)
        elif not more:
            await self._finish(start, held)

    async def _finish(self, start: Message, held: Holding) -> None:
        page = held.page()
        if page is None:
            # Sent on as it is, so that the server notices what is missing.
            await self._release(start, held, False)
            return
        page = await self._engine.aswap(self._visit, page)
        await self._send(start_of(page.head, start))
        await self._send_body(page.body, False)

    async def _release(self, start: Message, held: Holding, more: bool) -> None:
        """Give up holding: what was held goes out first, the rest streams behind it."""
        self._start = self._held = None
        await self._send(start)
        await self._send_body(b"".join(held.pieces), more)

    async def _send_body(self, body: bytes, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
