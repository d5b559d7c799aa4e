"""What somebody has to do something about: dry pools, and matches that got less sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from callgraft.site import Pool, Site
from callgraft.sizing import Demand, advise
from callgraft.sizing.demand import DAY as MINUTES_A_DAY
from callgraft.sizing.demand import MeasuredStays
from callgraft.stores.protocol import Store, Transaction
from callgraft.stores.reports import PoolHour
from callgraft.tracking.pool_hours import DRY
from callgraft.tracking.reports.coverage import share_of_own
from callgraft.tracking.reports.reading import calls_read
from callgraft.tracking.values import CallMark

DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
GOAL = 0.95
"""The coverage that the advised number of numbers is for."""
_MEASURED = timedelta(days=7)
_BEFORE = timedelta(days=28)
_LEASES = 2000
_DROP = 0.10
_NOT_COUNTED = {CallMark.SERVICE, CallMark.SPAM}
_ENOUGH_TODAY, _ENOUGH_BEFORE = 10, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    Something that is wrong ``since`` then, and what to do about it.

    ``kind`` is ``dry`` (a pool had no number left) or ``confidence`` (matches got less sure);
    ``add`` is how many numbers the pool needs more.
    """

    kind: str
    pool: str
    since: datetime
    told: str
    cure: str
    add: int = 0


def alerts_of(store: Store, site: Site, *, at: datetime) -> tuple[Alert, ...]:
    """What is wrong now: within the last day."""
    return (*dry_pools(store, site, at=at), *_confidence(store, site, at=at))


def dry_pools(store: Store, site: Site, *, at: datetime) -> Iterator[Alert]:
    """The pools that had no number for somebody within the last day."""
    until = at + timedelta.resolution  # the hour that begins now, too
    hours = store.read(
        lambda here: here.pool_hours(site.key, since=at - _MEASURED - _HOUR, until=until)
    )
    for pool in site.pools.values():
        of_pool = [each for each in hours if each.pool == pool.key]
        today = [each for each in of_pool if each.hour > at - DAY - _HOUR]
        if any(each.outcome in DRY for each in today):
            yield _dry(store, site, pool, of_pool, today)


def _dry(
    store: Store, site: Site, pool: Pool, hours: Sequence[PoolHour], today: Sequence[PoolHour]
) -> Alert:
    outcomes: Counter[str] = Counter()
    for each in today:
        outcomes[each.outcome] += each.sessions
    dry = sum(outcomes[each.value] for each in DRY)
    told = (
        f"The pool {pool.key} of {site.key} had no free number for {dry:,} of"
        f" {outcomes.total():,} sessions of the last day (coverage"
        f" {floor(100 * (share_of_own(outcomes) or 0))} %)."
    )
    need = numbers_needed(store, site.key, pool, hours)
    add = max(need - len(pool.numbers), 0)
    if add:
        cure = f"Add {_numbers(add)}: {need} are enough for {GOAL:.0%} of sessions"
        cure += f" with a hold of {pool.hold / timedelta(minutes=1):g} min."
    else:
        cure = f"Nothing, if it stays so rare: {_numbers(len(pool.numbers))} are enough for"
        cure += f" {GOAL:.0%} of sessions; or shorten the hold."
    return Alert(kind="dry", pool=pool.key, since=_since(hours), told=told, cure=cure, add=add)


def numbers_needed(store: Store, site: str, pool: Pool, hours: Sequence[PoolHour]) -> int:
    """How many numbers the measured arrivals need for the coverage that is the goal."""
    arrivals = _arrivals(hours)
    if not any(arrivals):
        return 0
    stays = store.read(lambda here: _stays(here, site, pool))
    demand = Demand(arrivals=tuple(arrivals), stays=MeasuredStays(stays or [timedelta(0)]))
    return advise(demand, pool.hold, holds=()).numbers[GOAL]


def _arrivals(hours: Sequence[PoolHour]) -> list[float]:
    """Sessions in each minute of the last seven days that were counted, evenly in each hour."""
    if not hours:
        return []
    last = max(each.hour for each in hours) + _HOUR
    days = min(_MEASURED // DAY, max((last - min(each.hour for each in hours)) // DAY, 1))
    began = last - days * DAY
    arrivals = [0.0] * (days * MINUTES_A_DAY)
    for each in hours:
        minute = (each.hour - began) // timedelta(minutes=1)
        if minute >= 0:
            for place in range(minute, minute + 60):
                arrivals[place] += each.sessions / 60
    return arrivals


def _stays(transaction: Transaction, site: str, pool: Pool) -> list[timedelta]:
    """How long the last sessions were seen after they got their number."""
    per_number = max(_LEASES // max(len(pool.numbers), 1), 1)
    return [
        lease.seen_at - lease.shown_at
        for number in pool.numbers[:_LEASES]
        for lease in transaction.leases_on(site, number.e164, limit=per_number)
    ]


def _since(hours: Sequence[PoolHour]) -> datetime:
    """When it began: the first dry hour after a day without any."""
    dry = sorted({each.hour for each in hours if each.outcome in DRY}, reverse=True)
    since = dry[0]
    for hour in dry:
        if since - hour > DAY:
            break
        since = hour
    return since


def _confidence(store: Store, site: Site, *, at: datetime) -> Iterator[Alert]:
    today, before = _Mean(), _Mean()
    for page in calls_read(store, site.key, since=at - DAY - _BEFORE, until=at):
        for call in page.calls:
            found = call.attribution
            is_counted = _NOT_COUNTED.isdisjoint(call.marks)
            if found.method in ("posterior", "known_phone") and is_counted:
                (today if call.rang_at >= at - DAY else before).add(found.probability)
    if today.count < _ENOUGH_TODAY or before.count < _ENOUGH_BEFORE:
        return
    if before.mean - today.mean >= _DROP:
        told = (
            f"The mean confidence of {site.key}'s matches fell from {before.mean:.0%} to"
            f" {today.mean:.0%} within the last day."
        )
        cure = (
            "Look whether pools are dry (callgraft report --coverage), whether the helper still"
            " runs on the pages (callgraft scan), and whether robots take numbers (callgraft pool)."
        )
        yield Alert(kind="confidence", pool="", since=at - DAY, told=told, cure=cure)


class _Mean:
    def __init__(self) -> None:
        self.count, self.total = 0, 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value

    @property
    def mean(self) -> float:
        return self.total / self.count


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"
