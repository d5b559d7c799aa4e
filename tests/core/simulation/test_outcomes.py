"""Figures of a policy, out of what became of each call."""

from __future__ import annotations

import pytest

from callgraft.simulation.outcomes import (
    UNMATCHED,
    Outcome,
    calibration_error,
    recall_at,
    score,
    threshold_for,
)


def matched(probability: float, *, is_right: bool, is_visitor: bool = True) -> Outcome:
    return Outcome(
        is_visitor=is_visitor,
        has_number=True,
        probability=probability,
        is_right=is_right,
        is_source_right=is_right,
    )


CALLS = [
    matched(0.99, is_right=True),
    matched(0.9, is_right=True),
    matched(0.8, is_right=False),
    matched(0.6, is_right=True),
    matched(0.3, is_right=False, is_visitor=False),
    UNMATCHED,
]


def test_matches_from_a_threshold_on_are_counted() -> None:
    found = score(CALLS, 0.5)
    assert found.calls == 6
    assert found.wrong == pytest.approx(100 / 6)
    assert found.recall == pytest.approx(3 / 5)  # of visitors' calls
    assert found.accuracy == pytest.approx(3 / 4)
    assert found.coverage == pytest.approx(4 / 5)
    assert found.source == pytest.approx(3 / 5)


def test_a_strangers_call_that_is_matched_is_wrong() -> None:
    assert score(CALLS, 0.2).wrong == pytest.approx(200 / 6)


def test_the_threshold_for_a_recall_is_the_highest_that_reaches_it() -> None:
    assert threshold_for(CALLS, 0.4) == 0.9
    assert threshold_for(CALLS, 0.6) == 0.6
    assert threshold_for(CALLS, 0.7) == 0.0  # nothing does


def test_recall_at_an_accuracy_counts_the_surest_calls_while_they_are_right_enough() -> None:
    assert recall_at(CALLS, 0.95) == pytest.approx(2 / 5)
    assert recall_at(CALLS, 0.75) == pytest.approx(3 / 5)
    assert recall_at([], 0.95) == 0.0


def test_probabilities_that_come_true_as_often_as_they_say_have_no_error() -> None:
    told = [matched(0.75, is_right=place < 3) for place in range(4)]
    assert calibration_error(told) == 0.0
    assert calibration_error([*told, UNMATCHED]) == 0.0  # nothing was said of it
    assert calibration_error([matched(0.9, is_right=False)]) == pytest.approx(0.9)
