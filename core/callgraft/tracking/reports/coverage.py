"""Coverage: how many sessions got a number of their own, by pool and hour."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from callgraft.stores.reports import PoolHour
from callgraft.tracking.pool_hours import OF_ITS_OWN, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfDay:
    """What the same hour of all days comes to; ``hour`` is by the site's clocks."""

    hour: int
    sessions: int
    own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCoverage:
    """
    How a pool answered the sessions of a time.

    ``coverage`` is the share that got a number of their own, those included that got the number of
    their earlier session; None where nobody came. ``outcomes`` is how many were answered how.
    """

    pool: str
    sessions: int
    coverage: float | None
    outcomes: Mapping[str, int]
    hours: tuple[HourOfDay, ...]


def coverage_of(hours: Iterable[PoolHour], zone: ZoneInfo) -> tuple[PoolCoverage, ...]:
    """The coverage of each pool, by key."""
    by_pool: defaultdict[str, list[PoolHour]] = defaultdict(list)
    for each in hours:
        by_pool[each.pool].append(each)
    return tuple(_coverage(pool, counted, zone) for pool, counted in sorted(by_pool.items()))


def share_of_own(outcomes: Mapping[str, int]) -> float | None:
    """The share of sessions with a number of their own."""
    everybody = sum(outcomes.values())
    own = sum(outcomes.get(each.value, 0) for each in OF_ITS_OWN)
    return own / everybody if everybody else None


def _coverage(pool: str, counted: Sequence[PoolHour], zone: ZoneInfo) -> PoolCoverage:
    outcomes: Counter[str] = Counter()
    sessions: Counter[int] = Counter()
    own: Counter[int] = Counter()
    for each in counted:
        outcomes[each.outcome] += each.sessions
        hour = _hour(each.hour, zone)
        sessions[hour] += each.sessions
        if each.outcome in OF_ITS_OWN:
            own[hour] += each.sessions
    return PoolCoverage(
        pool=pool,
        sessions=outcomes.total(),
        coverage=share_of_own(outcomes),
        outcomes={each.value: outcomes[each.value] for each in Outcome if outcomes[each.value]},
        hours=tuple(
            HourOfDay(hour=hour, sessions=sessions[hour], own=own[hour]) for hour in range(24)
        ),
    )


def _hour(began: datetime, zone: ZoneInfo) -> int:
    return began.astimezone(zone).hour
