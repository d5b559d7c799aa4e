"""Fills Redis with what SQL knows of a site's numbers and leases."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from callgraft.stores import redis_scripts as scripts
from callgraft.stores.journal_of_redis import Read, lock_journal, read_all, write
from callgraft.stores.redis_change import Step, written
from callgraft.stores.redis_entry import (
    Entry,
    SiteKeys,
    free_member,
    micros,
    pool_and_position,
    unpacked,
)
from callgraft.stores.redis_server import RedisServer
from callgraft.stores.schema import leases, meta, numbers
from callgraft.stores.upsert import insert_new
from callgraft.tracking.holds import remembered_for, renewed
from callgraft.tracking.numbers import NumberState
from callgraft.tracking.values import Lease, LeaseState

_AT_ONCE = 1000
"""How many steps Redis takes in one go: others wait for a few milliseconds."""

# In one statement, so that a number and its leases are of one moment.
_OF_NUMBER = [
    numbers.c[name].label(f"number_{name}")
    for name in ("number", "pool", "position", "state", "idle_since")
]
_EVERYTHING = (
    select(*_OF_NUMBER, leases)
    .select_from(
        numbers.outerjoin(
            leases,
            and_(
                leases.c.site == numbers.c.site,
                leases.c.number == numbers.c.number,
                leases.c.released_at.is_(None),
            ),
        )
    )
    .where(numbers.c.site == bindparam("site"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """
    What came of loading a site.

    ``wait`` is when to try again: others may have given numbers away that SQL was not told of, and
    Redis has lost them. ``told`` is what SQL was told before, once the transaction is committed.
    """

    is_done: bool = False
    wait: timedelta = timedelta(0)
    told: tuple[Read, ...] = ()


def load(
    connection: Connection, server: RedisServer, keys: SiteKeys, *, gather: timedelta
) -> Loaded:
    """
    Make Redis know the site as SQL does; not done: somebody else began to load it meanwhile.

    First SQL is told of what Redis gave away. What Redis itself still knows of a lease that SQL
    has, like its last renewal, stays. Where it was lost, the lease is held for as much longer as
    SQL's copy may have been behind. No lease is sure afterwards: the next sign of life asks SQL.
    """
    token = secrets.token_hex(6)
    known = f"leases of {keys.site}"
    is_first = connection.scalar(select(meta.c.value).where(meta.c.key == known)) is None
    names = [keys.memory, keys.journal, keys.had, keys.leases, keys.lists]
    others = [keys.numbers, keys.places, keys.on, keys.networks, keys.claims]
    span = gather // timedelta(milliseconds=1)
    wait, kept = server.run(scripts.BEGIN, keys, [*names, *others], token, str(int(is_first)), span)
    if wait:
        return Loaded(wait=timedelta(milliseconds=wait))
    if is_first:
        row = {"key": known, "value": "in Redis"}
        connection.execute(insert_new(connection.dialect.name, meta), row)
    lock_journal(connection, keys.site)
    told = tuple(read_all(server, keys))
    for part in told:
        write(connection, keys.site, part.waiting)
    leases_kept = {entry.lease.id: entry.lease for entry in map(unpacked, kept)}
    rows: Sequence[Any] = connection.execute(_EVERYTHING, {"site": keys.site}).all()
    is_done = _fill(server, keys, token, _steps(keys, rows, leases_kept))
    return Loaded(is_done=is_done, told=told)


def _fill(server: RedisServer, keys: SiteKeys, token: str, steps: Iterator[Step]) -> bool:
    while part := list(islice(steps, _AT_ONCE)):
        touched = sorted({str(step[1]) for step in part})
        if not server.run(scripts.LOAD, keys, touched, token, json.dumps(part)):
            return False
    return bool(server.run(scripts.FINISH, keys, [], token))


def is_loaded(server: RedisServer, keys: SiteKeys) -> bool:
    return bool(server.run(scripts.IS_KNOWN, keys, []))


def _steps(keys: SiteKeys, rows: Sequence[Any], known: Mapping[str, Lease]) -> Iterator[Step]:
    for pool in {row.number_pool for row in rows}:
        lists = [keys.free(pool), *(keys.ending(pool, state) for state in LeaseState)]
        yield ("UNLINK", *lists)  # whatever somebody left there who crashed
        yield ("SADD", keys.lists, *lists)
    for row in rows:
        is_shown = row.number_state == NumberState.ACTIVE
        if is_shown:
            place = pool_and_position(row.number_pool, row.number_position)
            yield ("HSET", keys.numbers, row.number_number, place)
        if row.id is not None:
            yield from _lease_steps(keys, _entry(row, known, is_shown=is_shown))
        elif is_shown:
            yield _free_step(keys, row)


def _free_step(keys: SiteKeys, row: Any) -> Step:
    member = free_member(row.number_position, row.number_number)
    return ("ZADD", keys.free(row.number_pool), micros(row.number_idle_since), member)


def _lease_steps(keys: SiteKeys, entry: Entry) -> Iterator[Step]:
    yield ("HSET", keys.leases, entry.lease.id, entry.raw)
    for (key, member), score in keys.found_by(entry.lease).items():
        yield ("ZADD", key, score, member)


def _entry(row: Any, known: Mapping[str, Lease], *, is_shown: bool) -> Entry:
    columns = {column.name: row._mapping[column] for column in leases.c}
    lease = Lease(**columns | {"state": LeaseState(columns["state"])})
    position = row.number_position if is_shown and row.number_pool == lease.pool else None
    newest = _alive(lease, known.get(lease.id))
    return written(Entry(lease=newest, position=position, told=lease.held_until))


def _alive(lease: Lease, known: Lease | None) -> Lease:
    """The lease with its newest sign of life, or with as much more hold as may have been lost."""
    if known is None:
        until: datetime = lease.held_until + remembered_for(lease.hold)
        return replace(lease, held_until=until)
    return renewed(lease, known)
