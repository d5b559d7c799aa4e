"""The numbers of the pools in SQL: what is published, and what they are doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from callgraft.stores.schema import leases, numbers
from callgraft.stores.sql_leases import lease_of
from callgraft.stores.types import EPOCH
from callgraft.stores.upsert import insert_or_update
from callgraft.tracking.numbers import NumberState, PoolNumber
from callgraft.tracking.values import Lease, LeaseState, PoolState

_PLACE = tuple(each.name for each in fields(PoolNumber))
_CHANGED = tuple(name for name in _PLACE if name != "number")
_PLACES = select(*(numbers.c[name] for name in _PLACE))


class SqlNumbers:
    """The part of a transaction that deals with the numbers of the pools."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        ordered = _PLACES.order_by(numbers.c.pool, numbers.c.position, numbers.c.number)
        rows = self._connection.execute(ordered.where(numbers.c.site == site))
        return [_place_of(row) for row in rows]

    def watched_numbers(self, site: str, *, due_by: datetime | None = None) -> Sequence[PoolNumber]:
        watched = _PLACES.where(numbers.c.site == site, numbers.c.due_at.is_not(None))
        if due_by is not None:
            watched = watched.where(numbers.c.due_at <= due_by)
        ordered = watched.order_by(numbers.c.due_at, numbers.c.number)
        return [_place_of(row) for row in self._connection.execute(ordered)]

    def put_numbers(self, site: str, changed: Sequence[PoolNumber]) -> None:
        if changed:
            statement = insert_or_update(self._connection.dialect.name, numbers, _CHANGED)
            new = {"site": site, "idle_since": EPOCH}
            rows = [new | {name: getattr(each, name) for name in _PLACE} for each in changed]
            self._connection.execute(statement, rows)

    def was_in_pool(self, site: str, number: str) -> str | None:
        pool: str | None = self._connection.scalar(
            select(numbers.c.pool).where(numbers.c.site == site, numbers.c.number == number)
        )
        return pool

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        total, cooling, free = self._numbers_of(site, pool, at - cool_off)
        counted = self._leases_of(site, pool, at, at - cool_off)
        return PoolState(
            pool=pool,
            total=total,
            provisional=counted["provisional"],
            held=counted["held"],
            expired=counted["expired"],
            cooling=cooling + counted["resting"],
            free=free,
            shared=counted["shared"],
            leases=self._newest(site, pool, listed),
        )

    def _numbers_of(self, site: str, pool: str, rested: datetime) -> tuple[int, int, int]:
        is_idle = numbers.c.lease.is_(None)
        row = self._connection.execute(
            select(
                func.count(),
                func.count().filter(is_idle & (numbers.c.idle_since > rested)),
                func.count().filter(is_idle & (numbers.c.idle_since <= rested)),
            ).where(numbers.c.site == site, numbers.c.pool == pool, numbers.c.state == "active")
        ).one()
        return row[0], row[1], row[2]

    def _leases_of(self, site: str, pool: str, at: datetime, rested: datetime) -> Mapping[str, int]:
        """The numbers on leases, each counted once, by the best that one of its leases is."""
        is_held = (leases.c.state == LeaseState.HELD) & (leases.c.held_until > at)
        each = (
            select(
                func.max(leases.c.held_until).label("until"),
                func.count().filter(is_held).label("held"),
                func.count().label("holders"),
            )
            .where(_is_open_in(site, pool))
            .group_by(leases.c.number)
            .subquery()
        )
        counts = {
            "provisional": (each.c.until > at) & (each.c.held == 0),
            "held": each.c.held > 0,
            "resting": (each.c.until <= at) & (each.c.until > rested),
            "expired": each.c.until <= rested,
            "shared": each.c.holders > 1,
        }
        columns = [func.count().filter(counted).label(name) for name, counted in counts.items()]
        found = self._connection.execute(select(*columns).select_from(each)).one()
        return {name: found._mapping[name] for name in counts}

    def _newest(self, site: str, pool: str, limit: int) -> tuple[Lease, ...]:
        rows = self._connection.execute(
            select(leases)
            .where(_is_open_in(site, pool))
            .order_by(leases.c.seen_at.desc(), leases.c.number)
            .limit(limit)
        )
        return tuple(lease_of(row) for row in rows)


def _is_open_in(site: str, pool: str) -> ColumnElement[bool]:
    return and_(leases.c.site == site, leases.c.pool == pool, leases.c.released_at.is_(None))


def _place_of(row: Row[Any]) -> PoolNumber:
    columns = dict(row._mapping)
    return PoolNumber(**columns | {"state": NumberState(columns["state"])})
