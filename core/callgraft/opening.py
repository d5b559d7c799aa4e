"""Opening an engine from what an operator writes down."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from callgraft.client import open_client
from callgraft.client.cached import CachedClient
from callgraft.client.late import open_late
from callgraft.config import DEFAULT_BACKEND, Settings
from callgraft.engine import Engine
from callgraft.errors import SetupError, StoreUnavailable
from callgraft.geo import GeoDatabase
from callgraft.network import parse_networks
from callgraft.referrers import read_referrers
from callgraft.signer import SHORTEST_SECRET
from callgraft.site import Site
from callgraft.sites import STORED, FixedSites, SiteFile, Sites, stored_sites

logger = logging.getLogger(__name__)


def open_engine(
    site: Site | Sites | str | os.PathLike[str],
    *,
    backend: str = DEFAULT_BACKEND,
    leases: str | None = None,
    token: str | None = None,
    geo: str | os.PathLike[str] | None = None,
    referrers: str | os.PathLike[str] | None = None,
    trusted_proxies: Sequence[str] = (),
    budget: timedelta = timedelta(milliseconds=50),
    max_body: int = 8 * 2**20,
    strict: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Engine:
    """
    Return an engine that is ready to serve.

    Where the backend is a server that does not answer yet, pages go out with their own numbers
    until it does. A file's place is known: it must be right at once.

    :param site: a Site, several as :class:`Sites`, or the path of a TOML document, which is
        followed when it changes; ``store:okna`` is the site ``okna`` as it is published in the
        tracking store, ``store:okna,pvc`` are two, ``store:*`` are all.
    :param backend: where the tracking engine lives, see :func:`callgraft.client.open_client`.
    :param leases: the Redis that leases are kept in, beside the database that ``backend`` names.
    :param token: what the tracking server that ``backend`` names knows this door by;
        ``CALLGRAFT_TOKEN`` of ``environ`` by default.
    :param geo: path of a MaxMind-format city database; without one, conditions on geo never hold.
    :param referrers: path of a list of search engines and the like, put over the one that is known.
    :param trusted_proxies: addresses and networks whose ``X-Forwarded-For`` is believed.
    :param environ: where ``secret = "env:NAME"`` is looked up; ``CALLGRAFT_SECRET`` in it signs the
        cookies in place of the installation's own secret.
    :raises SetupError: names the key, the value and the cure.
    :raises StoreUnavailable: the backend is a file that cannot be used.
    """
    settings = _settings(trusted_proxies, budget, max_body, strict)
    _require(isinstance(backend, str), "backend", backend, "is no URL.", _BACKEND)
    _require(leases is None or isinstance(leases, str), "leases", leases, "is no URL.", _LEASES)
    _require(token is None or isinstance(token, str), "token", None, "is no text.", _KNOWN_BY)
    secrets = _secrets(environ)
    sites = _sites(site, environ)
    is_server = bool(leases) or not backend.startswith(("sqlite:", "memory:"))
    is_remote = backend.startswith(("https:", "http:"))
    token = token or environ.get("CALLGRAFT_TOKEN")
    opened = partial(open_client, backend, leases=leases, token=token)
    located = GeoDatabase(Path(geo)) if geo else None
    # A client of a tracking server is open at once: what it needs to start stands on its disk.
    client = open_late(opened) if is_server and not is_remote else opened()
    engine = Engine(
        sites,
        CachedClient(client),
        settings=settings,
        geo=located,
        referrers=read_referrers(Path(referrers)) if referrers else None,
        secrets=secrets,
        environ=environ,
    )
    try:
        engine.make_ready(at=datetime.now(UTC))
    except StoreUnavailable as exc:
        if not is_server:
            raise
        logger.warning("Pages keep their own numbers until the tracking store answers: %s", exc)
    engine.follow()
    return engine


_BUDGET = "Give a timedelta that is more than nothing, like timedelta(milliseconds=50)."
_MAX_BODY = "Give a number of bytes, 1 or more."
_TRUSTED = 'Give a list of networks, like ["10.0.0.0/8"].'
_BACKEND = 'Write it like "sqlite:///callgraft.db".'
_LEASES = 'Write it like "redis://host/0".'
_KNOWN_BY = "Give one that `callgraft token add` printed."
_SITE = "Give the path of a TOML document, or a Site."


def _settings(
    trusted_proxies: Sequence[str], budget: timedelta, max_body: int, strict: bool
) -> Settings:
    """The settings, checked: a door hands on what somebody wrote into a configuration."""
    is_span = isinstance(budget, timedelta) and budget > timedelta(0)
    _require(is_span, "budget", budget, "is no length of time.", _BUDGET)
    is_size = isinstance(max_body, int) and max_body > 0
    _require(is_size, "max_body", max_body, "is no size.", _MAX_BODY)
    is_list = isinstance(trusted_proxies, list | tuple | set | frozenset)
    _require(is_list, "trusted_proxies", trusted_proxies, "is no list.", _TRUSTED)
    return Settings(
        budget=budget,
        max_body=max_body,
        trusted_proxies=parse_networks(trusted_proxies, key="trusted_proxies"),
        strict=strict,
    )


def _secrets(environ: Mapping[str, str]) -> tuple[bytes, ...]:
    """The operator's own secret for cookies, where there is one."""
    secret = environ.get("CALLGRAFT_SECRET", "").encode()
    if secret and len(secret) < SHORTEST_SECRET:
        # The value itself stays out of the message: messages end up in logs.
        problem = f"has only {len(secret)} bytes."
        raise SetupError("CALLGRAFT_SECRET", None, problem, f"Give it {SHORTEST_SECRET} or more.")
    return (secret,) if secret else ()


def _sites(site: Site | Sites | str | os.PathLike[str], environ: Mapping[str, str]) -> Sites:
    if isinstance(site, Site):
        return FixedSites(site)
    if isinstance(site, str) and site.startswith(STORED):
        return stored_sites(site)
    if isinstance(site, str | os.PathLike):
        return SiteFile(Path(site), environ)
    _require(hasattr(site, "for_host"), "site", site, "is no site.", _SITE)
    return site


def _require(is_right: bool, key: str, value: object, problem: str, cure: str) -> None:
    if not is_right:
        raise SetupError(key, value, problem, cure)
