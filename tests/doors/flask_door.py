"""The Flask extension in an app that answers from the table, on werkzeug's server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, request
from werkzeug.serving import make_server

from callgraft import Engine
from flask_callgraft import CallTracking
from tests.doors.origin import answer
from tests.doors.plain_server import running
from tests.doors.sites import SITE


@contextmanager
def flask_door(engine: Engine) -> Iterator[str]:
    app = Flask(__name__)
    app.config.update(CALLGRAFT_SITE=SITE, CALLGRAFT_BACKEND="memory:")
    CallTracking(app)
    app.extensions["callgraft"].close()
    app.extensions["callgraft"] = engine
    app.add_url_rule("/", view_func=_view, methods=["GET", "POST"])
    app.add_url_rule("/<path:anything>", view_func=_view, methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with running(server):
        yield f"http://127.0.0.1:{server.server_port}"


def _view(anything: str = "") -> Response:
    headers = {name.lower(): value for name, value in request.headers}
    target = request.environ["REQUEST_URI"]
    reply = answer(request.method, target, headers, request.get_data())
    body = reply.body if reply.pieces is None else iter(reply.pieces)
    response = Response(body, status=reply.status)
    response.headers.clear()
    response.headers.extend(reply.fields)
    return response
