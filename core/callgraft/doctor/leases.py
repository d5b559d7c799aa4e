"""Examining the Redis that leases are kept in: is it there, and can it be relied on?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta

from callgraft.doctor.finding import Asked, Finding, Level
from callgraft.errors import CallgraftError
from callgraft.stores import open_store
from callgraft.stores.hybrid import HybridStore
from callgraft.stores.redis_server import RedisFacts, RedisServer
from callgraft.stores.urls import without_secrets

_OLDEST = (6, 2)
_NOTICEABLE = timedelta(seconds=5)


def examine_leases(asked: Asked) -> Iterator[Finding]:
    """Look at Redis by itself, where leases are kept in one."""
    if not asked.leases:
        return
    name = without_secrets(asked.leases)
    try:
        with closing(RedisServer(asked.leases)) as server:
            facts = server.facts()
    except CallgraftError as exc:
        cure = "Start it, or leave --leases out: then leases are kept in the database alone."
        yield _finding(Level.FAIL, str(exc), cure)
        return
    yield _finding(Level.OK, f"{name} answers (Redis {facts.version}).")
    yield from _version(facts)
    yield from _memory(facts)
    if facts.is_failing:
        told = "Redis could not write to its disk, and may refuse everything for that."
        yield _finding(Level.FAIL, told, "See its log: mostly the disk is full.")


def examine_lag(asked: Asked, sites: Iterable[str]) -> Iterator[Finding]:
    """Look whether all share this Redis, and how far the database is behind it."""
    if not asked.leases or not asked.backend.startswith(("sqlite:", "postgresql")):
        return
    with closing(open_store(asked.backend, leases=asked.leases)) as store:
        if not isinstance(store, HybridStore):
            return
        for site in sites:
            yield from _lag(store, site)


def _lag(store: HybridStore, site: str) -> Iterator[Finding]:
    if not store.is_known(site):
        told = f"Redis does not know {site} yet, or not any more."
        cure = (
            "The next page view fills it from the database. If doors serve pages now, they use"
            " another Redis: all who share a database must name the same one."
        )
        yield _finding(Level.WARN, told, cure)
        return
    behind = store.lag(site)
    if behind >= _NOTICEABLE:
        told = f"The database is {behind.total_seconds():.0f} s behind what Redis gave of {site}."
        yield _finding(Level.WARN, told, "Are the doors running, and is the database fast enough?")
    else:
        yield _finding(Level.OK, f"The database knows all leases of {site}.")


def _version(facts: RedisFacts) -> Iterator[Finding]:
    parts = tuple(int(part) for part in facts.version.split(".")[:2] if part.isdigit())
    if parts and parts < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        told = f"Redis {facts.version} is older than what Callgraft is tested with."
        yield _finding(Level.WARN, told, f"Use {oldest} or newer.")


def _memory(facts: RedisFacts) -> Iterator[Finding]:
    if facts.policy != "noeviction":
        told = f"Redis throws leases away when its memory is full (policy {facts.policy})."
        cure = "CONFIG SET maxmemory-policy noeviction, and in redis.conf too."
        yield _finding(Level.FAIL if facts.most_memory else Level.WARN, told, cure)
    if facts.most_memory and facts.memory > 0.9 * facts.most_memory:
        used = round(100 * facts.memory / facts.most_memory)
        told = f"Redis uses {used} % of the memory that it may (maxmemory)."
        yield _finding(Level.WARN, told, "Give it more: when it is full it takes no more leases.")
    if facts.is_kept:
        told = "Redis keeps its data on disk; that is not needed, the database has all of it."
        yield _finding(Level.OK, told)


def _finding(level: Level, told: str, cure: str = "") -> Finding:
    return Finding(check="leases", level=level, told=told, cure=cure)
