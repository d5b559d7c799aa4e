"""The extension: one engine per app, asked for every response."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, request

from callgraft import CONDITIONAL_FIELDS, MAX_EVENT_BODY, Engine, Visit
from flask_callgraft.config import open_configured, set_defaults
from flask_callgraft.exchange import head_of, hold, to_response, visit_of

_KEY = "callgraft"
_VISIT = "callgraft.visit"


class CallTracking:
    """
    Shows every visitor of a Flask app tracking numbers of their own::

        app = Flask(__name__)
        app.config["CALLGRAFT_SITE"] = "okna.toml"
        CallTracking(app)

    The app's engine lives in ``app.extensions["callgraft"]``; one object may serve several apps.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """
        Set the app up.

        :raises SetupError: a key of the configuration is missing or wrong.
        :raises RuntimeError: the app is set up already.
        """
        if _KEY in app.extensions:
            raise RuntimeError("CallTracking is set up for this app already; call init_app once.")
        set_defaults(app)
        app.extensions[_KEY] = open_configured(app)
        app.before_request(_answer)
        app.after_request(_swap)


def _engine() -> Engine:
    return cast(Engine, current_app.extensions[_KEY])


def _visit() -> Visit:
    """The request under way; made once, so that it keeps the moment when it came in."""
    visit = request.environ.get(_VISIT)
    if visit is None:
        visit = request.environ[_VISIT] = visit_of(request)
    return cast(Visit, visit)


def _answer() -> Response | None:
    """Answer what is for the engine itself: call events and health."""
    # No route: a rule of ours would be one more for the app's own rules, hosts and CSRF protection
    # to agree with, and the engine knows best which paths are its own.
    engine, visit = _engine(), _visit()
    if engine.needs_whole(visit):
        for name in CONDITIONAL_FIELDS:
            request.environ.pop(f"HTTP_{name.upper().replace('-', '_')}", None)
    if not engine.owns(visit):
        return None
    return to_response(engine.answer(visit, request.stream.read(MAX_EVENT_BODY + 1)))


def _swap(response: Response) -> Response:
    engine, visit = _engine(), _visit()
    if not engine.wants(head_of(response), visit):
        return response
    page, unswapped = hold(response, max_body=engine.settings.max_body)
    return unswapped if page is None else to_response(engine.swap(visit, page), response)
