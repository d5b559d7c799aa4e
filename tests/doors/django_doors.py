"""The Wagtail plugin's middleware round the table, on a WSGI and on an ASGI server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import django
from asgiref.sync import iscoroutinefunction
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.utils.decorators import sync_and_async_middleware

from callgraft import Engine
from callgraft_proxy.testing import serving
from tests.doors.asgi_door import alive
from tests.doors.origin import Answer, answer
from tests.doors.plain_server import running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.wagtail_plugin.clinic.settings")
django.setup()

_ENGINES: list[Engine] = []


@contextmanager
def wagtail_door(engine: Engine) -> Iterator[str]:
    """On Django's own WSGI server."""
    with ThreadedWSGIServer(("127.0.0.1", 0), _Handler, connections_override={}) as server:
        server.set_app(_handler(WSGIHandler, engine))
        with running(server):
            yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def wagtail_async_door(engine: Engine) -> Iterator[str]:
    """On an ASGI server."""
    with serving(alive(_handler(ASGIHandler, engine))) as url:
        yield url


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


def _handler(kind: type, engine: Engine):
    """A handler whose middleware is ours and the table, with the engine of this door."""
    _ENGINES.append(engine)
    names = [f"{__name__}.tracking", f"{__name__}.table"]
    try:
        with override_settings(MIDDLEWARE=names):
            return kind()
    finally:
        _ENGINES.pop()


def tracking(get_response):
    from wagtail_callgraft.middleware import CallgraftMiddleware

    return CallgraftMiddleware(get_response, _ENGINES[-1])


tracking.sync_capable = tracking.async_capable = True


@sync_and_async_middleware
def table(get_response):
    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _response(request, is_async=False)

    async def amiddleware(request: HttpRequest) -> HttpResponseBase:
        return _response(request, is_async=True)

    return amiddleware if iscoroutinefunction(get_response) else middleware


def _response(request: HttpRequest, *, is_async: bool) -> HttpResponseBase:
    headers = {name.lower(): value for name, value in request.headers.items()}
    # The table has addresses as they are on the wire; Django gives them decoded.
    reply = answer(request.method, quote(request.path, safe="/,"), headers, request.body)
    response = _bodied(reply, is_async=is_async)
    for name in list(response.headers):
        del response[name]
    for name, value in reply.fields:
        if name == "Set-Cookie":
            response.cookies.load(value)
        else:
            response[name] = value
    return response


def _bodied(reply: Answer, *, is_async: bool) -> HttpResponseBase:
    if reply.pieces is None:
        return HttpResponse(reply.body, status=reply.status)
    pieces = _one_by_one(reply.pieces) if is_async else iter(reply.pieces)
    return StreamingHttpResponse(pieces, status=reply.status)


async def _one_by_one(pieces: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
