"""Calls that are to be attributed again, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callgraft.stores.memory_journal import MemoryJournal
from callgraft.stores.memory_leases import MemoryLeases
from callgraft.stores.memory_tables import Changes, Rows
from callgraft.stores.protocol import DueCall
from callgraft.tracking.values import Call, Lease


class MemoryDue(MemoryLeases, MemoryJournal):
    """The part of the memory store that deals with what came to light late."""

    def __init__(self, changes: Changes) -> None:
        self._due: Rows[tuple[str, str], DueCall] = Rows(changes)

    def put_due(self, due: DueCall) -> None:
        self._due.put((due.site, due.call), due)

    def due_calls(self, *, by: datetime, limit: int) -> Sequence[DueCall]:
        due = (each for _, each in self._due.items() if each.due_at <= by)
        return sorted(due, key=lambda each: (each.due_at, each.call))[:limit]

    def take_due(self, site: str, call: str) -> bool:
        if (site, call) not in self._due:
            return False
        self._due.drop((site, call))
        return True

    def heard(self, site: str, session: str, *, since: datetime, limit: int) -> Sequence[Call]:
        rang = [
            call for _, call in self._calls.items() if call.site == site and call.rang_at >= since
        ]
        # Most of the time nothing rang, and then nobody looks through the leases.
        shown = [lease for _, lease in self._leases.items() if rang and lease.session == session]
        return sorted(
            (call for call in rang if any(_was_shown(call, lease) for lease in shown)), key=_order
        )[:limit]

    def calls_later(self, site: str, number: str, *, after: datetime, limit: int) -> Sequence[Call]:
        ended_there = (self._calls[key] for key in self._calls_of.group((site, number)))
        found = [each for each in ended_there if each.number == number and each.rang_at > after]
        return sorted(found, key=_order)[:limit]


def _was_shown(call: Call, lease: Lease) -> bool:
    is_same = (lease.site, lease.number) == (call.site, call.number)
    return is_same and lease.shown_at <= call.rang_at


def _order(call: Call) -> tuple[datetime, str]:
    return call.rang_at, call.id
