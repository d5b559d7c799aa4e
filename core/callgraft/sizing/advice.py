"""Numbers for a coverage, by the loss formula; the trade's rules of thumb beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, sqrt

from callgraft.sizing.demand import Demand
from callgraft.sizing.erlang import by_numbers

SHARES = (0.80, 0.90, 0.95, 0.99)
"""Shares of sessions with a number of their own for which an answer is given."""
HOLDS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60))
_STEPS = 400
"""So finely is the load of a minute told apart."""
# n = a A + b √A, fitted to the exact form over days of many shapes.
_CLOSED = {0.80: (0.60, 1.13), 0.90: (0.72, 1.58), 0.95: (0.81, 2.10), 0.99: (0.98, 3.18)}
_ROOM = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChoice:
    """What another hold would need: ``numbers`` for nine sessions of ten."""

    hold: timedelta
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """
    What a pool needs.

    ``numbers`` is coverage → numbers, without the overflow number; ``curve`` is the coverage with
    0, 1, 2… numbers; ``thumb`` is what the closed form says; ``per_hundred`` (sessions ÷ 100 + 1)
    and ``peak`` (sessions at one time in the busiest minute, and a fifth more) are rules of the
    trade, which know neither hold nor coverage.
    """

    hold: timedelta
    numbers: dict[float, int]
    thumb: dict[float, int]
    curve: tuple[float, ...]
    per_hundred: int
    peak: int
    holds: tuple[HoldChoice, ...] = ()


def advise(demand: Demand, hold: timedelta, *, holds: Sequence[timedelta] = HOLDS) -> Advice:
    """Return how many numbers a pool with this demand and this hold needs."""
    curve = _curve(demand, hold, upto=max(SHARES))
    load = demand.busiest_hour * (demand.mean_hold(hold) / timedelta(hours=1))
    return Advice(
        hold=hold,
        numbers={share: _first(curve, share) for share in SHARES},
        thumb={share: ceil(a * load + b * sqrt(load)) for share, (a, b) in _CLOSED.items()},
        curve=tuple(curve),
        per_hundred=round(demand.per_day / 100) + 1,
        peak=ceil(_ROOM * max(demand.loads(timedelta(0)))),
        holds=tuple(
            HoldChoice(hold=each, numbers=_first(_curve(demand, each, upto=0.9), 0.9))
            for each in holds
        ),
    )


def _curve(demand: Demand, hold: timedelta, *, upto: float) -> list[float]:
    """The coverage with 0, 1, 2… numbers, as far as it takes to reach ``upto``."""
    levels = _levels(demand, hold)
    everybody = sum(levels.values())
    turned_away = [(weight, by_numbers(load)) for load, weight in levels.items()]
    curve: list[float] = []
    while not curve or curve[-1] < upto:
        lost = sum(weight * next(shares) for weight, shares in turned_away)
        curve.append(1 - lost / everybody)
    return curve


def _levels(demand: Demand, hold: timedelta) -> dict[float, float]:
    """How many sessions come at each load: minutes that are much alike are one."""
    loads = demand.loads(hold)
    step = max(loads) / _STEPS
    levels: dict[float, float] = defaultdict(float)
    for load, arriving in zip(loads, demand.arrivals, strict=True):
        if arriving:
            levels[round(load / step) * step] += arriving
    return levels


def _first(curve: Sequence[float], share: float) -> int:
    return next(numbers for numbers, reached in enumerate(curve) if reached >= share)
