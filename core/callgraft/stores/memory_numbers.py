"""The numbers of the pools in memory: what is published, and what they are doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.stores.memory_leases import MemoryLeases, Row
from callgraft.stores.protocol import PoolNumber
from callgraft.tracking.values import Lease, LeaseState, PoolState


class MemoryNumbers(MemoryLeases):
    """The part of the memory store that deals with the numbers of the pools."""

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        there = (
            row.place for key, row in self._numbers.items() if key[0] == site and row.is_active
        )
        return sorted(there, key=lambda place: (place.pool, place.position))

    def add_numbers(self, site: str, added: Sequence[PoolNumber]) -> None:
        for place in added:
            row = self._numbers.get((site, place.number))
            after = replace(row, place=place, is_active=True) if row else Row(place=place)
            self._put(site, after)

    def retire_numbers(self, site: str, retired: Sequence[str]) -> None:
        for number in retired:
            self._put(site, replace(self._numbers[site, number], is_active=False))

    def was_in_pool(self, site: str, number: str) -> str | None:
        row = self._numbers.get((site, number))
        return row.place.pool if row else None

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        rows = [
            row
            for key, row in self._numbers.items()
            if key[0] == site and row.is_active and row.place.pool == pool
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
            leases=tuple(leases[:listed]),
        )

    def _doing(self, row: Row, at: datetime, rested: datetime) -> str:
        if row.lease is None:
            return "cooling" if row.idle_since > rested else "free"
        lease = self._leases[row.lease]
        if lease.held_until > at:
            return lease.state
        return "cooling" if lease.held_until > rested else "expired"

    def _open_in(self, site: str, pool: str) -> Iterator[Lease]:
        for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
            for _, _, lease in self._expiring.group((site, pool, state)):
                yield self._leases[lease]
