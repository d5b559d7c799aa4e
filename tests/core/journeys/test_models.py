"""Attribution models: who gets the credit for a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.channels import DIRECT, channel_of
from callgraft.journeys import MODELS, Arrival, Path, credits, markov, shapley
from callgraft.journeys.models import time_decay
from callgraft.referrers import known_referrers
from callgraft.source import Touch

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def arrival(source: str, day: float = 0) -> Arrival:
    medium = "(none)" if source == "(direct)" else "cpc"
    channel = DIRECT if source == "(direct)" else channel_of(source, medium, known_referrers())
    return Arrival(at=NOON + day * DAY, touch=Touch(source=source, medium=medium, channel=channel))


JOURNEY = [arrival("yandex", 0), arrival("vk", 7), arrival("google", 13), arrival("(direct)", 14)]
channels = st.sampled_from(["yandex", "google", "vk", "mail", "(direct)"])
paths = st.lists(
    st.builds(
        Path,
        steps=st.lists(channels, min_size=1, max_size=5).map(tuple),
        calls=st.floats(0, 50),
        without=st.floats(0, 500),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("model", "shares"),
    [
        ("last_click", [0, 0, 0, 1]),
        ("last_non_direct", [0, 0, 1, 0]),
        ("first_click", [1, 0, 0, 0]),
        ("linear", [0.25, 0.25, 0.25, 0.25]),
        ("position_based", [0.4, 0.1, 0.1, 0.4]),
    ],
)
def test_a_model_shares_the_credit_out_as_its_name_says(model: str, shares: list[float]) -> None:
    assert [share for _, share in credits(JOURNEY, MODELS[model])] == pytest.approx(shares)


def test_a_touch_counts_half_after_each_half_life() -> None:
    shares = [share for _, share in credits(JOURNEY, MODELS["time_decay"])]
    assert shares[3] / shares[1] == pytest.approx(2)
    assert shares[3] / shares[0] == pytest.approx(4)
    short = time_decay(JOURNEY, half_life=DAY)
    assert short[3] / short[2] == pytest.approx(2)


def test_who_only_came_direct_is_direct() -> None:
    journey = [arrival("(direct)", 0), arrival("(direct)", 1)]
    assert [share for _, share in credits(journey, MODELS["last_non_direct"])] == [0, 1]


def test_two_touches_share_alike_by_position() -> None:
    assert [share for _, share in credits(JOURNEY[:2], MODELS["position_based"])] == [0.5, 0.5]


def test_the_order_of_a_record_does_not_matter() -> None:
    for order in permutations(JOURNEY):
        assert credits(order, MODELS["first_click"]) == credits(JOURNEY, MODELS["first_click"])


def test_a_journey_without_a_touch_is_refused() -> None:
    with pytest.raises(ValueError, match="one touch at least"):
        credits([], MODELS["linear"])


@given(st.lists(st.builds(arrival, channels, st.floats(0, 400)), min_size=1, max_size=20))
def test_every_model_shares_out_one_call(journey: list[Arrival]) -> None:
    for model in MODELS.values():
        shares = [share for _, share in credits(journey, model)]
        assert sum(shares) == pytest.approx(1)
        assert min(shares) >= 0


def test_the_removal_effect_is_that_of_the_chain() -> None:
    """
    Worked by hand: with both, .5 of those at a go on to b, who rings with .5; who skips a begins at
    b. P(call) = .5 (from a: .5 × .5 = .25; from b: .5) = .375; without a .25, without b 0.
    """
    known = [
        Path(steps=("a", "b"), calls=1, without=1),
        Path(steps=("a",), calls=0, without=2),
        Path(steps=("b",), calls=2, without=2),
    ]
    worth = markov(known)
    effects = {"a": 1 - 0.25 / 0.375, "b": 1.0}
    total = sum(effects.values())
    assert worth == pytest.approx({name: 3 * one / total for name, one in effects.items()})


@given(paths)
def test_the_credits_of_all_channels_are_all_calls(known: list[Path]) -> None:
    calls = sum(path.calls for path in known)
    for way in (markov, shapley):
        worth = way(known)
        assert sum(worth.values()) == pytest.approx(calls, abs=1e-6)
        assert min(worth.values(), default=0) >= -1e-6


@given(paths)
def test_shapley_values_are_those_of_the_definition(known: list[Path]) -> None:
    names = sorted({step for path in known for step in path.steps})
    worth = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        there: set[str] = set()
        for name in order:
            before = _worth_of(there, known)
            there.add(name)
            worth[name] += (_worth_of(there, known) - before) / len(orders)
    assert shapley(known) == pytest.approx(worth, abs=1e-6)


def test_a_channel_that_never_led_to_a_call_gets_nothing() -> None:
    known = [Path(steps=("a",), calls=3, without=1), Path(steps=("b",), without=9)]
    assert markov(known) == {"a": 3.0, "b": 0.0}
    assert shapley(known) == {"a": 3.0, "b": 0.0}


def test_no_calls_are_no_credit() -> None:
    assert markov([]) == {}
    assert markov([Path(steps=("a",), without=5)]) == {"a": 0.0}


def _worth_of(there: set[str], known: list[Path]) -> float:
    return sum(path.calls for path in known if set(path.steps) <= there)
