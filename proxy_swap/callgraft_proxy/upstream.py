"""The site behind the proxy, as an ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from callgraft import Network
from callgraft_proxy.asgi import Receive, Scope, Send, field
from callgraft_proxy.departure import Client
from callgraft_proxy.forwarding import request_fields, response_fields
from callgraft_proxy.sessions import Sessions, Timeouts
from callgraft_proxy.tunnel import tunnel


class UpstreamFailed(Exception):
    """
    The site did not give a whole answer.

    :param status: what to tell a client that got nothing yet: 502, or 504 for a timeout.
    :param reason: what happened, for the log.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Upstream:
    """
    Forwards every request to one site and streams its answer back.

    :param address: scheme, host and port, like ``http://127.0.0.1:8080``.
    :param trusted: the proxies whose ``X-Forwarded-…`` are believed.
    :raises UpstreamFailed: when called, before or after the head was sent.
    """

    def __init__(
        self, address: str, *, trusted: tuple[Network, ...] = (), timeouts: Timeouts | None = None
    ) -> None:
        self._address = address.rstrip("/")
        self._trusted = trusted
        self._timeouts = timeouts or Timeouts()
        self._open: Sessions | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._forward(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._tunnel(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def close(self) -> None:
        """Close every connection to the site."""
        if self._open is not None:
            await self._open.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _sessions(self) -> Sessions:
        if self._open is None:
            self._open = Sessions(self._timeouts)
        return self._open

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with (
            Client(receive, has_body=_has_body(scope)) as client,
            self._answer(scope, client) as answer,
        ):
            await _relay(answer, send, has_body=scope["method"] != "HEAD")

    @asynccontextmanager
    async def _answer(self, scope: Scope, client: Client) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            answer = (
                await self._sessions()
                .for_method(scope["method"])
                .request(
                    scope["method"],
                    self._url(scope),
                    headers=request_fields(scope, trusted=self._trusted),
                    data=client.body() if _has_body(scope) else None,
                    chunked=True if _is_chunked(scope) else None,
                    allow_redirects=False,
                )
            )
        except (TimeoutError, aiohttp.ClientError, ValueError) as exc:
            raise _failure(exc) from exc
        try:
            yield answer
        finally:
            # A connection whose body was read to its end went back to the others by itself.
            answer.close()

    async def _tunnel(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await tunnel(
                scope,
                receive,
                send,
                session=self._sessions().tunnels,
                url=self._url(scope),
                headers=request_fields(scope, trusted=self._trusted),
            )
        except (TimeoutError, aiohttp.ClientError) as exc:
            raise _failure(exc) from exc

    def _url(self, scope: Scope) -> URL:
        path: bytes = scope["raw_path"]
        query: bytes = scope["query_string"]
        target = path + b"?" + query if query else path
        return URL(self._address + target.decode("ascii"), encoded=True)


async def _relay(answer: aiohttp.ClientResponse, send: Send, *, has_body: bool) -> None:
    if not 200 <= answer.status <= 599:
        raise UpstreamFailed(502, f"the site answered with status {answer.status}")
    headers = response_fields(answer.raw_headers, status=answer.status)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    more = has_body
    if not has_body:
        # Whatever the site sends behind the head nevertheless is left with its connection.
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    while more:
        try:
            piece = await answer.content.readany()
        except (TimeoutError, aiohttp.ClientError) as exc:
            raise _failure(exc) from exc
        more = not answer.content.at_eof()
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _failure(exc: Exception) -> UpstreamFailed:
    status = 504 if isinstance(exc, TimeoutError) else 502
    return UpstreamFailed(status, f"{type(exc).__name__}: {_what_happened(exc)}")


def _what_happened(exc: Exception) -> str:
    """In our own words: those of aiohttp quote what the site sent, which may be anybody's page."""
    match exc:
        case aiohttp.ClientConnectorError():
            return f"no connection to {exc.host}:{exc.port}, {exc.strerror}"
        case TimeoutError():
            return "nothing came in time"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection was lost before the answer"
        case aiohttp.ClientPayloadError():
            return "the answer broke off"
        case aiohttp.ClientResponseError():
            return "the answer is no HTTP that can be understood"
    return "the request could not be made"


def _has_body(scope: Scope) -> bool:
    return _is_chunked(scope) or (field(scope, b"content-length") or b"0").strip(b"0") != b""


def _is_chunked(scope: Scope) -> bool:
    return field(scope, b"transfer-encoding") is not None
