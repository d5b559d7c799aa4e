"""The setting ``CALLGRAFT`` and the engine that it describes."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from callgraft import Engine, SetupError, open_engine
from django.conf import settings

DEFAULTS: dict[str, Any] = {
    "SITE": None,
    "BACKEND": "sqlite:///callgraft.db",
    "GEO": None,
    "TRUSTED_PROXIES": (),
    "BUDGET": timedelta(milliseconds=50),
    "MAX_BODY": 8 * 2**20,
    "STRICT": False,
}


def configured() -> dict[str, Any]:
    """
    The setting with its defaults.

    :raises SetupError: a key that is not known, or no SITE.
    """
    given = getattr(settings, "CALLGRAFT", {})
    for key, value in given.items():
        if key not in DEFAULTS:
            raise SetupError(f"CALLGRAFT[{key!r}]", value, "is not known.", f"Use {[*DEFAULTS]}.")
    merged = {**DEFAULTS, **given}
    if merged["SITE"] is None:
        raise SetupError("CALLGRAFT['SITE']", None, "is missing.", "Name a TOML file.")
    return merged


@cache
def engine() -> Engine:
    """The process's engine, opened when it is first needed: settings are ready by then."""
    config = configured()
    return open_engine(
        config["SITE"],
        backend=config["BACKEND"],
        geo=config["GEO"],
        trusted_proxies=config["TRUSTED_PROXIES"],
        budget=config["BUDGET"],
        max_body=config["MAX_BODY"],
        strict=config["STRICT"],
    )
