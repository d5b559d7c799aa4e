"""How many sessions come in which minute, and how long each of them keeps a number."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import exp, log
from typing import Protocol

MINUTE = timedelta(minutes=1)
DAY = 1440
MOST_DAYS = 400
"""A year and a month: a record that is longer has a wrong date in it."""
AFTER_LAST_PAGE = MINUTE
"""A session is over so long after its last page, as far as its number is concerned."""
_LONGEST = 6 * 60
"""In minutes; a stay that is longer than this is a tab that somebody forgot."""

# Sessions by hour of the day, as shops and services have them; only the shape matters.
_HOURS = (
    *(10, 7, 5, 5, 6, 10, 18, 30, 48, 62, 70, 74),
    *(73, 71, 70, 70, 69, 66, 61, 55, 47, 36, 24, 13),
)


class Stays(Protocol):
    """How long sessions last, from the first page to the last."""

    def longer_than(self, span: timedelta) -> float:
        """The share of sessions that last longer than ``span``."""
        ...

    @property
    def mean(self) -> timedelta: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalStays:
    """Stays of which only the mean is known: short ones are many, long ones few (exponential)."""

    mean: timedelta

    def longer_than(self, span: timedelta) -> float:
        return exp(-max(span, timedelta(0)) / self.mean)


class MeasuredStays:
    """Stays as they were."""

    def __init__(self, stays: Iterable[timedelta]) -> None:
        self._sorted = sorted(stays)

    @property
    def mean(self) -> timedelta:
        return sum(self._sorted, timedelta(0)) / max(len(self._sorted), 1)

    def longer_than(self, span: timedelta) -> float:
        count = len(self._sorted)
        return (count - bisect_right(self._sorted, span)) / count if count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """``arrivals[i]`` is how many sessions begin in minute i, of whole days; ``stays`` their
    lengths."""

    arrivals: tuple[float, ...]
    stays: Stays

    @property
    def per_day(self) -> float:
        """Sessions a day, on average."""
        return sum(self.arrivals) * DAY / len(self.arrivals)

    @property
    def busiest_hour(self) -> float:
        """Sessions in the busiest clock hour."""
        hours = range(0, len(self.arrivals), 60)
        return max(sum(self.arrivals[hour : hour + 60]) for hour in hours)

    def mean_hold(self, hold: timedelta) -> timedelta:
        """How long a session keeps its number, on average, with this hold."""
        return sum(self._kept(hold)) * MINUTE

    def loads(self, hold: timedelta) -> list[float]:
        """
        The numbers in use at each minute, were there enough of them.

        m(t) = Σ λ(t - u) P(H > u) with H = max(hold, stay + 60 s); the day before the first is
        like the last one.
        """
        kept = self._kept(hold)
        surely = sum(share == 1.0 for share in kept)
        count = len(self.arrivals)
        arriving = [self.arrivals[at % count] for at in range(-len(kept), count)]
        arrived = list(accumulate(arriving, initial=0.0))
        loads = []
        for now in range(len(kept) + 1, len(arriving) + 1):
            # Those who have their number for certain in one step: they are most of them.
            load = arrived[now] - arrived[now - surely]
            for age in range(surely, len(kept)):
                load += arriving[now - 1 - age] * kept[age]
            loads.append(load)
        return loads

    def _kept(self, hold: timedelta) -> list[float]:
        """The share of sessions that still have their number, by age in minutes."""
        kept = []
        for age in range(max(_LONGEST, hold // MINUTE + 1)):
            middle = (age + 0.5) * MINUTE
            share = 1.0 if middle < hold else self.stays.longer_than(middle - AFTER_LAST_PAGE)
            if share < 0.0005:
                break
            kept.append(share)
        return kept


def even_days(per_day: float, *, stay: timedelta, busiest: float = 0.0) -> Demand:
    """
    Return a typical day with so many sessions.

    :param stay: how long a session lasts, on average.
    :param busiest: the busiest hour's share of the day's sessions; 0 for a typical one (7 %).
    """
    weights = _sharpened(busiest) if busiest else _share(_HOURS)
    arrivals = tuple(per_day * weights[minute // 60] / 60 for minute in range(DAY))
    return Demand(arrivals=arrivals, stays=TypicalStays(mean=stay))


def measured_days(began: Sequence[datetime], stays: Iterable[timedelta]) -> Demand:
    """
    Return the demand of a record: when each session began, and how long each lasted.

    Whole days are counted, from the first session's midnight to the last one's.

    :raises ValueError: there is no session in it, or more than MOST_DAYS lie between two of them.
    """
    first, last = min(began), max(began)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (last - midnight).days + 1
    if days > MOST_DAYS:
        raise ValueError(f"goes from {first:%Y-%m-%d} to {last:%Y-%m-%d}: {days:,} days.")
    arrivals = [0.0] * (days * DAY)
    for at in began:
        arrivals[(at - midnight) // MINUTE] += 1
    return Demand(arrivals=tuple(arrivals), stays=MeasuredStays(stays))


def _sharpened(busiest: float) -> list[float]:
    """The typical day with its hours apart from each other so much that the busiest has that."""
    # Between a flat day, and one that is nothing but its busiest hour.
    low, high = 0.0, 2000.0
    for _ in range(60):
        middle = (low + high) / 2
        top = max(_share([exp(middle * log(hour / max(_HOURS))) for hour in _HOURS]))
        low, high = (middle, high) if top < busiest else (low, middle)
    return _share([exp(low * log(hour / max(_HOURS))) for hour in _HOURS])


def _share(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]
