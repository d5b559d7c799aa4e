"""Conditions on the moment of the visit, by the clock of the site's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callgraft.conditions.leaf import Leaf, one_of

if TYPE_CHECKING:
    from callgraft.rules import Circumstances
    from callgraft.site import Site

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class WeekdayIs(Leaf):
    """Today is one of the days, 0 (Monday) to 6."""

    days: tuple[int, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        return _local(site, here).weekday() in self.days

    def fact(self, site: Site, here: Circumstances) -> str:
        return f"it is {_NAMES[_local(site, here).weekday()]} in {site.timezone}"

    @property
    def wish(self) -> str:
        return one_of([_NAMES[day] for day in self.days])


@dataclass(frozen=True, slots=True)
class Span:
    """A part of every day, by the clock; ``end`` before ``start`` is the next morning."""

    start: timedelta
    end: timedelta

    def __contains__(self, clock: timedelta) -> bool:
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class TimeIs(Leaf):
    """The clock is within one of the spans; their ends lie outside."""

    spans: tuple[Span, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        local = _local(site, here)
        clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        return any(clock in span for span in self.spans)

    def fact(self, site: Site, here: Circumstances) -> str:
        return f"it is {_local(site, here):%H:%M} in {site.timezone}"

    @property
    def wish(self) -> str:
        return one_of([str(span) for span in self.spans])


def _local(site: Site, here: Circumstances) -> datetime:
    return here.at.astimezone(site.timezone)


def _clock(since_midnight: timedelta) -> str:
    hours, minutes = divmod(int(since_midnight.total_seconds()) // 60, 60)
    return f"{hours:02}:{minutes:02}"
