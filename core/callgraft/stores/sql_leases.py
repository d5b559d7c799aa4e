"""Numbers and leases in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from callgraft.stores.hot import Hot
from callgraft.stores.lease_book import Rested
from callgraft.stores.locks import lock
from callgraft.stores.protocol import Conflict
from callgraft.stores.schema import leases, numbers
from callgraft.stores.sql_candidates import IS_FREE, SqlCandidates
from callgraft.stores.types import Moment
from callgraft.tracking.holds import CLOCK_ERROR
from callgraft.tracking.values import Lease, LeaseState

_IS_OPEN = leases.c.released_at.is_(None)

# Statements are built once: building one takes longer than SQLite takes to answer it.
_OPEN_OF_SESSION = Hot(
    select(leases).where(
        leases.c.site == bindparam("site"), leases.c.session == bindparam("session"), _IS_OPEN
    )
)
_LAST_OF_VISITOR = Hot(
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
        IS_FREE,
    )
    .order_by(numbers.c.idle_since, numbers.c.position)
    .limit(1)
)
# Two statements, for one with an OR would not be answered from the index.
_FREE = Hot(_ANY_FREE.where(numbers.c.idle_since <= bindparam("since")))
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
# Of all sites: there are few, and the index knows of no sites.
_OPEN_ON_NUMBER = select(leases).where(leases.c.number == bindparam("number"), _IS_OPEN)
_ENDING = (
    select(leases.c.number)
    .where(
        leases.c.site == bindparam("site"),
        leases.c.pool == bindparam("pool"),
        leases.c.state == bindparam("state"),
        _IS_OPEN,
    )
    .order_by(leases.c.held_until, leases.c.number)
    .limit(bindparam("limit"))
    .subquery("ending")
)
_SILENT = select(leases).where(
    leases.c.number.in_(select(_ENDING.c.number)), leases.c.site == bindparam("site"), _IS_OPEN
)
_IN_FORCE = (
    select(leases.c.state)
    .where(
        leases.c.site == bindparam("site"),
        leases.c.pool == bindparam("pool"),
        leases.c.network == bindparam("network"),
        leases.c.held_until > bindparam("since"),
        leases.c.held_until <= bindparam("beyond"),
        _IS_OPEN,
    )
    .limit(bindparam("limit"))
    .subquery("in_force")
)
_OF_NETWORK = select(_IN_FORCE.c.state, func.count()).group_by(_IN_FORCE.c.state)
_ANY_ON_NUMBER = (
    select(leases)
    .where(leases.c.site == bindparam("site"), leases.c.number == bindparam("number"))
    .order_by(leases.c.shown_at.desc(), leases.c.id)
    .limit(bindparam("limit"))
)
_ON_NUMBER = Hot(_ANY_ON_NUMBER)
_ON_NUMBER_UNTIL = Hot(_ANY_ON_NUMBER.where(leases.c.shown_at <= bindparam("until")))
_ADD = Hot(insert(leases))
# As :func:`callgraft.tracking.holds.renewed` does, on what stands there at this very moment.
_IS_WRONG = leases.c.seen_at > bindparam("wrong_from", type_=Moment)


def _later(name: str) -> ColumnElement[datetime]:
    known, told = leases.c[name], bindparam(name, type_=Moment)
    return case((or_(_IS_WRONG, known < told), told), else_=known)


RENEWAL = (
    update(leases)
    .where(leases.c.id == bindparam("of"), _IS_OPEN)
    .values(
        state=case(
            (leases.c.state == LeaseState.HELD.value, leases.c.state), else_=bindparam("state")
        ),
        seen_at=_later("seen_at"),
        held_until=_later("held_until"),
        hold=bindparam("hold"),
    )
)
_RENEW = Hot(RENEWAL)
_RELEASE = (
    update(leases)
    .where(leases.c.id == bindparam("of"), leases.c.held_until == bindparam("until"), _IS_OPEN)
    .values(released_at=bindparam("at"), released_why=bindparam("why"))
    .returning(leases.c.is_shared)
)
_SHARE = (
    update(leases)
    .where(leases.c.site == bindparam("in_site"), leases.c.number == bindparam("this"), _IS_OPEN)
    .values(is_shared=true())
)
_SHARES_NO_MORE = update(leases).where(leases.c.id == bindparam("of")).values(is_shared=false())
_HAND_TO = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"))
    .values(lease=bindparam("to"))
)
_OCCUPATION = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"), IS_FREE)
    .values(lease=bindparam("to"))
)
_OCCUPY = Hot(_OCCUPATION)
_occupied = _OCCUPATION.returning(numbers.c.number).cte("occupied")
_ADD_AND_OCCUPY = Hot(
    select(select(func.count()).select_from(_occupied).scalar_subquery()).add_cte(
        insert(leases)
        .values({each.name: bindparam(f"new_{each.name}") for each in leases.c})
        .cte("added")
    )
)
_VACATE = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"))
    .values(lease=None, idle_since=bindparam("idle_since"))
)


class SqlLeases(SqlCandidates):
    """The part of a transaction that deals with leases."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locked: set[tuple[str, str]] = set()

    def lock_pool(self, site: str, pool: str) -> None:
        if (site, pool) not in self._locked:
            lock(self._connection, "pool", site, pool)
            self._locked.add((site, pool))

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        rows = _OPEN_OF_SESSION.rows(self._connection, {"site": site, "session": session})
        return [lease_of_columns(row) for row in rows]

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        wanted = {"site": site, "visitor": visitor, "pool": pool, "target": target}
        rows = _LAST_OF_VISITOR.rows(self._connection, wanted)
        return lease_of_columns(rows[0]) if rows else None

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        wanted = {"site": site, "pool": pool, "number": number}
        moments = {"since": rested.since, "beyond": rested.beyond}
        return self._connection.scalar(_THIS_ONE_FREE, wanted | moments) is not None

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        wanted = {"site": site, "pool": pool}
        rows = _FREE.rows(self._connection, wanted | {"since": rested.since})
        if rows:
            return str(rows[0][0])
        beyond = wanted | {"beyond": rested.beyond}
        number: str | None = self._connection.scalar(_FREE_BEYOND, beyond)
        return number

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        wanted = {"site": site, "pool": pool, "state": state}
        return self._one(_EXPIRED, **wanted, since=rested.since) or self._one(
            _EXPIRED_BEYOND, **wanted, beyond=rested.beyond
        )

    def silent_leases(
        self, site: str, pool: str, state: LeaseState, *, limit: int
    ) -> Sequence[Lease]:
        wanted = {"site": site, "pool": pool, "state": state, "limit": limit}
        return [lease_of(row) for row in self._connection.execute(_SILENT, wanted)]

    def leases_of_network(
        self, site: str, pool: str, network: str, rested: Rested, *, limit: int
    ) -> Mapping[LeaseState, int]:
        wanted = {"site": site, "pool": pool, "network": network, "limit": limit}
        moments = {"since": rested.since, "beyond": rested.beyond}
        counted = self._connection.execute(_OF_NETWORK, wanted | moments)
        return {LeaseState(state): count for state, count in counted}

    def open_on(self, site: str, number: str) -> Sequence[Lease]:
        rows = self._connection.execute(_OPEN_ON_NUMBER, {"number": number})
        found = [lease_of(row) for row in rows if row.site == site]
        return sorted(found, key=lambda lease: (lease.shown_at, lease.id))

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        wanted = {"site": site, "number": number, "limit": limit}
        if until is None:
            rows = _ON_NUMBER.rows(self._connection, wanted)
        else:
            rows = _ON_NUMBER_UNTIL.rows(self._connection, wanted | {"until": until})
        return [lease_of_columns(row) for row in rows]

    def add_lease(self, lease: Lease) -> None:
        number = {"in_site": lease.site, "this": lease.number, "to": lease.id}
        if self._connection.dialect.name == "postgresql":
            row = {f"new_{name}": value for name, value in _row(lease).items()}
            if not _ADD_AND_OCCUPY.rows(self._connection, row | number)[0][0]:
                raise Conflict(f"{lease.number} is not free.")
            return
        _ADD.count(self._connection, _row(lease))
        if _OCCUPY.count(self._connection, number) != 1:
            raise Conflict(f"{lease.number} is not free.")

    def share_number(self, lease: Lease) -> bool:
        number = {"in_site": lease.site, "this": lease.number}
        if not self._connection.execute(_SHARE, number).rowcount:
            return False
        _ADD.count(self._connection, _row(lease) | {"is_shared": True})
        return True

    def renew_lease(self, lease: Lease) -> bool:
        return _RENEW.count(self._connection, renewal_of(lease)) == 1

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        # An unchanged hold tells that the lease was not renewed since it was read.
        ended = self._connection.execute(
            _RELEASE, {"of": lease.id, "until": lease.held_until, "at": at, "why": why}
        ).first()
        if ended is None:
            return False
        left = self.open_on(lease.site, lease.number) if ended.is_shared else ()
        number = {"in_site": lease.site, "this": lease.number}
        if left:
            self._connection.execute(_HAND_TO, number | {"to": left[0].id})
        else:
            self._connection.execute(_VACATE, number | {"idle_since": idle_since or at})
        if len(left) == 1:
            self._connection.execute(_SHARES_NO_MORE, {"of": left[0].id})
        return True

    def _one(self, statement: Any, **wanted: object) -> Lease | None:
        row = self._connection.execute(statement, wanted).first()
        return None if row is None else lease_of(row)


def lease_of(row: Row[Any]) -> Lease:
    """Return the lease that stands in a row of its table."""
    return _lease(dict(row._mapping))


_COLUMNS = tuple(column.name for column in leases.c)


def lease_of_columns(row: Sequence[Any]) -> Lease:
    """Return the lease that stands in all columns of a row of its table."""
    return _lease(dict(zip(_COLUMNS, row, strict=True)))


def renewal_of(lease: Lease) -> dict[str, object]:
    """What is written when the lease is renewed, by the names of the statement."""
    return {
        "of": lease.id,
        "state": lease.state.value,
        "seen_at": lease.seen_at,
        "held_until": lease.held_until,
        "hold": lease.hold,
        "wrong_from": lease.seen_at + CLOCK_ERROR,
    }


def _lease(columns: dict[str, Any]) -> Lease:
    columns["state"] = LeaseState(columns["state"])
    return Lease(**columns)


def _row(lease: Lease) -> dict[str, object]:
    return {column.name: getattr(lease, column.name) for column in leases.c}
