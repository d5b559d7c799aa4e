"""The site behind the proxy, as an ASGI app."""

from __future__ import annotations

import aiohttp
from yarl import URL

from callgraft import Network
from callgraft_proxy.answer import Answer
from callgraft_proxy.asgi import Receive, Scope, Send, field
from callgraft_proxy.departure import Client
from callgraft_proxy.failures import UpstreamFailed
from callgraft_proxy.forwarding import request_fields, response_fields
from callgraft_proxy.pool import Pool, Request, Timeouts
from callgraft_proxy.tunnel import tunnel, tunnels


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
        self._pool: Pool | None = None
        self._tunnels: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._forward(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._tunnel(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def close(self) -> None:
        """Close every connection to the site."""
        if self._pool is not None:
            self._pool.close()
        if self._tunnels is not None:
            await self._tunnels.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _asked(self) -> Pool:
        if self._pool is None:
            self._pool = Pool(self._address, self._timeouts)
        return self._pool

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_body = _has_body(scope)
        async with Client(receive, has_body=has_body) as client:
            request = Request(
                method=scope["method"],
                target=_target(scope),
                fields=request_fields(scope, trusted=self._trusted),
                body=client.body() if has_body else None,
                is_chunked=_is_chunked(scope),
            )
            async with self._asked().ask(request) as answer:
                await _relay(answer, send, has_body=scope["method"] != "HEAD")

    async def _tunnel(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._tunnels is None:
            self._tunnels = tunnels(self._timeouts)
        try:
            await tunnel(
                scope,
                receive,
                send,
                session=self._tunnels,
                url=URL(self._address + _target(scope).decode("ascii"), encoded=True),
                headers=request_fields(scope, trusted=self._trusted),
            )
        except TimeoutError as exc:
            raise UpstreamFailed(504, "nothing came in time") from exc
        except aiohttp.ClientError as exc:
            # Not in aiohttp's words: they quote what the site sent, which may be anybody's page.
            raise UpstreamFailed(502, f"no WebSocket: {type(exc).__name__}") from exc


def _target(scope: Scope) -> bytes:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


async def _relay(answer: Answer, send: Send, *, has_body: bool) -> None:
    headers = response_fields(answer.fields, status=answer.status)
    if not answer.status <= 599:
        raise UpstreamFailed(502, f"the site answered with status {answer.status}")
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    more = has_body
    if not has_body:
        # Whatever the site sends behind the head nevertheless is left with its connection.
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    while more:
        piece = await answer.read()
        more = not answer.has_ended
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _has_body(scope: Scope) -> bool:
    return _is_chunked(scope) or (field(scope, b"content-length") or b"0").strip(b"0") != b""


def _is_chunked(scope: Scope) -> bool:
    return field(scope, b"transfer-encoding") is not None
