"""The keys ``CALLGRAFT_…`` of an app's configuration, and the engine that they describe."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from flask import Flask

from callgraft import Engine, SetupError, open_engine

T = TypeVar("T")


def set_defaults(app: Flask) -> None:
    """Give every key that the app does not set itself its default."""
    database = Path(app.instance_path) / "callgraft.db"
    app.config.setdefault("CALLGRAFT_SITE", None)
    app.config.setdefault("CALLGRAFT_BACKEND", f"sqlite:///{database}")
    app.config.setdefault("CALLGRAFT_LEASES", None)
    app.config.setdefault("CALLGRAFT_TOKEN", None)
    app.config.setdefault("CALLGRAFT_GEO", None)
    app.config.setdefault("CALLGRAFT_REFERRERS", None)
    app.config.setdefault("CALLGRAFT_TRUSTED_PROXIES", ())
    app.config.setdefault("CALLGRAFT_BUDGET", timedelta(milliseconds=50))
    app.config.setdefault("CALLGRAFT_MAX_BODY", 8 * 2**20)
    app.config.setdefault("CALLGRAFT_STRICT", False)


def open_configured(app: Flask) -> Engine:
    """
    Open the engine of the app.

    :raises SetupError: names the key of the configuration, its value, and the cure.
    """
    config = app.config
    if config["CALLGRAFT_SITE"] is None:
        cure = "Name a TOML file, or give a Site; `callgraft init` writes a file to start from."
        raise SetupError("CALLGRAFT_SITE", None, "is not set.", cure)
    _make_instance_folder(app)
    site = _at_the_app(app, config["CALLGRAFT_SITE"])
    try:
        return open_engine(
            site,
            backend=config["CALLGRAFT_BACKEND"],
            leases=config["CALLGRAFT_LEASES"],
            token=config["CALLGRAFT_TOKEN"],
            geo=_at_the_app(app, config["CALLGRAFT_GEO"]),
            referrers=_at_the_app(app, config["CALLGRAFT_REFERRERS"]),
            trusted_proxies=config["CALLGRAFT_TRUSTED_PROXIES"],
            budget=config["CALLGRAFT_BUDGET"],
            max_body=config["CALLGRAFT_MAX_BODY"],
            strict=config["CALLGRAFT_STRICT"],
        )
    except SetupError as exc:
        raise _in_words_of_flask(exc, app, site) from exc


def _make_instance_folder(app: Flask) -> None:
    """Flask names an instance folder but leaves it to others to make it."""
    if str(app.config["CALLGRAFT_BACKEND"]).startswith(f"sqlite:///{app.instance_path}{os.sep}"):
        Path(app.instance_path).mkdir(parents=True, exist_ok=True)


def _at_the_app(app: Flask, given: T) -> T | Path:
    """A relative path starts at the app's own folder, as in ``app.config.from_file``."""
    if isinstance(given, str) and given.startswith("store:"):
        return given
    if isinstance(given, str | os.PathLike):
        return Path(app.root_path, given)
    return given


def _in_words_of_flask(exc: SetupError, app: Flask, site: object) -> SetupError:
    """The same mistake under the name that the app's author wrote it under."""
    if exc.key == str(site):
        return SetupError("CALLGRAFT_SITE", exc.key, exc.problem, exc.cure)
    key = f"CALLGRAFT_{exc.key.upper()}"
    if key.partition("[")[0] in app.config:
        return SetupError(key, exc.value, exc.problem, exc.cure)
    return exc
