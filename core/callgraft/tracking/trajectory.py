"""How long a session stays in which state: what learning counts calls against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callgraft.tracking.course import Course
from callgraft.tracking.states import ACTIVE_FOR, Exposure, Sign, SignKind

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
    at = max(since, exposure.shown_at)
    if at >= until:
        return
    signs = sorted(exposure.log, key=_in_order)
    known = [sign for sign in signs if sign.at <= at]
    course = Course(exposure.shown_at, known)
    used = [sign.at for sign in known if sign.kind is SignKind.ACTIVE]
    used_until = used[-1] + ACTIVE_FOR if used else None
    for sign in signs[len(known) :]:
        if sign.at >= until:
            break
        yield from _between(course, at, sign.at, used_until)
        course.add(sign)
        at = sign.at
        if sign.kind is SignKind.ACTIVE:
            used_until = at + ACTIVE_FOR
    yield from _between(course, at, until, used_until)


def time_in_cells(exposure: Exposure, *, since: datetime, until: datetime) -> Mapping[Cell, float]:
    """Seconds that the session spends in each cell."""
    spent: defaultdict[Cell, float] = defaultdict(float)
    for piece in pieces(exposure, since=since, until=until):
        spent[piece.cell] += (piece.end - piece.begin).total_seconds()
    return spent


def _between(
    course: Course, at: datetime, until: datetime, used_until: datetime | None
) -> Iterator[Piece]:
    """Between two signs the level and the bin change by the clock alone."""
    while at < until:
        # In the very moment in which use ends the session is not silent yet.
        ends = at == used_until
        level, bin_, change_at = course.standing(at + timedelta.resolution if ends else at)
        if used_until and change_at == used_until + timedelta.resolution:
            change_at = used_until
        end = min(change_at, until) if change_at else until
        yield Piece(begin=at, end=end, cell=(level, bin_))
        at = end


_RANK = {kind: rank for rank, kind in enumerate(SignKind)}


def _in_order(sign: Sign) -> tuple[datetime, int]:
    return sign.at, _RANK[sign.kind]
