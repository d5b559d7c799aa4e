"""The extension: one engine per app, asked for every response."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

from callgraft import MAX_EVENT_BODY, Engine, SetupError, open_engine
from flask import Flask, Response, abort, current_app, request

from flask_callgraft.exchange import head_of, to_page, to_response, visit_of

_KEY = "callgraft"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class CallTracking:
    """
    Shows every visitor of a Flask app tracking numbers of their own::

        app = Flask(__name__)
        app.config["CALLGRAFT_SITE"] = "okna.toml"
        CallTracking(app)

    The app's state lives in ``app.extensions["callgraft"]``; one object may serve several apps.
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
        _set_defaults(app)
        app.extensions[_KEY] = _open(app)
        app.add_url_rule(
            "/.callgraft/<path:rest>",
            endpoint="callgraft",
            view_func=_answer,
            methods=_METHODS,
            provide_automatic_options=False,
        )
        app.after_request(_swap)


def _set_defaults(app: Flask) -> None:
    database = Path(app.instance_path) / "callgraft.db"
    app.config.setdefault("CALLGRAFT_SITE", None)
    app.config.setdefault("CALLGRAFT_BACKEND", f"sqlite:///{database}")
    app.config.setdefault("CALLGRAFT_GEO", None)
    app.config.setdefault("CALLGRAFT_TRUSTED_PROXIES", ())
    app.config.setdefault("CALLGRAFT_BUDGET", timedelta(milliseconds=50))
    app.config.setdefault("CALLGRAFT_MAX_BODY", 8 * 2**20)
    app.config.setdefault("CALLGRAFT_STRICT", False)


def _open(app: Flask) -> Engine:
    config = app.config
    if config["CALLGRAFT_SITE"] is None:
        cure = "Name a TOML file, or give a Site."
        raise SetupError("CALLGRAFT_SITE", None, "is not set.", cure)
    if config["CALLGRAFT_BACKEND"].startswith(f"sqlite:///{app.instance_path}"):
        Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    return open_engine(
        config["CALLGRAFT_SITE"],
        backend=config["CALLGRAFT_BACKEND"],
        geo=config["CALLGRAFT_GEO"],
        trusted_proxies=config["CALLGRAFT_TRUSTED_PROXIES"],
        budget=config["CALLGRAFT_BUDGET"],
        max_body=config["CALLGRAFT_MAX_BODY"],
        strict=config["CALLGRAFT_STRICT"],
    )


def _engine() -> Engine:
    return cast(Engine, current_app.extensions[_KEY])


def _answer(rest: str) -> Response:
    """The engine's own paths: call events and health."""
    visit = visit_of(request)
    if not _engine().owns(visit):
        abort(404)
    request.max_content_length = MAX_EVENT_BODY
    return to_response(_engine().answer(visit, request.get_data()))


def _swap(response: Response) -> Response:
    engine = _engine()
    visit = visit_of(request)
    if not engine.wants(head_of(response), visit):
        return response
    page = to_page(response, max_body=engine.settings.max_body)
    return response if page is None else to_response(engine.swap(visit, page), response)
