"""Examining pools: is there a number for whoever comes next?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from callgraft.client import TrackingClient
from callgraft.doctor.finding import Finding, Level
from callgraft.errors import SiteErrors
from callgraft.site import Site
from callgraft.site_toml import read_published
from callgraft.tracking.values import PoolState

_DAY = timedelta(days=1)


def examine_pools(client: TrackingClient, key: str, *, at: datetime) -> Iterator[Finding]:
    """Look at each pool of a site, as its document in force has them."""
    site = _site(client, key)
    if site is None:
        return
    states = client.pool_states(site, at=at)
    dry = [state for state in states if state.pool in site.pools and _is_dry(state)]
    for state in dry:
        yield _dry(site, state)
    if states and not dry:
        told = f"Each pool of {key} has a number for the next visitor."
        yield Finding(check="pools", told=told)


def examine_service(client: TrackingClient, key: str, *, at: datetime) -> Iterator[Finding]:
    """Look at what pools and matches did within the last day."""
    site = _site(client, key)
    if site is None:
        return
    found = client.service(site, since=at - _DAY, until=at, at=at)
    for alert in found.alerts:
        told = f"{alert.told} Since {alert.since:%Y-%m-%d %H:%M} UTC."
        yield Finding(check="service", level=Level.WARN, told=told, cure=alert.cure)
    sessions = sum(each.sessions for each in found.pools)
    if sessions and not found.alerts:
        told = f"No pool of {key} was dry for any of {sessions:,} sessions of the last day."
        yield Finding(check="service", told=told)


def _site(client: TrackingClient, key: str) -> Site | None:
    published = client.published(key)
    if published is None or not published.document:
        return None
    try:
        return read_published(published.document, name=key, environ=None)
    except SiteErrors:
        return None  # told by the examination of editions


def _is_dry(state: PoolState) -> bool:
    """What is kept past its hold goes to whoever needs it."""
    return state.free + state.expired == 0


def _dry(site: Site, state: PoolState) -> Finding:
    pool = site.pools[state.pool]
    instead = "its overflow number" if pool.overflow else "the original number"
    if pool.is_sharing:
        instead = "a number that somebody else has too"
    size = "1 number" if state.total == 1 else f"{state.total} numbers"
    told = f"The pool {pool.key} of {site.key} is dry ({size}): {instead} is shown."
    cure = "Give it more numbers, or a shorter hold; callgraft pool --watch shows who holds them."
    return Finding(check="pools", level=Level.WARN, told=told, cure=cure)
