"""What is compared: the site's pools with other counts of numbers, and other holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from callgraft.phone import Number
from callgraft.site import Pool, Site

MULTIPLES = (0.5, 1.0, 2.0, 4.0)
"""How many times its own numbers each pool gets where nobody names counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A site as it could be, and what its pools are like there; None: as they are."""

    site: Site
    numbers: int | None = None
    times: float | None = None
    hold: timedelta | None = None


def scenarios_of(
    site: Site, *, numbers: Sequence[int] = (), holds: Sequence[timedelta] = ()
) -> list[Scenario]:
    """
    Return every combination of counts and holds, those of few numbers first.

    :param numbers: counts that each pool gets; without any, multiples of its own count.
    :param holds: holds that each pool gets; without any, each keeps its own.
    """
    spans: list[timedelta | None] = [*sorted(holds)] or [None]
    counts: list[tuple[int | None, float | None]] = [(count, None) for count in sorted(numbers)]
    counts = counts or [(None, times) for times in MULTIPLES]
    return [
        Scenario(site=_changed(site, count, times, hold), numbers=count, times=times, hold=hold)
        for hold in spans
        for count, times in counts
    ]


def _changed(site: Site, count: int | None, times: float | None, hold: timedelta | None) -> Site:
    pools = {
        pool.key: _resized(pool, place, count or ceil(len(pool.numbers) * (times or 1)), hold)
        for place, pool in enumerate(site.pools.values())
    }
    return replace(site, pools=pools, document="", version="")


def _resized(pool: Pool, place: int, count: int, hold: timedelta | None) -> Pool:
    more = range(len(pool.numbers), count)
    numbers = (*pool.numbers[:count], *(_number(place, each) for each in more))
    return replace(
        pool, numbers=numbers, quarantine=(), draining=(), hold=pool.hold if hold is None else hold
    )


def _number(place: int, each: int) -> Number:
    """A number that nobody has: the ITU keeps the country code 999 in reserve."""
    national = f"{place:03}{each:07}"
    return Number(e164=f"+999{national}", country_code="999", national=national)
