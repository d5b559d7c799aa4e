"""WebSocket connections through the proxy, to a real site and from a real client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading

import aiohttp
import pytest

from callgraft_proxy.gate import Gate
from callgraft_proxy.testing import serving
from callgraft_proxy.upstream import Upstream
from tests.proxy_swap.origin import RESET, response
from tests.proxy_swap.wire import PATIENCE

_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What RFC 6455 §1.3 hangs on a key, to show that the handshake was understood."""


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


@pytest.mark.parametrize("is_reset", [True, False], ids=["reset", "ended"])
def test_a_site_that_leaves_without_a_word_is_not_taken_for_one_that_said_goodbye(
    site, passing, is_reset
):
    def answer(heard):
        (key,) = heard.all("sec-websocket-key")
        accepted = base64.b64encode(hashlib.sha1(key + _ACCEPT).digest())
        yield b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        yield b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n\x81\x05hello"
        heard_by_client.wait(PATIENCE)
        if is_reset:
            yield RESET
        raise OSError

    async def conversation(connection):
        first = await connection.receive_str()
        heard_by_client.set()
        await connection.receive()
        return first, connection.close_code

    heard_by_client = threading.Event()
    site.answer = answer
    assert talk(passing, conversation) == ("hello", 1011)


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
