"""Calls as they were: a list of moments, and who may have rung then."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from callgraft.replay.ringing import Ring, level_of
from callgraft.replay.traffic import Stay
from callgraft.site import Site
from callgraft.tracking.states import EDGES
from callgraft.tracking.tables import Tables, device_class

_DRAWS = 8
"""So many sessions are drawn for a call, each for its part of it."""

_KEPT = 20_000
_LONGEST = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealCall:
    """A call as a telephone company's list has it; ``number`` is what was dialled, if known."""

    at: datetime
    number: str = ""


class RealCalls:
    """
    Shares each call of a list out among the sessions that were there when it rang.

    Who rang it, no log knows: sessions, and strangers, are drawn by their rates at that moment, of
    sessions the newest 20,000 of two days. A call when nobody was there is left out.
    """

    def __init__(
        self, calls: Sequence[RealCall], site: Site, tables: Tables, random: Random
    ) -> None:
        self._calls = calls
        self._next = 0
        self._site = site
        self._tables = tables
        self._random = random
        self._stays: OrderedDict[str, Stay] = OrderedDict()
        numbers = (number for pool in site.pools.values() for number in pool.numbers)
        self._strays = sum(tables.strays(number.e164) for number in numbers)
        self.heard = 0

    def after_page(self, stay: Stay) -> None:
        """Keep the session: it may ring."""
        self._stays[stay.identity.session] = stay
        self._stays.move_to_end(stay.identity.session)
        if len(self._stays) > _KEPT:
            self._stays.popitem(last=False)

    def until(self, at: datetime) -> Iterator[Ring]:
        """Yield the calls that ring by then, each as several parts of one."""
        while self._next < len(self._calls) and self._calls[self._next].at <= at:
            yield from self._shared_out(self._calls[self._next])
            self._next += 1

    def _shared_out(self, call: RealCall) -> Iterator[Ring]:
        options = [
            (stay, target) for stay in self._there(call.at) for target in self._dialled(stay, call)
        ]
        rates = list(accumulate(self._rate(stay, call.at) for stay, _ in options))
        if not rates or not rates[-1]:
            return
        self.heard += 1
        strangers = self._strays * self._tables.hour[call.at.astimezone(UTC).hour]
        # Evenly over all, so that every likely session gets its part.
        start = self._random.random()
        for part in range(_DRAWS):
            place = bisect_right(rates, (part + start) / _DRAWS * (rates[-1] + strangers))
            stay, target = options[place] if place < len(options) else (None, "")
            yield Ring(at=call.at, stay=stay, target=target, weight=1 / _DRAWS)

    def _there(self, at: datetime) -> Iterator[Stay]:
        while self._stays:
            session, oldest = next(iter(self._stays.items()))
            if at - oldest.seen_at <= _LONGEST:
                break
            del self._stays[session]
        return iter(self._stays.values())

    def _dialled(self, stay: Stay, call: RealCall) -> Iterator[str]:
        """The session's targets that the call may have been for."""
        role = self._site.role_of(call.number) if call.number else None
        for target, pool in stay.pools.items():
            if role is None or role.key in (target, pool):
                yield target

    def _rate(self, stay: Stay, at: datetime) -> float:
        row = self._tables.lam[device_class(stay.device)][level_of(stay)]
        rate = row[bisect_right(EDGES, at - stay.seen_at)]
        return rate * self._tables.src.get(stay.identity.touch.source, 1.0)
