"""Numbers and leases in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, literal_column, select, update

from callgraft.stores.locks import lock
from callgraft.stores.protocol import Rested
from callgraft.stores.schema import leases, numbers
from callgraft.tracking.values import Lease, LeaseState

_IS_OPEN = leases.c.released_at.is_(None)
# Word for word as in the index, or the index would not be used: a parameter could be anything.
_IS_FREE = numbers.c.lease.is_(None) & (numbers.c.state == literal_column("'active'"))

# Statements are built once: building one takes longer than SQLite takes to answer it.
_OPEN_OF_SESSION = select(leases).where(
    leases.c.site == bindparam("site"), leases.c.session == bindparam("session"), _IS_OPEN
)
_LAST_OF_VISITOR = (
    select(leases)
    .where(*(leases.c[name] == bindparam(name) for name in ("site", "visitor", "pool", "target")))
    .order_by(leases.c.shown_at.desc())
    .limit(1)
)
_ANY_FREE = (
    select(numbers.c.number)
    .where(
        numbers.c.site == bindparam("site"),
        numbers.c.pool == bindparam("pool"),
        _IS_FREE,
    )
    .order_by(numbers.c.idle_since, numbers.c.position)
    .limit(1)
)
# Two statements, for one with an OR would not be answered from the index.
_FREE = _ANY_FREE.where(numbers.c.idle_since <= bindparam("since"))
_FREE_BEYOND = _ANY_FREE.where(numbers.c.idle_since > bindparam("beyond"))
_THIS_ONE_FREE = _ANY_FREE.where(
    numbers.c.number == bindparam("number"),
    (numbers.c.idle_since <= bindparam("since")) | (numbers.c.idle_since > bindparam("beyond")),
)
_ANY_OPEN = (
    select(leases)
    .where(
        leases.c.site == bindparam("site"),
        leases.c.pool == bindparam("pool"),
        leases.c.state == bindparam("state"),
        _IS_OPEN,
    )
    .order_by(leases.c.held_until, leases.c.number)
    .limit(1)
)
_EXPIRED = _ANY_OPEN.where(leases.c.held_until <= bindparam("since"))
_EXPIRED_BEYOND = _ANY_OPEN.where(leases.c.held_until > bindparam("beyond"))
# Of all sites: there is one at most, and its index knows of no sites.
_OPEN_ON_NUMBER = select(leases).where(leases.c.number == bindparam("number"), _IS_OPEN)
_ON_NUMBER = (
    select(leases)
    .where(leases.c.site == bindparam("site"), leases.c.number == bindparam("number"))
    .order_by(leases.c.shown_at.desc(), leases.c.id)
    .limit(bindparam("limit"))
)
_ON_NUMBER_UNTIL = _ON_NUMBER.where(leases.c.shown_at <= bindparam("until"))
_ADD = insert(leases)
_RENEW = (
    update(leases)
    .where(leases.c.id == bindparam("of"), _IS_OPEN)
    .values({name: bindparam(name) for name in ("state", "seen_at", "held_until", "hold")})
)
_RELEASE = (
    update(leases)
    .where(leases.c.id == bindparam("of"), leases.c.held_until == bindparam("until"), _IS_OPEN)
    .values(released_at=bindparam("at"), released_why=bindparam("why"))
)
_OCCUPY = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"), _IS_FREE)
    .values(lease=bindparam("to"))
)
_VACATE = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"))
    .values(lease=None, idle_since=bindparam("idle_since"))
)


class SqlLeases:
    """The part of a transaction that deals with leases."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_pool(self, site: str, pool: str) -> None:
        lock(self._connection, "pool", site, pool)

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        rows = self._connection.execute(_OPEN_OF_SESSION, {"site": site, "session": session})
        return [lease_of(row) for row in rows]

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        return self._one(_LAST_OF_VISITOR, site=site, visitor=visitor, pool=pool, target=target)

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        wanted = {"site": site, "pool": pool, "number": number}
        moments = {"since": rested.since, "beyond": rested.beyond}
        return self._connection.scalar(_THIS_ONE_FREE, wanted | moments) is not None

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        wanted = {"site": site, "pool": pool}
        number: str | None = self._connection.scalar(_FREE, wanted | {"since": rested.since})
        if number is None:
            beyond = wanted | {"beyond": rested.beyond}
            number = self._connection.scalar(_FREE_BEYOND, beyond)
        return number

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        wanted = {"site": site, "pool": pool, "state": state}
        return self._one(_EXPIRED, **wanted, since=rested.since) or self._one(
            _EXPIRED_BEYOND, **wanted, beyond=rested.beyond
        )

    def lease_of(self, site: str, number: str) -> Lease | None:
        found = self._one(_OPEN_ON_NUMBER, number=number)
        return found if found and found.site == site else None

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        wanted = {"site": site, "number": number, "limit": limit}
        if until is None:
            rows = self._connection.execute(_ON_NUMBER, wanted)
        else:
            rows = self._connection.execute(_ON_NUMBER_UNTIL, wanted | {"until": until})
        return [lease_of(row) for row in rows]

    def add_lease(self, lease: Lease) -> None:
        self._connection.execute(_ADD, _row(lease))
        number = {"in_site": lease.site, "this": lease.number, "to": lease.id}
        self._connection.execute(_OCCUPY, number)

    def renew_lease(self, lease: Lease) -> bool:
        renewed = self._connection.execute(
            _RENEW,
            {
                "of": lease.id,
                "state": lease.state,
                "seen_at": lease.seen_at,
                "held_until": lease.held_until,
                "hold": lease.hold,
            },
        )
        return renewed.rowcount == 1

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        # An unchanged hold tells that the lease was not renewed since it was read.
        ended = self._connection.execute(
            _RELEASE, {"of": lease.id, "until": lease.held_until, "at": at, "why": why}
        )
        if ended.rowcount != 1:
            return False
        number = {"in_site": lease.site, "this": lease.number, "idle_since": idle_since or at}
        self._connection.execute(_VACATE, number)
        return True

    def _one(self, statement: Any, **wanted: object) -> Lease | None:
        row = self._connection.execute(statement, wanted).first()
        return None if row is None else lease_of(row)


def lease_of(row: Row[Any]) -> Lease:
    """Return the lease that stands in a row of its table."""
    columns = dict(row._mapping)
    return Lease(**columns | {"state": LeaseState(columns["state"])})


def _row(lease: Lease) -> dict[str, object]:
    return {column.name: getattr(lease, column.name) for column in leases.c}
