"""Who would ring, and when: calls drawn from the rates that attribution itself goes by."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, count, pairwise
from random import Random

from callgraft.replay.traffic import Stay
from callgraft.tracking.states import EDGES
from callgraft.tracking.tables import Tables, device_class

_FIRST_TIMES = 16.0
_EACH = 1_000
_STARTS = (0.0, *(edge.total_seconds() for edge in EDGES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """
    A call that a session makes on one of its targets, or a stranger (None) on any number.

    It counts for ``weight`` calls.
    """

    at: datetime
    stay: Stay | None
    target: str
    weight: float


class Ringing:
    """
    Draws the calls of sessions, moment by moment, as their rates say.

    A log has too few sessions that ring, or far too many: so each call is drawn several times
    over, or one stands for several, and the sum of the weights is the number of calls to expect.
    After a page the session's rate is another one, and what was drawn for later is forgotten.
    """

    def __init__(self, tables: Tables, random: Random) -> None:
        self._tables = tables
        self._random = random
        self._times = _FIRST_TIMES
        self._left = _EACH
        self._queue: list[tuple[datetime, int, int, Stay, Ring]] = []
        self._order = count()
        self._hazards: Mapping[str, list[list[float]]] = {
            device: [_hazard(row) for row in grid] for device, grid in tables.lam.items()
        }

    @property
    def waiting(self) -> int:
        """How many calls are drawn that have not rung."""
        return len(self._queue)

    @property
    def times(self) -> float:
        """How many times over calls are drawn just now."""
        return self._times

    def after_page(self, stay: Stay) -> None:
        """Draw what the session would do from this page on, if no other follows."""
        hazard = self._hazards[device_class(stay.device)][level_of(stay)]
        pace = self._times * self._tables.src.get(stay.identity.touch.source, 1.0)
        spent = 0.0
        while stay.pools:
            spent += self._random.expovariate(pace)
            after = _moment(hazard, spent)
            if after is None:
                return
            target = self._random.choice(list(stay.pools))
            at = stay.seen_at + timedelta(seconds=after)
            ring = Ring(at=at, stay=stay, target=target, weight=1 / self._times)
            heapq.heappush(self._queue, (at, next(self._order), stay.turn, stay, ring))

    def until(self, at: datetime) -> Iterator[Ring]:
        """Yield the calls that ring by then, in their order."""
        while self._queue and self._queue[0][0] <= at:
            _, _, turn, stay, ring = heapq.heappop(self._queue)
            if turn == stay.turn:
                self._count()
                yield ring

    def _count(self) -> None:
        """The longer the log, the fewer calls of it are needed."""
        self._left -= 1
        if not self._left:
            self._times, self._left = self._times / 2, _EACH


def level_of(stay: Stay) -> int:
    """The level of a session that only loads pages, as attribution has it."""
    if stay.contact_seen:
        return 10
    pages = stay.turn + 1
    return 9 if pages >= 4 else 8 if pages >= 2 else 7


def _hazard(row: tuple[float, ...]) -> list[float]:
    """Calls to expect by the end of each bin of the clock, but for the endless last one."""
    spans = (end - start for start, end in pairwise(_STARTS))
    return list(accumulate(rate * span for rate, span in zip(row, spans, strict=False)))


def _moment(hazard: list[float], spent: float) -> float | None:
    """Seconds until so many calls were to be expected; None where that is never."""
    bin_ = bisect_left(hazard, spent)
    if bin_ == len(hazard):
        return None
    before = hazard[bin_ - 1] if bin_ else 0.0
    span = _STARTS[bin_ + 1] - _STARTS[bin_]
    return _STARTS[bin_] + span * (spent - before) / (hazard[bin_] - before)
