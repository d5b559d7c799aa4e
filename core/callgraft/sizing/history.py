"""What a store knows of the demand on a site's pools: who came, how long, and when they rang."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from callgraft.geo import Location
from callgraft.rules import Circumstances, decide
from callgraft.site import Site
from callgraft.sizing.demand import MINUTE, Demand, MeasuredStays
from callgraft.stores.protocol import Stay, Store, Transaction
from callgraft.stores.reports import Came
from callgraft.tracking.states import Exposure, conduct_of
from callgraft.tracking.values import Call, CallMark

DAY = timedelta(days=1)

_PAGE = 500
_GRAIN = 10
"""Stays and silences are told to ten seconds."""

_NOT_ASKED = {CallMark.REPEAT, CallMark.SERVICE, CallMark.CLIENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """So many of something (sessions, calls) lasted so many seconds, to the next ten above."""

    seconds: int
    count: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDemand:
    """
    What was asked of one pool.

    ``arrivals`` are the sessions that began in each minute from the beginning on; ``stays`` is how
    long sessions lasted; ``silences`` how long it was from a caller's last sign of life to the
    ring, each call shared out between its candidates.
    """

    pool: str
    arrivals: tuple[int, ...]
    stays: tuple[Bin, ...]
    silences: tuple[Bin, ...]

    @property
    def sessions(self) -> int:
        return sum(self.arrivals)

    @property
    def calls(self) -> float:
        """How many calls are shared out to sessions of the pool."""
        return sum(each.count for each in self.silences)

    def demand(self) -> Demand:
        """The same for :func:`callgraft.sizing.advise`."""
        stays = (
            timedelta(seconds=each.seconds) for each in self.stays for _ in range(int(each.count))
        )
        return Demand(arrivals=self.arrivals, stays=MeasuredStays(stays))

    def hold_for(self, share: float) -> timedelta:
        """The hold, in whole minutes, after which that share of calls had rung."""
        rung, whole = 0.0, self.calls
        for each in sorted(self.silences, key=lambda one: one.seconds):
            rung += each.count
            if rung >= share * whole:
                return -(-timedelta(seconds=each.seconds) // MINUTE) * MINUTE
        return timedelta(0)

    def rung_within(self, hold: timedelta) -> float:
        """The share of calls that rang within the hold."""
        soon = (one.count for one in self.silences if timedelta(seconds=one.seconds) <= hold)
        return sum(soon) / self.calls if self.silences else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDemand:
    """What was asked of a site's pools in the 24 hours from ``since`` on, or in days in a row."""

    since: datetime
    pools: tuple[PoolDemand, ...]

    def __add__(self, after: SiteDemand) -> SiteDemand:
        """This, and what was asked in the days right after it."""
        later = {each.pool: each for each in after.pools}
        pools = (_joined(each, later[each.pool]) for each in self.pools if each.pool in later)
        return SiteDemand(since=self.since, pools=tuple(pools))


@dataclass(slots=True)
class _Counted:
    arrivals: list[int]
    stays: Counter[int] = field(default_factory=Counter)
    silences: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))


def read_demand(store: Store, site: Site, *, since: datetime) -> SiteDemand:
    """
    Count the sessions of a day that wanted a number of each pool, and how soon calls came.

    Whether a session got one makes no difference. The rules of ``site`` decide, as for a log, by
    what is kept of a session: how it came, on what page, from where and with what device. The store
    is read in small transactions.
    """
    until = since + DAY
    counted = {pool: _Counted([0] * (DAY // MINUTE)) for pool in site.pools}
    for came, stay in _sessions(store, site.key, since, until):
        for pool in _pools(site, came):
            at = counted[pool]
            at.arrivals[(came.at - since) // MINUTE] += 1
            at.stays[_grains(_length(came, stay))] += 1
    for pool, silence, probability in _silences(store, site, since, until):
        counted[pool].silences[_grains(silence)] += probability
    return SiteDemand(
        since=since,
        pools=tuple(_pool_demand(pool, each) for pool, each in counted.items()),
    )


def _sessions(
    store: Store, site: str, since: datetime, until: datetime
) -> Iterator[tuple[Came, Stay | None]]:
    after = ""
    while True:
        page = store.read(partial(_page, site=site, since=since, until=until, after=after))
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0].visitor


def _page(
    transaction: Transaction, *, site: str, since: datetime, until: datetime, after: str
) -> list[tuple[Came, Stay | None]]:
    found = transaction.sessions_by_visitor(
        site, since=since, until=until, limit=_PAGE, after=after
    )
    stays = transaction.stays(site, [came.session for came in found])
    return [(came, stays.get(came.session)) for came in found]


def _pools(site: Site, came: Came) -> set[str]:
    """The pools that a session of the store would be given numbers of."""
    here = Circumstances(
        at=came.at,
        touch=came.touch,
        location=Location(country=came.country, region=came.region, city=came.city),
        path=came.touch.landing or "/",
        device=came.device,
    )
    decided = (decide(site, target, here, explain=False) for target in site.targets)
    return {decision.pool for decision in decided if decision.pool}


def _length(came: Came, stay: Stay | None) -> timedelta:
    last = max((sign.at for sign in stay.log), default=came.at) if stay else came.at
    return max(last - came.at, timedelta(0))


def _silences(
    store: Store, site: Site, since: datetime, until: datetime
) -> Iterator[tuple[str, timedelta, float]]:
    """Pool, time since the last sign of life, and probability, for each candidate of each call."""
    at, after = since, ""
    while True:
        page = store.read(partial(_calls, site=site.key, since=at, until=until, after=after))
        for call, stays in page:
            yield from _silences_of(site, call, stays)
        if len(page) < _PAGE:
            return
        at, after = page[-1][0].rang_at, page[-1][0].id


def _calls(
    transaction: Transaction, *, site: str, since: datetime, until: datetime, after: str
) -> list[tuple[Call, Mapping[str, Stay]]]:
    calls: Sequence[Call] = transaction.calls_between(
        site, since=since, until=until, limit=_PAGE, after=after
    )
    asked = {each.session for call in calls for each in call.attribution.candidates} - {""}
    stays = transaction.stays(site, sorted(asked))
    return [(call, stays) for call in calls]


def _silences_of(
    site: Site, call: Call, stays: Mapping[str, Stay]
) -> Iterable[tuple[str, timedelta, float]]:
    role = site.role_of(call.number)
    if role is None or role.key not in site.pools or not _NOT_ASKED.isdisjoint(call.marks):
        return
    for each in call.attribution.candidates:
        stay = stays.get(each.session)
        if stay is not None and stay.log and stay.log[0].at <= call.rang_at:
            yield role.key, _silence(call, stay), each.probability


def _silence(call: Call, stay: Stay) -> timedelta:
    shown = Exposure(
        number=call.number,
        visitor="",
        session="",
        shown_at=stay.log[0].at,
        touch=stay.touch,
        log=stay.log,
    )
    return conduct_of(shown, call.rang_at).silence


def _grains(span: timedelta) -> int:
    return -(-span // timedelta(seconds=_GRAIN)) * _GRAIN


def _joined(before: PoolDemand, after: PoolDemand) -> PoolDemand:
    return PoolDemand(
        pool=before.pool,
        arrivals=before.arrivals + after.arrivals,
        stays=_bins(_sum(before.stays, after.stays)),
        silences=_bins(_sum(before.silences, after.silences)),
    )


def _sum(*told: Iterable[Bin]) -> Mapping[int, float]:
    whole: defaultdict[int, float] = defaultdict(float)
    for each in chain.from_iterable(told):
        whole[each.seconds] += each.count
    return whole


def _pool_demand(pool: str, counted: _Counted) -> PoolDemand:
    return PoolDemand(
        pool=pool,
        arrivals=tuple(counted.arrivals),
        stays=_bins(counted.stays),
        silences=_bins(counted.silences),
    )


def _bins(counted: Mapping[int, float]) -> tuple[Bin, ...]:
    return tuple(Bin(seconds=seconds, count=count) for seconds, count in sorted(counted.items()))
