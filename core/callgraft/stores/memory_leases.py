"""Numbers and leases in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from callgraft.stores.lease_book import Candidate, Rested, longest_rested
from callgraft.stores.memory_tables import Changes, Index, Rows
from callgraft.stores.protocol import Conflict
from callgraft.stores.types import EPOCH
from callgraft.tracking.holds import renewed
from callgraft.tracking.numbers import NumberState, PoolNumber
from callgraft.tracking.values import Lease, LeaseState

Moments = tuple[datetime, str]
Ends = tuple[datetime, str, str]
Item = TypeVar("Item", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A number as it is now; the moment is when it was last on a lease, 1970 for never."""

    place: PoolNumber
    lease: str | None = None
    idle_since: datetime = EPOCH

    @property
    def is_free(self) -> bool:
        return self.place.state is NumberState.ACTIVE and self.lease is None

    @property
    def rank(self) -> tuple[datetime, int, str]:
        return self.idle_since, self.place.position, self.place.number


class MemoryLeases:
    """The part of the memory store that deals with leases; the same indexes as in SQL."""

    def __init__(self, changes: Changes) -> None:
        self._numbers: Rows[tuple[str, str], Row] = Rows(changes)
        self._free: Index[tuple[str, str], tuple[datetime, int, str]] = Index(changes)
        self._leases: Rows[str, Lease] = Rows(changes)
        self._open_on: Index[str, Moments] = Index(changes)
        self._of_session: Index[tuple[str, str], tuple[str, str, str]] = Index(changes)
        self._expiring: Index[tuple[str, str, LeaseState], tuple[datetime, str, str]] = Index(
            changes
        )
        self._of_network: Index[tuple[str, str, str], Moments] = Index(changes)
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

    def candidates(
        self, site: str, pool: str, rested: Rested, *, limit: int
    ) -> Sequence[Candidate]:
        free = _until(self._free.group((site, pool)), rested, limit)
        found = [(since, number, True) for since, _, number in free]
        for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
            over = _until(self._expiring.group((site, pool, state)), rested, limit)
            found += [(since, number, False) for since, number, _ in over]
        return longest_rested(found, limit)

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        first = _first(self._expiring.group((site, pool, state)), rested)
        return self._leases[first[2]] if first else None

    def silent_leases(
        self, site: str, pool: str, state: LeaseState, *, limit: int
    ) -> Sequence[Lease]:
        first = self._expiring.group((site, pool, state))[:limit]
        return [
            lease
            for number in sorted({number for _, number, _ in first})
            for lease in self.open_on(site, number)
        ]

    def leases_of_network(
        self, site: str, pool: str, network: str, rested: Rested, *, limit: int
    ) -> Mapping[LeaseState, int]:
        group = self._of_network.group((site, pool, network))
        first, last = (
            bisect_right(group, moment, key=itemgetter(0))
            for moment in (rested.since, rested.beyond)
        )
        counted = group[first:last][:limit]
        return Counter(self._leases[lease].state for _, lease in counted)

    def open_on(self, site: str, number: str) -> Sequence[Lease]:
        leases = (self._leases[lease] for _, lease in self._open_on.group(number))
        return [lease for lease in leases if lease.site == site]

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        shown = self._on_number.group((site, number))
        leases = (self._leases[lease] for _, lease in reversed(shown))
        return [lease for lease in leases if until is None or lease.shown_at <= until][:limit]

    def add_lease(self, lease: Lease) -> None:
        row = self._numbers.get((lease.site, lease.number))
        others = (self._leases[other] for _, other in self._open_on.group(lease.number))
        if row is None or not row.is_free or not all(other.is_shared for other in others):
            raise Conflict(f"{lease.number} is not free.")
        self._add(lease)
        self._put(lease.site, replace(row, lease=lease.id))

    def share_number(self, lease: Lease) -> bool:
        others = self.open_on(lease.site, lease.number)
        for other in others:
            self._leases.put(other.id, replace(other, is_shared=True))
        if others:
            self._add(replace(lease, is_shared=True))
        return bool(others)

    def renew_lease(self, lease: Lease) -> bool:
        before = self._leases[lease.id]
        if before.released_at is not None:
            return False
        after = renewed(before, lease)
        # Only the ends change: the lease stays the session's, and on its number.
        self._expiring.drop(_pool_of(before), _end_of(before))
        self._of_network.drop(_network_of(before), (before.held_until, before.id))
        self._leases.put(lease.id, after)
        self._expiring.add(_pool_of(after), _end_of(after))
        self._of_network.add(_network_of(after), (after.held_until, after.id))
        return True

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        before = self._leases[lease.id]
        if before.released_at is not None or before.held_until != lease.held_until:
            return False
        self._leases.put(lease.id, replace(before, released_at=at, released_why=why))
        self._unlist(before)
        self._leave_number(before, idle_since or at)
        return True

    def _leave_number(self, lease: Lease, idle_since: datetime) -> None:
        """The number is idle when nobody is left on it; whoever is left alone shares no more."""
        left = self.open_on(lease.site, lease.number)
        if len(left) == 1 and left[0].is_shared:
            self._leases.put(left[0].id, replace(left[0], is_shared=False))
        row = self._numbers.get((lease.site, lease.number))
        if row:
            stays = left[0].id if left else None
            since = row.idle_since if left else idle_since
            self._put(lease.site, replace(row, lease=stays, idle_since=since))

    def _add(self, lease: Lease) -> None:
        mine = self._of_session.group((lease.site, lease.session))
        if (lease.pool, lease.target) in {(pool, target) for pool, target, _ in mine}:
            raise Conflict(f"The session has an open lease of {lease.pool} for {lease.target}.")
        self._leases.put(lease.id, lease)
        self._on_number.add((lease.site, lease.number), (lease.shown_at, lease.id))
        visitor = (lease.site, lease.visitor, lease.pool, lease.target)
        self._of_visitor.add(visitor, (lease.shown_at, lease.id))
        self._list(lease)

    def _list(self, lease: Lease) -> None:
        """Put an open lease into the indexes of open leases."""
        place = (lease.pool, lease.target, lease.id)
        self._of_session.add((lease.site, lease.session), place)
        self._open_on.add(lease.number, (lease.shown_at, lease.id))
        self._expiring.add(_pool_of(lease), _end_of(lease))
        self._of_network.add(_network_of(lease), (lease.held_until, lease.id))

    def _unlist(self, lease: Lease) -> None:
        place = (lease.pool, lease.target, lease.id)
        self._of_session.drop((lease.site, lease.session), place)
        self._open_on.drop(lease.number, (lease.shown_at, lease.id))
        self._expiring.drop(_pool_of(lease), _end_of(lease))
        self._of_network.drop(_network_of(lease), (lease.held_until, lease.id))

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


def _until(group: Sequence[Item], rested: Rested, limit: int) -> Sequence[Item]:
    """The first items, which begin with a moment, as far as they are rested."""
    return group[: min(limit, bisect_right(group, rested.since, key=itemgetter(0)))]


def _pool_of(lease: Lease) -> tuple[str, str, LeaseState]:
    return lease.site, lease.pool, lease.state


def _network_of(lease: Lease) -> tuple[str, str, str]:
    return lease.site, lease.pool, lease.network


def _end_of(lease: Lease) -> Ends:
    return lease.held_until, lease.number, lease.id
