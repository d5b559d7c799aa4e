"""The numbers of the pools in SQL: what is published, and what they are doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, update

from callgraft.stores.protocol import PoolNumber
from callgraft.stores.schema import leases, numbers
from callgraft.stores.sql_leases import lease_of
from callgraft.stores.types import EPOCH
from callgraft.stores.upsert import insert_or_update
from callgraft.tracking.values import Lease, LeaseState, PoolState

_RETIRE = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"))
    .values(state="retired")
)


class SqlNumbers:
    """The part of a transaction that deals with the numbers of the pools."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        rows = self._connection.execute(
            select(numbers.c.number, numbers.c.pool, numbers.c.position)
            .where(numbers.c.site == site, numbers.c.state == "active")
            .order_by(numbers.c.pool, numbers.c.position)
        )
        return [PoolNumber(number=row.number, pool=row.pool, position=row.position) for row in rows]

    def add_numbers(self, site: str, added: Sequence[PoolNumber]) -> None:
        if not added:
            return
        changed = ("pool", "position", "state")
        statement = insert_or_update(self._connection.dialect.name, numbers, changed)
        self._connection.execute(
            statement,
            [
                {
                    "site": site,
                    "number": each.number,
                    "pool": each.pool,
                    "position": each.position,
                    "state": "active",
                    "state_since": EPOCH,
                    "idle_since": EPOCH,
                }
                for each in added
            ],
        )

    def retire_numbers(self, site: str, retired: Sequence[str]) -> None:
        if retired:
            rows = [{"in_site": site, "this": number} for number in retired]
            self._connection.execute(_RETIRE, rows)

    def was_in_pool(self, site: str, number: str) -> str | None:
        pool: str | None = self._connection.scalar(
            select(numbers.c.pool).where(numbers.c.site == site, numbers.c.number == number)
        )
        return pool

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        total, cooling, free = self._numbers_of(site, pool, at - cool_off)
        provisional, held, resting, expired = self._leases_of(site, pool, at, at - cool_off)
        return PoolState(
            pool=pool,
            total=total,
            provisional=provisional,
            held=held,
            expired=expired,
            cooling=cooling + resting,
            free=free,
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

    def _leases_of(
        self, site: str, pool: str, at: datetime, rested: datetime
    ) -> tuple[int, int, int, int]:
        until = leases.c.held_until
        in_force = until > at
        is_held = leases.c.state == LeaseState.HELD
        row = self._connection.execute(
            select(
                func.count().filter(in_force & ~is_held),
                func.count().filter(in_force & is_held),
                func.count().filter((until <= at) & (until > rested)),
                func.count().filter(until <= rested),
            ).where(_is_open_in(site, pool))
        ).one()
        return row[0], row[1], row[2], row[3]

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
