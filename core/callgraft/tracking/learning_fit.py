"""The weights that a site's own history tells, by expectation and maximisation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import log

from callgraft.tracking.learning_log import Followed, Log, Option, Weighed
from callgraft.tracking.posterior import GIVEN_AWAY
from callgraft.tracking.states import EDGES
from callgraft.tracking.tables import DEFAULT, Grid, Tables
from callgraft.tracking.trajectory import Cell, pieces

ROUNDS = 25
RHYTHM = 1.0
"""How many strangers' calls an hour of the day counts for besides its own."""
ALIKE = 1.5
"""How many strangers' calls speak for a number being like the others."""
DEVICES = ("mobile", "other")
CELLS: tuple[Cell, ...] = tuple(
    (level, bin_) for level in range(11) for bin_ in range(len(EDGES) + 1)
)
_A_DAY = timedelta(days=1)
_WORTH_COUNTING = 0.01
"""Of likelier options it is counted what they passed before the call; the rest is nothing."""

Shares = Sequence[Sequence[float]]
"""By call: the share of each of its options, and last the stranger's."""

Figures = defaultdict[tuple[str, Cell], float]


def fit(counted: Log, *, prior: Tables = DEFAULT, rounds: int = ROUNDS) -> Tables:
    """Learn tables from calls of which nobody knows who made them."""
    tables = prior
    for _ in range(rounds):
        tables = maximised(counted, shares(counted, tables), now=tables, prior=prior)
    found = shares(counted, tables)
    return replace(tables, val=_val(counted, found, prior))


def shares(counted: Log, tables: Tables) -> list[list[float]]:
    """Share out each call, in the order in which they rang."""
    return [[weight / sum(weights) for weight in weights] for weights in _all(counted, tables)]


def fitness(counted: Log, tables: Tables) -> float:
    """
    The mean log-likelihood of a call.

    Higher rates make each call likelier, and the silence between calls less so: both count.
    """
    if not counted.calls:
        return 0.0
    heard = sum(log(sum(weights)) for weights in _all(counted, tables))
    time = _time_at_risk(counted, shares(counted, tables), tables)
    expected = sum(_at(tables.lam, *key) * seconds for key, seconds in time.items())
    strays = sum(tables.strays(number) for number in counted.numbers) * counted.span
    return (heard - expected - strays) / len(counted.calls)


def maximised(counted: Log, found: Shares, *, now: Tables, prior: Tables) -> Tables:
    """The tables that make calls shared out like this the likeliest, drawn towards the prior."""
    sums = _summed(counted, found, now)
    stray = _stray(counted, sums)
    mean = sum(sums.hour) / 24 + RHYTHM
    return replace(
        prior,
        lam=_lam(_time_at_risk(counted, found, now), sums, prior),
        src=_src(counted, sums),
        stray=stray,
        stray_elsewhere=sum(stray.values()) / len(stray) if stray else prior.stray_elsewhere,
        hour=tuple((RHYTHM + each) / mean for each in sums.hour),
        rho={
            device: (sums.same[device] + 5) / (sums.regional[device] + 10)
            if sums.regional[device]
            else prior.rho[device]
            for device in DEVICES
        },
        pi=_pi(sums.regions, prior),
    )


@dataclass(slots=True, kw_only=True)
class _Sums:
    """Shares of calls, added up."""

    calls: Figures = field(default_factory=lambda: defaultdict(float))
    sources: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    strays: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    hour: list[float] = field(default_factory=lambda: [0.0] * 24)
    same: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    regional: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    regions: Counter[str] = field(default_factory=Counter)


def _all(counted: Log, tables: Tables) -> Iterator[list[float]]:
    """By call, the weight of each option and of the stranger; who called weighs less later."""
    called: dict[int, float] = {}
    for call in counted.calls:
        weights = [_weight(option, call, called, tables) for option in call.options]
        pi = 1.0 if call.call.region is None else tables.share_of(call.call.region)
        weights.append(tables.strays(call.call.number) * tables.hour[call.hour] * pi)
        total = sum(weights)
        for option, weight in zip(call.options, weights, strict=False):
            called[option.place] = max(called.get(option.place, 0.0), weight / total)
        yield weights


def _weight(option: Option, call: Weighed, called: Mapping[int, float], tables: Tables) -> float:
    rate = tables.lam[option.device][option.cell[0]][option.cell[1]]
    weight = rate * tables.src.get(option.source, 1.0)
    if option.place in called:
        weight *= 1 - GIVEN_AWAY * called[option.place]
    if call.call.region is not None:
        pi = tables.share_of(call.call.region)
        if option.is_from_there is None:
            return weight * pi
        rho = tables.rho[option.device]
        weight *= (1 - rho) * pi + (rho if option.is_from_there else 0.0)
    return weight


def _summed(counted: Log, found: Shares, now: Tables) -> _Sums:
    sums = _Sums()
    regions = Counter(call.call.region for call in counted.calls if call.call.region)
    sums.regions = Counter({name: number for name, number in regions.items() if name})
    for call, shared in zip(counted.calls, found, strict=True):
        sums.strays[call.call.number] += shared[-1]
        sums.hour[call.hour] += shared[-1]
        for option, share in zip(call.options, shared, strict=False):
            sums.calls[option.device, option.cell] += share
            sums.sources[option.source] += share
            if call.call.region is not None and option.is_from_there is not None:
                sums.regional[option.device] += share
                sums.same[option.device] += share * _meant(option, call.call.region, now)
    return sums


def _meant(option: Option, region: str, now: Tables) -> float:
    """How likely the caller's region is the session's for more than luck."""
    if not option.is_from_there:
        return 0.0
    rho = now.rho[option.device]
    return rho / (rho + (1 - rho) * now.share_of(region))


def _time_at_risk(counted: Log, found: Shares, now: Tables) -> Figures:
    """
    Seconds in each cell in which a call was to be expected, as attribution weighs sessions.

    A second of a source that rings twice as often counts twice, and one after the session's call
    hardly at all. Without either the sessions' rates come out too low, and strangers are given
    their calls.
    """
    time: Figures = defaultdict(float)
    for (source, device, cell), seconds in counted.time.items():
        time[device, cell] += seconds * now.src.get(source, 1.0)
    called: dict[int, float] = {}
    for call, shared in zip(counted.calls, found, strict=True):
        for option, share in zip(call.options, shared, strict=False):
            more = share - called.get(option.place, 0.0)
            if more < _WORTH_COUNTING:
                continue
            called[option.place] = share
            lost = GIVEN_AWAY * more * now.src.get(option.source, 1.0)
            for cell, seconds in counted.time_after(option.place, call.call.rang_at).items():
                time[option.device, cell] -= lost * seconds
    return time


def _lam(time: Figures, sums: _Sums, prior: Tables) -> Mapping[str, Grid]:
    """Calls per second in each cell."""
    expected = sum(_at(prior.lam, *key) * seconds for key, seconds in time.items())
    scale = sum(sums.calls.values()) / expected if expected else 1.0
    rates: dict[tuple[str, Cell], float] = {}
    for cell in CELLS:
        bases = {device: scale * _at(prior.lam, device, cell) for device in DEVICES}
        seen = sum(sums.calls[device, cell] for device in DEVICES)
        awaited = sum(bases[device] * time[device, cell] for device in DEVICES)
        k = (seen + 3) / (awaited + 3)
        for device in DEVICES:
            before = max(bases[device] * k, 1e-15)
            rates[device, cell] = (sums.calls[device, cell] + 3) / (time[device, cell] + 3 / before)
    return _grids(rates)


def _val(counted: Log, found: Shares, prior: Tables) -> Mapping[str, Grid]:
    """Calls that come within a day of a session that passed a cell."""
    after: Figures = defaultdict(float)
    for call, shared in zip(counted.calls, found, strict=True):
        for option, share in zip(call.options, shared, strict=False):
            if share >= _WORTH_COUNTING:
                for cell in _passed(counted.followed[option.place], call):
                    after[option.device, cell] += share
    worths: dict[tuple[str, Cell], float] = {}
    for cell in CELLS:
        calls = sum(after[device, cell] for device in DEVICES)
        sessions = sum(counted.passed[device, cell] for device in DEVICES)
        v = (calls + 3 * _at(prior.val, "other", cell)) / (sessions + 3)
        for device in DEVICES:
            worths[device, cell] = (after[device, cell] + 20 * v) / (
                counted.passed[device, cell] + 20
            )
    return _grids(worths)


def _passed(each: Followed, call: Weighed) -> set[Cell]:
    rang_at = call.call.rang_at
    return {piece.cell for piece in pieces(each.exposure, since=rang_at - _A_DAY, until=rang_at)}


def _stray(counted: Log, sums: _Sums) -> dict[str, float]:
    every = sum(sums.strays.values()) + 1e-3
    mean = every / (len(counted.numbers) * counted.span)
    return {
        number: (sums.strays[number] + ALIKE) / (counted.span + ALIKE / mean)
        for number in counted.numbers
    }


def _src(counted: Log, sums: _Sums) -> dict[str, float]:
    calls, sessions = sum(sums.sources.values()), counted.sessions.total()
    if not calls or not sessions:
        return {}
    found = {
        source: (sums.sources[source] + 5) / (calls / sessions * number + 5)
        for source, number in counted.sessions.items()
    }
    mean = sum(sums.sources[source] * factor for source, factor in found.items()) / calls
    return {source: factor / mean for source, factor in found.items()}


def _pi(regions: Counter[str], prior: Tables) -> Mapping[str, float]:
    if not regions:
        return prior.pi
    whole = regions.total() + 0.5 * max(len(regions), round(1 / prior.pi_elsewhere))
    return {region: (number + 0.5) / whole for region, number in regions.items()}


def _at(grids: Mapping[str, Grid], device: str, cell: Cell) -> float:
    return grids[device][cell[0]][cell[1]]


def _grids(figures: Mapping[tuple[str, Cell], float]) -> Mapping[str, Grid]:
    return {
        device: tuple(
            tuple(figures[device, (level, bin_)] for bin_ in range(len(EDGES) + 1))
            for level in range(11)
        )
        for device in DEVICES
    }
