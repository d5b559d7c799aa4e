"""What became of each simulated call, and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    One call: who a policy says rang, and whether that is so.

    ``is_visitor`` says that a visitor rang, no stranger; ``has_number`` that the visitor saw a
    number of the pool; ``probability`` is the policy's own opinion of its match, 0 where it matches
    nobody; ``is_right`` whether the match is the person who rang.
    """

    is_visitor: bool
    has_number: bool
    probability: float
    is_right: bool
    is_source_right: bool


UNMATCHED = Outcome(
    is_visitor=True, has_number=False, probability=0.0, is_right=False, is_source_right=False
)
"""A visitor's call to a number that all can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """
    Figures of one policy in one world.

    ``wrong`` is wrong matches per 100 calls; ``recall`` the share of visitors' calls that are
    matched with the right person; ``accuracy`` the share of matches that are right; ``coverage``
    the share of visitors' calls to a number of the pool; ``source`` the share of visitors' calls
    whose source is told rightly.
    """

    calls: int
    wrong: float
    recall: float
    accuracy: float
    coverage: float
    source: float


def score(outcomes: Sequence[Outcome], threshold: float = 0.5) -> Score:
    """Count matches from a probability of ``threshold`` on."""
    matched = [each for each in outcomes if each.probability >= threshold]
    visitors = [each for each in outcomes if each.is_visitor]
    right = sum(each.is_right for each in matched)
    return Score(
        calls=len(outcomes),
        wrong=100 * _share(len(matched) - right, len(outcomes)),
        recall=_share(right, len(visitors)),
        accuracy=_share(right, len(matched)),
        coverage=_share(sum(each.has_number for each in visitors), len(visitors)),
        source=_share(sum(each.is_source_right for each in visitors), len(visitors)),
    )


def threshold_for(outcomes: Sequence[Outcome], recall: float) -> float:
    """The threshold at which matches reach this recall; 0 where they never do."""
    needed = recall * sum(each.is_visitor for each in outcomes)
    ranked = sorted(outcomes, key=_probability, reverse=True)
    right = 0
    for each in ranked:
        right += each.is_right
        if right >= needed:
            return each.probability
    return 0.0


def recall_at(outcomes: Sequence[Outcome], accuracy: float) -> float:
    """The highest recall at which at least so many matches are right."""
    best = right = 0
    for place, each in enumerate(sorted(outcomes, key=_probability, reverse=True), 1):
        right += each.is_right
        if right >= accuracy * place and each.probability > 0:
            best = right
    return _share(best, sum(each.is_visitor for each in outcomes))


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """
    The expected calibration error: how far probabilities are from how often they come true.

    Calls are put into ten bins by their probability; the gaps are weighed by the bins' calls.
    """
    gaps = [0.0] * _BINS
    told = [each for each in outcomes if each.probability > 0]
    for each in told:
        gaps[min(int(each.probability * _BINS), _BINS - 1)] += each.probability - each.is_right
    return _share(sum(abs(gap) for gap in gaps), len(told))


def _probability(outcome: Outcome) -> float:
    return outcome.probability


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
