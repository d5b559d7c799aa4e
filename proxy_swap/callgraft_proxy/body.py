"""Reading a request body that has a limit."""

from __future__ import annotations

from callgraft_proxy.asgi import Receive


class BodyTooLarge(Exception):
    """The request body is larger than anyone needs."""


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """
    Return the whole request body.

    :raises BodyTooLarge: it has more than ``limit`` bytes.
    :raises Disconnected: it never came to its end.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > limit:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)
