"""How many numbers: Erlang's formula, the demand of a day, and the advice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.sizing import SHARES, Demand, advise, blocked, even_days
from callgraft.sizing.demand import MeasuredStays, TypicalStays, measured_days

MINUTE = timedelta(minutes=1)
NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
counts = st.integers(0, 60)
loads = st.floats(0.5, 500)


@pytest.mark.parametrize(
    ("numbers", "load", "share"), [(10, 10, 0.2146), (5, 3, 0.1101), (0, 7, 1), (1, 1, 0.5)]
)
def test_erlangs_formula_gives_the_figures_of_its_tables(
    numbers: int, load: float, share: float
) -> None:
    assert blocked(numbers, load) == pytest.approx(share, abs=5e-5)


@given(numbers=counts, load=loads)
def test_one_more_number_turns_fewer_away(numbers: int, load: float) -> None:
    assert 0 < blocked(numbers + 1, load) < blocked(numbers, load) <= 1


@given(numbers=st.integers(1, 60), load=loads)
def test_more_load_turns_more_away(numbers: int, load: float) -> None:
    assert blocked(numbers, load) < blocked(numbers, load * 1.1)


def test_a_short_stay_keeps_its_number_for_the_hold() -> None:
    demand = even_days(1440, stay=MINUTE / 60)
    assert demand.mean_hold(30 * MINUTE) == 30 * MINUTE


def test_a_long_stay_keeps_its_number_for_a_minute_more_than_it_lasts() -> None:
    demand = Demand(arrivals=(1.0,) * 1440, stays=MeasuredStays([45 * MINUTE]))
    assert demand.mean_hold(5 * MINUTE) == 46 * MINUTE
    assert demand.loads(5 * MINUTE) == [pytest.approx(46)] * 1440


def test_a_typical_day_has_as_many_sessions_as_told_and_its_busiest_hour_the_share_told() -> None:
    demand = even_days(1000, stay=3 * MINUTE, busiest=0.12)
    assert demand.per_day == pytest.approx(1000)
    assert demand.busiest_hour == pytest.approx(120)
    assert even_days(1000, stay=3 * MINUTE).busiest_hour == pytest.approx(74, abs=1)


def test_a_record_is_counted_by_the_minute_of_its_days() -> None:
    began = [NOON, NOON + MINUTE, NOON + MINUTE, NOON + timedelta(days=1)]
    demand = measured_days(began, [MINUTE] * 4)
    assert len(demand.arrivals) == 2 * 1440
    assert [demand.arrivals[minute] for minute in (719, 720, 721, 722, 2160)] == [0, 1, 2, 0, 1]
    assert demand.per_day == 2


@pytest.mark.parametrize("hold", [timedelta(seconds=30), 30 * MINUTE, timedelta(days=2)])
def test_the_load_of_a_minute_is_all_who_still_hold_a_number(hold: timedelta) -> None:
    stays = [timedelta(minutes=5 * (step % 40)) for step in range(97)]
    demand = measured_days([NOON + step * step * MINUTE for step in range(97)], stays)
    kept, count = demand._kept(hold), len(demand.arrivals)
    slowly = [
        sum(demand.arrivals[(at - age) % count] * share for age, share in enumerate(kept))
        for at in range(count)
    ]
    assert demand.loads(hold) == pytest.approx(slowly)


def test_the_numbers_advised_reach_the_coverage_and_one_less_does_not() -> None:
    advice = advise(even_days(3000, stay=3 * MINUTE), 30 * MINUTE)
    assert advice.numbers == {0.80: 77, 0.90: 93, 0.95: 104, 0.99: 120}
    for share in SHARES:
        numbers = advice.numbers[share]
        assert advice.curve[numbers - 1] < share <= advice.curve[numbers]


@pytest.mark.parametrize("per_day", [300, 1000, 3000, 10_000, 100_000])
def test_the_rule_of_thumb_is_not_far_off(per_day: int) -> None:
    advice = advise(even_days(per_day, stay=3 * MINUTE), 30 * MINUTE)
    for share in SHARES:
        assert advice.thumb[share] == pytest.approx(advice.numbers[share], rel=0.25, abs=2)


def test_the_rules_of_the_trade_are_told_beside() -> None:
    advice = advise(even_days(3000, stay=3 * MINUTE), 30 * MINUTE)
    assert (advice.per_hundred, advice.peak) == (31, 18)


def test_a_longer_hold_needs_more_numbers() -> None:
    choices = advise(even_days(3000, stay=3 * MINUTE), 30 * MINUTE).holds
    needed = [choice.numbers for choice in choices]
    assert needed == sorted(needed) and needed[0] < needed[-1]


def test_the_coverage_advised_is_what_chance_gives() -> None:
    """A day is played with dice: whoever finds no number free goes without."""
    dice = Random(7)
    demand = even_days(2000, stay=3 * MINUTE)
    hold = 30 * MINUTE
    numbers = advise(demand, hold).numbers[0.9]
    got = came = 0
    taken: list[timedelta] = []
    for minute in range(20 * 1440):
        at = minute * MINUTE
        taken = [until for until in taken if until > at]
        for _ in range(_poisson(dice, demand.arrivals[minute % 1440])):
            came += 1
            if len(taken) < numbers:
                got += 1
                stay = dice.expovariate(1) * 3 * MINUTE
                taken.append(at + max(hold, stay + MINUTE))
    assert got / came == pytest.approx(0.9, abs=0.015)


def test_typical_stays_are_short_mostly_and_long_now_and_then() -> None:
    stays = TypicalStays(mean=3 * MINUTE)
    assert stays.longer_than(-MINUTE) == 1
    assert stays.longer_than(3 * MINUTE) == pytest.approx(0.3679, abs=1e-4)


def _poisson(dice: Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count += 1
        left += dice.expovariate(1)
    return count
