"""WebSocket connections through the proxy, to a real site and from a real client."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from callgraft_proxy.gate import Gate
from callgraft_proxy.testing import serving
from callgraft_proxy.upstream import Upstream
from tests.proxy_swap.origin import response
from tests.proxy_swap.wire import PATIENCE


@pytest.fixture(scope="module")
def chat():
    """The URL of a proxy before an echo; ``/deny`` refuses, ``/bye`` closes with 4001."""
    with serving(echo) as site, serving(Gate(Upstream(site))) as url:
        yield url


async def echo(scope, receive, send):
    if scope["type"] != "websocket":
        await lifespan(receive, send)
        return
    await receive()
    if scope["path"] == "/deny":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept", "subprotocol": (scope["subprotocols"] or [None])[0]})
    if scope["path"] == "/scope":
        names = sorted(name.decode() for name, _ in scope["headers"])
        await send({"type": "websocket.send", "text": f"{scope['raw_path']} {' '.join(names)}"})
    if scope["path"] == "/bye":
        await send({"type": "websocket.close", "code": 4001})
        return
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def lifespan(receive, send):
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": message["type"] + ".complete"})
    await send({"type": "lifespan.shutdown.complete"})


def talk(url, conversation, path="/", **options):
    async def run():
        async with (
            asyncio.timeout(PATIENCE),
            aiohttp.ClientSession() as session,
            session.ws_connect(url + path, **options) as connection,
        ):
            return await conversation(connection)

    return asyncio.run(run())


def test_messages_pass_both_ways_in_order(chat):
    async def conversation(connection):
        await connection.send_str("окна")
        await connection.send_bytes(b"\x00\xff")
        await connection.send_str("x" * 1_000_000)
        return [await connection.receive() for _ in range(3)]

    said = [message.data for message in talk(chat, conversation)]
    assert said == ["окна", b"\x00\xff", "x" * 1_000_000]


def test_the_site_chooses_the_protocol(chat):
    async def conversation(connection):
        return connection.protocol

    assert talk(chat, conversation, protocols=("chat.v2", "chat.v1")) == "chat.v2"


def test_the_site_sees_the_same_target_and_one_handshake(chat):
    async def conversation(connection):
        return await connection.receive_str()

    target, *names = talk(chat, conversation, "/scope").split(" ")
    assert target == "b'/scope'"
    assert len(names) == len(set(names))
    assert {"x-forwarded-for", "sec-websocket-key", "host"} <= set(names)


def test_the_sites_close_code_reaches_the_client(chat):
    async def conversation(connection):
        await connection.receive()
        return connection.close_code

    assert talk(chat, conversation, "/bye") == 4001


def test_a_handshake_that_the_site_refuses_is_refused(chat):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        talk(chat, None, "/deny")
    assert caught.value.status == 403


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (response(b"", status="200 OK"), 502),
        (response(b"", status="404 Not Found"), 404),
        (response(b"", "Location: http://127.0.0.1:1/", status="302 Found"), 302),
    ],
)
def test_a_site_that_speaks_no_websocket_is_not_followed_anywhere(site, passing, answer, status):
    site.answer = answer
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        talk(passing, None)
    assert caught.value.status == status
    assert len(site.heard) == 1


def test_a_site_that_cannot_be_reached_is_a_502():
    with (
        serving(Gate(Upstream("http://127.0.0.1:1"))) as url,
        pytest.raises(aiohttp.WSServerHandshakeError) as caught,
    ):
        talk(url, None)
    assert caught.value.status == 502
