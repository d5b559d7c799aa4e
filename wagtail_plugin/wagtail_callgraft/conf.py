"""The setting ``CALLGRAFT`` and the engine that it describes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings

from callgraft import Engine, SetupError, open_engine

DEFAULTS: dict[str, Any] = {
    "SITE": None,
    "BACKEND": "sqlite:///callgraft.db",
    "LEASES": None,
    "TOKEN": None,
    "GEO": None,
    "REFERRERS": None,
    "TRUSTED_PROXIES": (),
    "BUDGET": timedelta(milliseconds=50),
    "MAX_BODY": 8 * 2**20,
    "STRICT": False,
}


@cache
def engine() -> Engine:
    """The process's engine, opened when it is first needed: settings are ready by then."""
    return open_configured()


def open_configured(**instead: Any) -> Engine:
    """
    Open an engine of its own.

    :param instead: keys of the setting in other words: ``BACKEND="memory:"``.
    :raises SetupError: names the key of the setting, its value, and the cure.
    """
    options = {**configured(), **instead}
    site = options.pop("SITE")
    try:
        return open_engine(site, **{key.lower(): value for key, value in options.items()})
    except SetupError as exc:
        raise _in_words_of_django(exc, site) from exc


def configured() -> dict[str, Any]:
    """
    The setting with its defaults.

    :raises SetupError: a key that is not known, or no SITE.
    """
    given = getattr(settings, "CALLGRAFT", {})
    for key, value in given.items():
        if key not in DEFAULTS:
            raise SetupError(_named(key), value, "is not known.", f"Use {', '.join(DEFAULTS)}.")
    merged = {**DEFAULTS, **given}
    if merged["SITE"] is None:
        cure = "Name a TOML file; `callgraft init` writes one to start from."
        raise SetupError(_named("SITE"), None, "is missing.", cure)
    return merged


def _in_words_of_django(exc: SetupError, site: object) -> SetupError:
    """The same mistake under the name that the developer wrote it under."""
    if exc.key == str(site):
        return SetupError(_named("SITE"), exc.key, exc.problem, exc.cure)
    name, bracket, place = exc.key.partition("[")
    if name.upper() in DEFAULTS:
        return SetupError(_named(name.upper()) + bracket + place, exc.value, exc.problem, exc.cure)
    return exc


def _named(key: str) -> str:
    return f"CALLGRAFT[{key!r}]"
