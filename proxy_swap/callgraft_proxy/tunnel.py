"""WebSocket connections, passed on message by message."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import aiohttp
from yarl import URL

from callgraft_proxy.asgi import Receive, Scope, Send
from callgraft_proxy.pool import Timeouts

# The server in front has its own limit for what clients send.
_LARGEST = 64 * 2**20
_OF_AIOHTTP_ITSELF = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_CLOSE = aiohttp.ClientWSTimeout(ws_close=5.0)
# What the two handshakes say of themselves; each hop has its own.
_HANDSHAKE = ("sec-websocket-",)
# RFC 6455 §7.4.1: these are never sent, only concluded.
_UNSENDABLE = frozenset({1004, 1005, 1006, 1015})


async def tunnel(
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    session: aiohttp.ClientSession,
    url: URL,
    headers: list[tuple[str, str]],
) -> None:
    """
    Connect the client to the site's WebSocket at ``url``, until one of them closes.

    :param session: as :func:`tunnels` makes it.
    :raises aiohttp.ClientError: the site does not answer; the client was not accepted yet.
    """
    await receive()  # websocket.connect
    try:
        site = await session.ws_connect(
            url,
            headers=[(name, value) for name, value in headers if not name.startswith(_HANDSHAKE)],
            protocols=scope.get("subprotocols", ()),
            max_msg_size=_LARGEST,
            timeout=_CLOSE,
        )
    except NotUpgraded as exc:
        await deny(scope, send, exc.status)
        return
    async with site:
        await send({"type": "websocket.accept", "subprotocol": site.protocol})
        await _first_of(_up(receive, site), _down(site, send))


def tunnels(timeouts: Timeouts) -> aiohttp.ClientSession:
    """
    Return what tunnels are opened with; make it inside the event loop.

    It keeps no cookies, follows no redirects and looks for no proxy in the environment: what the
    client said is what the site hears.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(no_other_answer,),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_OF_AIOHTTP_ITSELF,
        timeout=aiohttp.ClientTimeout(
            total=None,
            connect=timeouts.connect.total_seconds(),
            sock_read=timeouts.idle.total_seconds(),
        ),
    )


class NotUpgraded(Exception):
    """The site answered the handshake with an ordinary response."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status if 300 <= status <= 599 else 502


async def no_other_answer(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """
    Let a handshake through that the site accepts; a middleware for aiohttp's session.

    Without it aiohttp would follow the site's redirect, to wherever that leads.

    :raises NotUpgraded: the site does not accept it.
    """
    answer = await handler(request)
    if answer.status != 101:
        answer.close()
        raise NotUpgraded(answer.status)
    return answer


async def deny(scope: Scope, send: Send, status: int) -> None:
    """Answer the handshake with an HTTP status, where the server can, or with 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"", "more_body": False})


async def _up(receive: Receive, site: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await site.close(code=_sendable(message.get("code")))
            return
        if message.get("text") is not None:
            await site.send_str(message["text"])
        else:
            await site.send_bytes(message.get("bytes") or b"")


async def _down(site: aiohttp.ClientWebSocketResponse, send: Send) -> None:
    async for message in site:
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
    await send({"type": "websocket.close", "code": _sendable(site.close_code)})


def _sendable(code: int | None) -> int:
    if code is None or code == 1005:
        return 1000
    return 1011 if code in _UNSENDABLE else code


async def _first_of(*jobs: Coroutine[object, object, None]) -> None:
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
