"""Numbers and leases in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from callgraft.stores.memory_tables import Changes, Index, Rows
from callgraft.stores.protocol import Conflict, PoolNumber, Rested
from callgraft.stores.types import EPOCH
from callgraft.tracking.values import Lease, LeaseState

Moments = tuple[datetime, str]
Ends = tuple[datetime, str, str]
Item = TypeVar("Item", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A number as it is now; the moment is when it was last on a lease, 1970 for never."""

    place: PoolNumber
    is_active: bool = True
    lease: str | None = None
    idle_since: datetime = EPOCH

    @property
    def is_free(self) -> bool:
        return self.is_active and self.lease is None

    @property
    def rank(self) -> tuple[datetime, int, str]:
        return self.idle_since, self.place.position, self.place.number


class MemoryLeases:
    """The part of the memory store that deals with leases; the same indexes as in SQL."""

    def __init__(self, changes: Changes) -> None:
        self._numbers: Rows[tuple[str, str], Row] = Rows(changes)
        self._free: Index[tuple[str, str], tuple[datetime, int, str]] = Index(changes)
        self._leases: Rows[str, Lease] = Rows(changes)
        self._on_number_now: Rows[str, Lease] = Rows(changes)
        self._of_session: Index[tuple[str, str], tuple[str, str, str]] = Index(changes)
        self._expiring: Index[tuple[str, str, LeaseState], tuple[datetime, str, str]] = Index(
            changes
        )
        self._on_number: Index[tuple[str, str], Moments] = Index(changes)
        self._of_visitor: Index[tuple[str, str, str, str], Moments] = Index(changes)

    def lock_pool(self, site: str, pool: str) -> None:
        """One transaction runs at a time."""

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        return [self._leases[lease] for _, _, lease in self._of_session.group((site, session))]

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        last = self._of_visitor.last((site, visitor, pool, target))
        return self._leases[last[1]] if last else None

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        row = self._numbers.get((site, number))
        if row is None or not row.is_free:
            return False
        is_rested = row.idle_since <= rested.since or row.idle_since > rested.beyond
        return row.place.pool == pool and is_rested

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        first = _first(self._free.group((site, pool)), rested)
        return first[2] if first else None

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        first = _first(self._expiring.group((site, pool, state)), rested)
        return self._leases[first[2]] if first else None

    def lease_of(self, site: str, number: str) -> Lease | None:
        now = self._on_number_now.get(number)
        return self._leases[now.id] if now and now.site == site else None

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        shown = self._on_number.group((site, number))
        leases = (self._leases[lease] for _, lease in reversed(shown))
        return [lease for lease in leases if until is None or lease.shown_at <= until][:limit]

    def add_lease(self, lease: Lease) -> None:
        row = self._numbers.get((lease.site, lease.number))
        places = {(pool, target) for pool, target, _ in self._place(lease)}
        if lease.number in self._on_number_now or ((lease.pool, lease.target) in places):
            raise Conflict(f"{lease.number} or its place has an open lease.")
        if row and row.is_free:
            self._put(lease.site, replace(row, lease=lease.id))
        self._leases.put(lease.id, lease)
        self._on_number.add((lease.site, lease.number), (lease.shown_at, lease.id))
        mine = (lease.site, lease.visitor, lease.pool, lease.target)
        self._of_visitor.add(mine, (lease.shown_at, lease.id))
        self._open(lease)

    def renew_lease(self, lease: Lease) -> bool:
        before = self._leases[lease.id]
        if before.released_at is not None:
            return False
        after = replace(
            before,
            state=lease.state,
            seen_at=lease.seen_at,
            held_until=lease.held_until,
            hold=lease.hold,
        )
        self._expiring.drop(_pool_of(before), _end_of(before))
        self._expiring.add(_pool_of(after), _end_of(after))
        self._leases.put(lease.id, after)
        return True

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        before = self._leases[lease.id]
        if before.released_at is not None or before.held_until != lease.held_until:
            return False
        self._leases.put(lease.id, replace(before, released_at=at, released_why=why))
        self._expiring.drop(_pool_of(before), _end_of(before))
        place = (before.pool, before.target, before.id)
        self._of_session.drop((before.site, before.session), place)
        self._on_number_now.drop(before.number)
        row = self._numbers.get((before.site, before.number))
        if row:
            self._put(before.site, replace(row, lease=None, idle_since=idle_since or at))
        return True

    def _place(self, lease: Lease) -> Sequence[tuple[str, str, str]]:
        return self._of_session.group((lease.site, lease.session))

    def _open(self, lease: Lease) -> None:
        place = (lease.pool, lease.target, lease.id)
        self._of_session.add((lease.site, lease.session), place)
        self._on_number_now.put(lease.number, lease)
        self._expiring.add(_pool_of(lease), _end_of(lease))

    def _put(self, site: str, after: Row) -> None:
        """Write a number's row, and keep the index of free ones in step."""
        key = (site, after.place.number)
        before = self._numbers.get(key)
        if before and before.is_free:
            self._free.drop((site, before.place.pool), before.rank)
        if after.is_free:
            self._free.add((site, after.place.pool), after.rank)
        self._numbers.put(key, after)


def _first(group: Sequence[Item], rested: Rested) -> Item | None:
    """The first of the items, which begin with a moment, that is rested."""
    if group and group[0][0] <= rested.since:
        return group[0]
    beyond = bisect_right(group, rested.beyond, key=itemgetter(0))
    return group[beyond] if beyond < len(group) else None


def _pool_of(lease: Lease) -> tuple[str, str, LeaseState]:
    return lease.site, lease.pool, lease.state


def _end_of(lease: Lease) -> Ends:
    return lease.held_until, lease.number, lease.id
