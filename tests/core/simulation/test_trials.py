"""Policies side by side in one world, and what several worlds come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callgraft.simulation.scenarios import SCENARIOS
from callgraft.simulation.trials import Trial, figure, numbers_for, trial

# Many ring, so that a few sessions tell something.
TINY = replace(SCENARIOS["small"], sessions_per_day=500, numbers=9, days=4, rings=0.1)


@pytest.fixture(scope="module")
def lived() -> Trial:
    return trial(TINY, 1, step=_ignore)


def _ignore(share: float) -> None:
    """Nobody looks."""


def test_the_same_seed_gives_the_same_figures() -> None:
    short = replace(TINY, days=1)
    assert trial(short, 1, step=_ignore) == trial(short, 1, step=_ignore)


def test_the_fixed_hold_is_wrong_most_often_and_we_least(lived: Trial) -> None:
    assert lived.fixed.wrong > lived.lazy.wrong > lived.ours.wrong
    assert lived.fixed.calls == lived.lazy.calls == lived.ours.calls


def test_wrong_matches_are_compared_at_the_recall_of_the_lazy_policy(lived: Trial) -> None:
    highest = lived.curve[0][1]
    assert lived.equal.recall >= min(lived.lazy.recall, highest)
    assert lived.equal.recall < lived.lazy.recall + 0.05
    assert lived.cut == 1 - lived.equal.wrong / lived.lazy.wrong


def test_a_higher_threshold_names_fewer_and_is_right_more_often(lived: Trial) -> None:
    recalls = [recall for _, recall, _ in lived.curve]
    assert recalls == sorted(recalls, reverse=True)
    assert lived.curve[-1][2] > lived.curve[0][2]


def test_progress_goes_from_nothing_to_everything() -> None:
    seen: list[float] = []
    trial(replace(TINY, days=1), 1, step=seen.append)
    assert seen == sorted(seen)
    assert 0 <= seen[0] < 0.1
    assert 0.9 < seen[-1] <= 1


def test_a_figure_tells_how_far_the_mean_may_be_off() -> None:
    assert figure([3.0]).within is None
    found = figure([1.0, 2.0, 3.0])
    assert found.mean == 2.0
    assert found.within == pytest.approx(4.30 / 3**0.5)


def test_the_fewest_numbers_that_reach_a_recall_are_found() -> None:
    assert numbers_for(0.5, lambda numbers: numbers / 100, most=100) == 50
    assert numbers_for(0.5, lambda numbers: 1.0, most=100) == 1
    assert numbers_for(0.5, lambda numbers: 0.4, most=100) is None
