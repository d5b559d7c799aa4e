"""One world played by every policy, and what several worlds come to together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import sqrt
from statistics import fmean, stdev

from callgraft.simulation.outcomes import (
    Outcome,
    Score,
    calibration_error,
    recall_at,
    score,
    threshold_for,
)
from callgraft.simulation.product import play
from callgraft.simulation.rivals import FIXED, HOLDS, Life, lazy, lives, play_rival
from callgraft.simulation.scenarios import Scenario
from callgraft.simulation.world import World, live

NAMED = 0.5
"""From this probability on the product names a visitor."""
SURE = 0.95
THRESHOLDS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)

# Student's t, two-sided 95 %, by degrees of freedom.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14)

Step = Callable[[float], object]
"""Is told how far a trial has come, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    What the policies came to in one world.

    ``equal`` is ours with the threshold at which its recall is the lazy policy's; ``cut`` is how
    much of that one's wrong matches it does without; ``curve`` is our recall and accuracy by
    threshold.
    """

    seed: int
    fixed: Score
    lazy: Score
    hold: float
    ours: Score
    equal: Score
    cut: float
    recall_when_sure: float
    calibration_error: float
    curve: Sequence[tuple[float, float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over seeds, and half the width of its 95 % interval; None for a single seed."""

    mean: float
    within: float | None


def trial(scenario: Scenario, seed: int, *, step: Step, learns: bool = True) -> Trial:
    """Play one world by every policy, with the same numbers."""
    world = live(scenario, seed, numbers=scenario.numbers)
    told = lives(world)
    fixed = score(play_rival(world, told, scenario.numbers, FIXED))
    best, hold = best_lazy(world, told, scenario.numbers)
    outcomes = play(world, scenario.numbers, learns=learns, step=lambda at: step(at / world.until))
    equal = score(outcomes, threshold_for(outcomes, best.recall))
    return Trial(
        seed=seed,
        fixed=fixed,
        lazy=best,
        hold=hold,
        ours=score(outcomes, NAMED),
        equal=equal,
        cut=1 - equal.wrong / best.wrong if best.wrong else 0.0,
        recall_when_sure=recall_at(outcomes, SURE),
        calibration_error=calibration_error(outcomes),
        curve=_curve(outcomes),
    )


def best_lazy(world: World, told: Sequence[Life], numbers: int) -> tuple[Score, float]:
    """The lazy policy with the reservation that serves it best: most right matches, then source."""
    tried = [(score(play_rival(world, told, numbers, lazy(hold))), hold) for hold in HOLDS]
    return max(tried, key=lambda pair: (pair[0].recall, -pair[0].wrong, pair[1]))


def numbers_for(recall: float, recall_with: Callable[[int], float], *, most: int) -> int | None:
    """The fewest numbers with which the recall is reached, None where ``most`` do not reach it."""
    low, high = 1, most
    if recall_with(most) < recall:
        return None
    while low < high:
        middle = (low + high) // 2
        if recall_with(middle) >= recall:
            high = middle
        else:
            low = middle + 1
    return low


def numbers_needed(
    scenario: Scenario, seed: int, recall: float, *, step: Step
) -> Mapping[str, int | None]:
    """How many numbers each policy needs for the recall; lazy with 30 minutes, and at its best."""
    first = live(scenario, seed, numbers=scenario.numbers)
    told = lives(first)
    most = 10 * scenario.numbers

    def world(numbers: int) -> World:
        return live(scenario, seed, numbers=numbers)

    half_hour = lazy(HOLDS[-1])
    steps = most.bit_length() + 1
    done = [0]

    def ours(numbers: int) -> float:
        outcomes = play(
            world(numbers),
            numbers,
            learns=True,
            step=lambda at: step((done[0] + at / first.until) / steps),
        )
        done[0] += 1
        return score(outcomes, NAMED).recall

    return {
        "lazy, 30 min": numbers_for(
            recall,
            lambda numbers: score(play_rival(world(numbers), told, numbers, half_hour)).recall,
            most=most,
        ),
        "lazy, best hold": numbers_for(
            recall, lambda numbers: best_lazy(world(numbers), told, numbers)[0].recall, most=most
        ),
        "ours": numbers_for(recall, ours, most=most),
    }


def figure(values: Sequence[float]) -> Figure:
    """The mean of one figure over seeds, with its interval."""
    if len(values) < 2:
        return Figure(mean=values[0], within=None)
    t = _T[len(values) - 2] if len(values) - 2 < len(_T) else 1.96 + 2.5 / len(values)
    return Figure(mean=fmean(values), within=t * stdev(values) / sqrt(len(values)))


def figures(scores: Sequence[Score]) -> Mapping[str, Figure]:
    """Each figure of a policy over seeds."""
    return {
        each.name: figure([float(getattr(one, each.name)) for one in scores])
        for each in fields(Score)
    }


def changed(scenario: Scenario, given: Mapping[str, float | None]) -> Scenario:
    """The scenario with what was given otherwise."""
    told = {name: value for name, value in given.items() if value is not None}
    return replace(scenario, **told)  # type: ignore[arg-type]  # whole where the options are


def _curve(outcomes: Sequence[Outcome]) -> list[tuple[float, float, float]]:
    scores = [(threshold, score(outcomes, threshold or 1e-9)) for threshold in THRESHOLDS]
    return [(threshold, one.recall, one.accuracy) for threshold, one in scores]
