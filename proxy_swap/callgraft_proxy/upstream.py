"""The site behind the proxy, as an ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from yarl import URL

from callgraft_proxy.asgi import Receive, Scope, Send, field
from callgraft_proxy.departure import Client
from callgraft_proxy.forwarding import Network, request_fields, response_fields

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_LONGEST_FIELD = 64 * 1024
_MOST_FIELDS = 512
# Below the 5 seconds after which Apache and Node close a connection that nobody uses.
_KEPT_IDLE = 4.0
_OF_AIOHTTP_ITSELF = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class UpstreamFailed(Exception):
    """
    The site did not give a whole answer.

    :param status: what to tell a client that got nothing yet: 502, or 504 for a timeout.
    :param reason: what happened, for the log.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long the site may take to accept a connection, and to say anything more."""

    connect: timedelta = timedelta(seconds=5)
    idle: timedelta = timedelta(seconds=60)


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
        self._pooled: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._forward(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            # 1013: try again later (RFC 6455 registry); before the handshake it becomes a 403.
            await send({"type": "websocket.close", "code": 1013})

    async def open(self) -> None:
        """Make ready to forward; for servers without the lifespan protocol."""
        self._pooled = self._session(force_close=False)
        self._single = self._session(force_close=True)

    async def close(self) -> None:
        """Close every connection to the site."""
        for session in (self._pooled, self._single):
            if session is not None:
                await session.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        # With force_close aiohttp refuses a keepalive_timeout, even the default one.
        kept = {} if force_close else {"keepalive_timeout": _KEPT_IDLE}
        connector = aiohttp.TCPConnector(
            limit=0,
            ttl_dns_cache=10,
            force_close=force_close,
            **kept,  # type: ignore[arg-type]  # its default is a private sentinel
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),  # a jar would give one visitor another's cookies
            auto_decompress=False,
            trust_env=False,
            raise_for_status=False,
            skip_auto_headers=_OF_AIOHTTP_ITSELF,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
            max_headers=_MOST_FIELDS,
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=self._timeouts.connect.total_seconds(),
                sock_read=self._timeouts.idle.total_seconds(),
            ),
        )

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with (
            Client(receive, has_body=_has_body(scope)) as client,
            self._answer(scope, client) as answer,
        ):
            await _relay(answer, send)

    @asynccontextmanager
    async def _answer(self, scope: Scope, client: Client) -> AsyncIterator[aiohttp.ClientResponse]:
        session = await self._session_for(scope["method"])
        try:
            answer = await session.request(
                scope["method"],
                URL(self._address + _target(scope), encoded=True),
                headers=request_fields(scope, trusted=self._trusted),
                data=client.body() if _has_body(scope) else None,
                chunked=True if _is_chunked(scope) else None,
                allow_redirects=False,
            )
        except (TimeoutError, aiohttp.ClientError, ValueError) as exc:
            raise _failure(exc) from exc
        try:
            yield answer
        finally:
            # Returns the connection when the body was read to its end, closes it when it was not.
            if answer.content.at_eof():
                answer.release()
            else:
                answer.close()

    async def _session_for(self, method: str) -> aiohttp.ClientSession:
        """
        The session to use: repeatable requests share kept connections.

        The site may close a kept connection at the moment when we write to it. A GET is repeated
        then; a POST cannot be, because nobody knows whether it was done. It gets a fresh one.
        """
        if self._pooled is None or self._single is None:
            await self.open()
        session = self._pooled if method in _IDEMPOTENT else self._single
        if session is None:
            raise RuntimeError("The proxy is closed.")
        return session


async def _relay(answer: aiohttp.ClientResponse, send: Send) -> None:
    if not 200 <= answer.status <= 599:
        raise UpstreamFailed(502, f"the site answered with status {answer.status}")
    headers = response_fields(answer.raw_headers, status=answer.status)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    more = True
    while more:
        try:
            piece = await answer.content.readany()
        except (TimeoutError, aiohttp.ClientError) as exc:
            raise _failure(exc) from exc
        more = not answer.content.at_eof()
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _failure(exc: Exception) -> UpstreamFailed:
    status = 504 if isinstance(exc, asyncio.TimeoutError) else 502
    return UpstreamFailed(status, f"{type(exc).__name__}: {exc}")


def _target(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("ascii")


def _has_body(scope: Scope) -> bool:
    return _is_chunked(scope) or (field(scope, b"content-length") or b"0").strip(b"0") != b""


def _is_chunked(scope: Scope) -> bool:
    return field(scope, b"transfer-encoding") is not None
