"""Which numbers of a pool may be given out, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    false,
    literal_column,
    select,
    true,
    union_all,
)

from callgraft.stores.hot import Hot
from callgraft.stores.lease_book import Candidate, Rested, longest_rested
from callgraft.stores.schema import leases, numbers
from callgraft.tracking.values import LeaseState

# Word for word as in the index, or the index would not be used: a parameter could be anything.
IS_FREE = numbers.c.lease.is_(None) & (numbers.c.state == literal_column("'active'"))

_LONGEST_FREE = (
    select(numbers.c.number, numbers.c.idle_since.label("since"), true().label("is_free"))
    .where(
        numbers.c.site == bindparam("site"),
        numbers.c.pool == bindparam("pool"),
        IS_FREE,
        numbers.c.idle_since <= bindparam("since"),
    )
    .order_by(numbers.c.idle_since, numbers.c.position)
    .limit(bindparam("limit"))
)


def _longest_over(state: LeaseState) -> Select[Any]:
    return (
        select(leases.c.number, leases.c.held_until.label("since"), false().label("is_free"))
        .where(
            leases.c.site == bindparam("site"),
            leases.c.pool == bindparam("pool"),
            leases.c.state == literal_column(f"'{state}'"),
            leases.c.released_at.is_(None),
            leases.c.held_until <= bindparam("since"),
        )
        .order_by(leases.c.held_until, leases.c.number)
        .limit(bindparam("limit"))
    )


def _candidates() -> Select[Any]:
    parts = (_LONGEST_FREE, _longest_over(LeaseState.PROVISIONAL), _longest_over(LeaseState.HELD))
    found = union_all(*(select(part.subquery()) for part in parts)).subquery("found")
    columns = (found.c.number, found.c.is_free)
    return (
        select(*columns).order_by(found.c.since, found.c.is_free.desc()).limit(bindparam("limit"))
    )


_CANDIDATES = Hot(_candidates())


class SqlCandidates:
    """The part of a transaction that finds what may be given out."""

    _connection: Connection

    def candidates(
        self, site: str, pool: str, rested: Rested, *, limit: int
    ) -> Sequence[Candidate]:
        wanted = {"site": site, "pool": pool, "since": rested.since, "limit": limit}
        rows = _CANDIDATES.rows(self._connection, wanted)
        return longest_rested(((0, number, is_free) for number, is_free in rows), limit)
