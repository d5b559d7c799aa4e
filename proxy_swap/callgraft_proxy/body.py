"""Reading a request body that has a limit."""

from __future__ import annotations

from callgraft_proxy.asgi import Receive


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """
    Return the request body, and of one with more than ``limit`` bytes no more than shows that.

    :raises Disconnected: it never came to its end.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > limit or not message.get("more_body", False):
            return bytes(body[: limit + 1])
