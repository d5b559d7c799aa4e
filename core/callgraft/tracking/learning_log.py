"""A site's history as learning sees it: who could have made each call, and who did not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callgraft.tracking.states import Exposure, state_of
from callgraft.tracking.tables import device_class
from callgraft.tracking.trajectory import Cell, time_in_cells

LONGEST = timedelta(days=14)
"""How long an exposure is followed."""

NEWEST = 48
"""How many exposures of a number are followed at one time, as in attribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A first call of a phone."""

    number: str
    rang_at: datetime
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened from ``since`` to ``until``; exposures and calls in any order."""

    since: datetime
    until: datetime
    numbers: tuple[str, ...]
    exposures: Sequence[Exposure]
    calls: Sequence[Heard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An exposure and until when it could have made a call."""

    exposure: Exposure
    until: datetime
    device: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """
    One exposure that could have made one call: its place in the log, and its state then.

    ``is_from_there``: whether the caller's region is the session's; None where one is not known.
    """

    place: int
    device: str
    source: str
    cell: Cell
    is_from_there: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One call with all who could have made it."""

    call: Heard
    hour: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """
    A stretch of history, counted.

    ``time`` is the seconds spent by source, device class and cell; ``passed`` how many exposures
    were in a cell at all, by device class and cell; ``span`` the stretch's own seconds.
    """

    followed: Sequence[Followed]
    calls: Sequence[Weighed]
    numbers: tuple[str, ...]
    span: float
    time: Mapping[tuple[str, str, Cell], float]
    passed: Counter[tuple[str, Cell]]
    sessions: Counter[str]
    until: datetime
    after: dict[tuple[int, datetime], Mapping[Cell, float]] = field(default_factory=dict)

    def time_after(self, place: int, at: datetime) -> Mapping[Cell, float]:
        """Seconds that an exposure spends in each cell from ``at`` on; counted once."""
        if (place, at) not in self.after:
            each = self.followed[place]
            until = min(self.until, each.until)
            self.after[place, at] = time_in_cells(each.exposure, since=at, until=until)
        return self.after[place, at]


def follow(exposures: Iterable[Exposure]) -> list[Followed]:
    """Each exposure until the visitor's next one of the number, 14 days, or 48 newer ones."""
    by_number: defaultdict[str, list[Exposure]] = defaultdict(list)
    for each in sorted(exposures, key=lambda each: (each.shown_at, each.session)):
        by_number[each.number].append(each)
    followed = []
    for shown in by_number.values():
        next_of: dict[str, datetime] = {}
        for place in range(len(shown) - 1, -1, -1):
            each = shown[place]
            ends = [each.shown_at + LONGEST]
            if each.visitor in next_of:
                ends.append(next_of[each.visitor])
            if place + NEWEST < len(shown):
                ends.append(shown[place + NEWEST].shown_at)
            next_of[each.visitor] = each.shown_at
            followed.append(_followed(each, min(ends)))
    return followed


def count(
    followed: Sequence[Followed], history: History, *, since: datetime, until: datetime
) -> Log:
    """Count the stretch of the history from ``since`` to before ``until``."""
    time: defaultdict[tuple[str, str, Cell], float] = defaultdict(float)
    passed: Counter[tuple[str, Cell]] = Counter()
    sessions: Counter[str] = Counter()
    by_number: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(followed):
        if each.exposure.shown_at >= until or each.until <= since:
            continue
        by_number[each.exposure.number].append(place)
        sessions[each.source] += 1
        spent = time_in_cells(each.exposure, since=since, until=min(until, each.until))
        for cell, seconds in spent.items():
            time[each.source, each.device, cell] += seconds
            passed[each.device, cell] += 1
    calls = sorted(history.calls, key=lambda call: (call.rang_at, call.number))
    return Log(
        followed=followed,
        calls=[
            _weighed(call, followed, by_number[call.number])
            for call in calls
            if since <= call.rang_at < until
        ],
        numbers=history.numbers,
        span=(until - since).total_seconds(),
        time=time,
        passed=passed,
        sessions=sessions,
        until=until,
    )


def _followed(exposure: Exposure, until: datetime) -> Followed:
    device = device_class(exposure.device)
    return Followed(exposure=exposure, until=until, device=device, source=exposure.touch.source)


def _weighed(call: Heard, followed: Sequence[Followed], places: Iterable[int]) -> Weighed:
    options = [
        _option(place, followed[place], call)
        for place in places
        if followed[place].exposure.shown_at <= call.rang_at < followed[place].until
    ]
    hour = call.rang_at.astimezone(UTC).hour
    return Weighed(call=call, hour=hour, options=tuple(options))


def _option(place: int, each: Followed, call: Heard) -> Option:
    state = state_of(each.exposure, call.rang_at)
    return Option(
        place=place,
        device=each.device,
        source=each.source,
        cell=(state.level, state.bin),
        is_from_there=each.exposure.region == call.region
        if call.region and each.exposure.region
        else None,
    )
