"""The outermost app of the proxy: it refuses what is unclear, and answers for a site that fails."""

from __future__ import annotations

import logging
from email.utils import formatdate

from callgraft import Head, Network, Page
from callgraft_proxy.asgi import App, Message, Receive, Scope, Send, field, fields
from callgraft_proxy.failures import UpstreamFailed
from callgraft_proxy.forwarding import trusts
from callgraft_proxy.sorry import sorry
from callgraft_proxy.translate import send_page
from callgraft_proxy.tunnel import deny

logger = logging.getLogger(__name__)


class Gate:
    """
    Lets requests in and sees that each gets an answer that is whole or visibly broken.

    When the site fails before its head was sent on, the client gets an error page; afterwards the
    connection is cut, so that nobody takes a part for the whole.
    """

    def __init__(self, app: App, *, trusted: tuple[Network, ...] = ()) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(self._as_the_client_sees_it(scope), receive, send)
        elif scope["type"] == "websocket":
            await self._connect(self._as_the_client_sees_it(scope), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = _Reply(send)
        refusal = _refusal(scope)
        if refusal is not None:
            await send_page(refusal, reply.send, method=scope["method"])
            return
        try:
            await self._app(scope, receive, reply.send)
        except UpstreamFailed as exc:
            _log(scope, exc, "cut off" if reply.has_started else str(exc.status))
            if not reply.has_started:
                language = field(scope, b"accept-language") or b""
                page = sorry(exc.status, language.decode("latin-1"))
                await send_page(page, reply.send, method=scope["method"])
            # Returning without an end makes the server cut the connection.

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(fields(scope, b"host")) > 1:
            await deny(scope, send, 400)
            return
        try:
            await self._app(scope, receive, send)
        except UpstreamFailed as exc:
            _log(scope, exc, str(exc.status))
            await deny(scope, send, exc.status)

    def _as_the_client_sees_it(self, scope: Scope) -> Scope:
        """The same scope, with the scheme that a listed proxy in front was asked with."""
        told = (field(scope, b"x-forwarded-proto") or b"").decode("latin-1").lower()
        if told not in ("http", "https") or not trusts(scope, self._trusted):
            return scope
        secure, plain = ("wss", "ws") if scope["type"] == "websocket" else ("https", "http")
        return {**scope, "scheme": secure if told == "https" else plain}


class _Reply:
    """Passes one response on, with a Date where it has none."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            headers = list(message["headers"])
            if not any(name == b"date" for name, _ in headers):
                headers.append((b"date", formatdate(usegmt=True).encode()))
            message = {**message, "headers": headers}
        await self._send(message)


def _refusal(scope: Scope) -> Page | None:
    """What to answer to a request that the site and we could understand differently."""
    if len(fields(scope, b"host")) > 1:
        return _plain(400, "A request names one Host.")
    if not scope["raw_path"].startswith(b"/"):
        # Put behind the site's address, anything else could make it another address.
        return _plain(400, "A request names a path.")
    codings = b",".join(fields(scope, b"transfer-encoding")).strip().lower()
    if codings not in (b"", b"chunked"):
        return _plain(501, "The only transfer coding that is understood here is chunked.")
    return None


def _plain(status: int, text: str) -> Page:
    body = f"{text}\n".encode()
    headers = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
    )
    return Page(head=Head(status=status, headers=headers), body=body)


def _log(scope: Scope, exc: UpstreamFailed, outcome: str) -> None:
    host = (field(scope, b"host") or b"").decode("latin-1")
    method = scope.get("method", "WebSocket")
    logger.warning("%s %s%s: %s: %s", method, host, scope["path"], outcome, exc)
