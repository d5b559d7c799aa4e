"""How long a session stays in which state: what learning counts calls against."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from callgraft.tracking.states import (
    ACTIVE_FOR,
    EDGES,
    ENGAGED,
    VERY_ENGAGED,
    Exposure,
    Sign,
    SignKind,
    state_of,
)

Cell = tuple[int, int]
"""A level, and a bin of its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of time in which a session stays in one cell."""

    begin: datetime
    end: datetime
    cell: Cell


def pieces(exposure: Exposure, *, since: datetime, until: datetime) -> Iterator[Piece]:
    """Each stretch from ``since`` to ``until``, as far as the number was shown by then."""
    begin = max(since, exposure.shown_at)
    cuts = {cut for cut in _cuts(exposure) if begin < cut < until}
    if begin < until:
        for start, end in pairwise(sorted({begin, until, *cuts})):
            yield from _by_clock(exposure, start, end)


def time_in_cells(exposure: Exposure, *, since: datetime, until: datetime) -> Mapping[Cell, float]:
    """Seconds that the session spends in each cell."""
    spent: defaultdict[Cell, float] = defaultdict(float)
    for piece in pieces(exposure, since=since, until=until):
        spent[piece.cell] += (piece.end - piece.begin).total_seconds()
    return spent


def _by_clock(exposure: Exposure, start: datetime, end: datetime) -> Iterator[Piece]:
    """Between two cuts the level stays, and the clock stands at nothing or runs."""
    middle = start + (end - start) / 2
    state = state_of(exposure, middle)
    if not state.clock:
        yield Piece(begin=start, end=end, cell=(state.level, state.bin))
        return
    zero = middle - state.clock
    first, last = bisect_right(EDGES, start - zero), bisect_right(EDGES, end - zero)
    marks = [start, *(zero + edge for edge in EDGES[first:last]), end]
    for bin_, (begin, stop) in enumerate(pairwise(marks), first):
        if begin < stop:
            yield Piece(begin=begin, end=stop, cell=(state.level, bin_))


def _cuts(exposure: Exposure) -> Iterator[datetime]:
    """Every moment at which the level may change, or the clock start or stop."""
    for sign in exposure.log:
        yield sign.at
        if sign.kind is SignKind.ACTIVE:
            yield sign.at + ACTIVE_FOR
    yield from _crossings(exposure)


def _crossings(exposure: Exposure) -> Iterator[datetime]:
    """When the time in use comes to what makes a session engaged, and very engaged."""
    kinds = (SignKind.ACTIVE, SignKind.HIDDEN)
    use = sorted((sign for sign in exposure.log if sign.kind in kinds), key=_in_order)
    sofar = timedelta(0)
    for place, sign in enumerate(use):
        if sign.kind is SignKind.ACTIVE:
            gap = use[place + 1].at - sign.at if place + 1 < len(use) else ACTIVE_FOR
            span = min(gap, ACTIVE_FOR)
            for enough in (ENGAGED, VERY_ENGAGED):
                if sofar < enough <= sofar + span:
                    yield sign.at + (enough - sofar)
            sofar += span


_RANK = {kind: rank for rank, kind in enumerate(SignKind)}


def _in_order(sign: Sign) -> tuple[datetime, int]:
    return sign.at, _RANK[sign.kind]
