"""The numbers of the pools in memory: what is published, and what they are doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.stores.memory_leases import MemoryLeases, Row
from callgraft.tracking.numbers import NumberState, PoolNumber
from callgraft.tracking.values import Lease, LeaseState, PoolState


class MemoryNumbers(MemoryLeases):
    """The part of the memory store that deals with the numbers of the pools."""

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        there = (row.place for key, row in self._numbers.items() if key[0] == site)
        return sorted(there, key=lambda place: (place.pool, place.position, place.number))

    def watched_numbers(self, site: str, *, due_by: datetime | None = None) -> Sequence[PoolNumber]:
        watched = [
            (place.due_at, place.number, place)
            for place in self.numbers(site)
            if place.due_at and (due_by is None or place.due_at <= due_by)
        ]
        return [place for _, _, place in sorted(watched)]

    def put_numbers(self, site: str, changed: Sequence[PoolNumber]) -> None:
        for place in changed:
            row = self._numbers.get((site, place.number))
            self._put(site, replace(row, place=place) if row else Row(place=place))

    def was_in_pool(self, site: str, number: str) -> str | None:
        row = self._numbers.get((site, number))
        return row.place.pool if row else None

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        rows = [
            row
            for key, row in self._numbers.items()
            if key[0] == site and row.place.pool == pool and row.place.state is NumberState.ACTIVE
        ]
        doing = Counter(self._doing(row, at, at - cool_off) for row in rows)
        leases = sorted(self._open_in(site, pool), key=lambda lease: lease.number)
        leases.sort(key=lambda lease: lease.seen_at, reverse=True)
        return PoolState(
            pool=pool,
            total=len(rows),
            provisional=doing["provisional"],
            held=doing["held"],
            expired=doing["expired"],
            cooling=doing["cooling"],
            free=doing["free"],
            shared=sum(len(self.open_on(site, row.place.number)) > 1 for row in rows),
            leases=tuple(leases[:listed]),
        )

    def _doing(self, row: Row, at: datetime, rested: datetime) -> str:
        if row.lease is None:
            return "cooling" if row.idle_since > rested else "free"
        leases = self.open_on(self._leases[row.lease].site, row.place.number)
        in_force = {lease.state for lease in leases if lease.held_until > at}
        for state in (LeaseState.HELD, LeaseState.PROVISIONAL):
            if state in in_force:
                return state
        return "cooling" if max(lease.held_until for lease in leases) > rested else "expired"

    def _open_in(self, site: str, pool: str) -> Iterator[Lease]:
        for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
            for _, _, lease in self._expiring.group((site, pool, state)):
                yield self._leases[lease]
