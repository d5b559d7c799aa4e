"""Options that several commands share, and what they read."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import click

from callgraft.client import TrackingClient, open_client
from callgraft.config import DEFAULT_BACKEND
from callgraft.errors import SetupError
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.sites import STORED

Command = TypeVar("Command", bound=Callable[..., Any])

_DEFAULT_SITE = "callgraft.toml"
_LEASES = "callgraft.leases"


def site_option(command: Command) -> Command:
    return click.option(
        "--site",
        "site_path",
        default=_DEFAULT_SITE,
        envvar="CALLGRAFT_SITE",
        show_default=True,
        show_envvar=True,
        help="The Site document; store:KEY is the one in force in the tracking store.",
    )(command)


def backend_option(command: Command) -> Command:
    """``--backend``, and ``--leases``, which only :func:`leases_named` tells of."""
    with_leases = click.option(
        "--leases",
        envvar="CALLGRAFT_LEASES",
        show_envvar=True,
        metavar="URL",
        expose_value=False,
        callback=_keep_leases,
        help="The Redis that leases are kept in, where it is not the backend.",
    )(command)
    return click.option(
        "--backend",
        default=DEFAULT_BACKEND,
        envvar="CALLGRAFT_BACKEND",
        show_default=True,
        show_envvar=True,
        help="Where the tracking engine lives.",
    )(with_leases)


def leases_named() -> str | None:
    """The Redis that ``--leases`` of the command names."""
    context = click.get_current_context(silent=True)
    leases: str | None = context.meta.get(_LEASES) if context else None
    return leases


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)


def load_site(path: str, *, with_secrets: bool = False, backend: str = "") -> Site:
    """
    Return the Site that the file at ``path`` describes, or that ``store:KEY`` names.

    :param with_secrets: also look up the secrets that it names by ``env:NAME``.
    :param backend: the tracking store to look in; that of the environment by default.
    :raises SetupError: no such file, or a mistake in it.
    """
    environ = os.environ if with_secrets else None
    if path.startswith(STORED):
        document = _published(path, backend or os.environ.get("CALLGRAFT_BACKEND"))
        return read_site(document, name=path, environ=environ)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as exc:
        cure = "Write one with `callgraft init`, or name yours with --site."
        raise SetupError("--site", path, f"cannot be read: {exc.strerror}.", cure) from exc
    except UnicodeDecodeError as exc:
        raise SetupError("--site", path, "is not UTF-8.", "Save it as UTF-8.") from exc
    return read_site(text, name=path, environ=environ)


def open_existing(backend: str) -> TrackingClient:
    """
    Open a tracking store to read in it; one that is not there is not made.

    :raises SetupError: there is no such SQLite file, or the backend cannot be used.
    """
    path = backend.removeprefix("sqlite:///")
    if path != backend and not Path(path).exists():
        cure = "Name the store of your door; a door makes its store when it starts."
        raise SetupError("--backend", backend, "is not there.", cure)
    return open_client(backend, leases=leases_named())


def _keep_leases(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    context.meta[_LEASES] = value


def _published(name: str, backend: str | None) -> str:
    key = name.removeprefix(STORED)
    with closing(open_existing(backend or DEFAULT_BACKEND)) as client:
        published = client.published(key)
        if published is not None and published.document:
            return published.document
        there = ", ".join(f"{STORED}{each}" for each in client.sites()) or "none yet"
    raise SetupError("--site", name, "is not published.", f"The tracking store has: {there}.")
