"""The ASGI middleware round an app that answers from the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from callgraft import Engine
from callgraft_proxy.middleware import CallgraftMiddleware
from callgraft_proxy.testing import serving
from tests.doors.origin import answer


@contextmanager
def asgi_door(engine: Engine) -> Iterator[str]:
    with serving(alive(CallgraftMiddleware(_app, engine))) as url:
        yield url


def alive(app):
    """The app, with the lifespan protocol that it does not speak itself."""

    async def wrapped(scope, receive, send):
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    return wrapped


async def _app(scope, receive, send) -> None:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    reply = answer(scope["method"], scope["raw_path"].decode("ascii"), headers, body)
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.fields]
    await send({"type": "http.response.start", "status": reply.status, "headers": fields})
    pieces = () if scope["method"] == "HEAD" else reply.pieces or (reply.body,)
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
