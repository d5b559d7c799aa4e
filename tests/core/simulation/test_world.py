"""The simulated world reproduces what the trade publishes, from its seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from callgraft.simulation.people import DAY, HALF_HOUR, Stay
from callgraft.simulation.scenarios import SCENARIOS, STANDARD
from callgraft.simulation.world import Ring, World, live
from callgraft.tracking.states import SignKind


@pytest.fixture(scope="module")
def world() -> World:
    return live(replace(STANDARD, sessions_per_day=1_500, days=14), 1, numbers=101)


@pytest.fixture(scope="module")
def first_calls() -> Sequence[tuple[Stay, Ring]]:
    """Of a world in which many ring; those of whom the whole week after is seen."""
    eager = live(replace(STANDARD, sessions_per_day=1_000, days=18, rings=0.4), 1, numbers=1)
    calls = [(ring.stay, ring) for ring in eager.rings if ring.stay and ring.is_first]
    return [(stay, ring) for stay, ring in calls if stay.began < eager.until - 7 * DAY]


@pytest.fixture(scope="module")
def delays(first_calls: Sequence[tuple[Stay, Ring]]) -> list[float]:
    return [ring.at - stay.began for stay, ring in first_calls]


def share(found: Sequence[bool]) -> float:
    return sum(found) / len(found)


def test_two_to_five_of_a_hundred_visitors_ring(world: World) -> None:
    visitors = {stay.person.key for stay in world.stays if not stay.person.is_bot}
    callers = {ring.phone for ring in world.rings if ring.stay}
    assert 0.02 <= len(callers) / len(visitors) <= 0.05


def test_nine_of_ten_first_calls_come_within_half_an_hour(delays: list[float]) -> None:
    assert share([delay <= HALF_HOUR for delay in delays]) == pytest.approx(0.914, abs=0.01)


def test_one_or_two_of_a_hundred_first_calls_come_on_days_two_to_seven(delays: list[float]) -> None:
    assert share([delay > DAY for delay in delays]) == pytest.approx(0.016, abs=0.006)
    assert max(delays) < 7 * DAY


def test_half_of_the_callers_ring_from_their_sessions_region_beyond_luck(
    first_calls: Sequence[tuple[Stay, Ring]],
) -> None:
    same = share([ring.region == stay.person.region for stay, ring in first_calls])
    sizes = [1 / place for place in range(1, STANDARD.regions + 1)]
    luck = sum((size / sum(sizes)) ** 2 for size in sizes)
    assert same == pytest.approx(0.5 + 0.5 * luck, abs=0.04)


def test_six_of_seven_people_run_the_helper(world: World) -> None:
    people = {stay.person.key: stay.person for stay in world.stays if not stay.person.is_bot}
    assert share([who.has_helper for who in people.values()]) == pytest.approx(0.85, abs=0.01)


def test_sessions_come_by_the_hour_and_as_many_as_were_asked_for(world: World) -> None:
    hours = [int(stay.began % DAY // 3600) for stay in world.stays]
    assert hours.count(12) > 5 * hours.count(3)
    assert len(world.stays) / 14 == pytest.approx(1_500, rel=0.05)


def test_strangers_ring_each_number_twice_in_a_million_seconds(world: World) -> None:
    strangers = [ring for ring in world.rings if ring.stay is None]
    assert len(strangers) / (101 * world.until) == pytest.approx(2e-6, rel=0.2)


def test_a_seed_gives_the_same_world_again_and_another_seed_another_one() -> None:
    scenario = replace(STANDARD, sessions_per_day=100, days=1)
    first, again, other = (live(scenario, seed, numbers=3) for seed in (1, 1, 2))
    assert (first.stays, first.rings) == (again.stays, again.rings)
    assert first.stays != other.stays


def test_another_number_of_numbers_changes_no_visitor() -> None:
    scenario = replace(STANDARD, sessions_per_day=100, days=1)
    assert live(scenario, 1, numbers=3).stays == live(scenario, 1, numbers=30).stays


def test_nothing_is_seen_of_people_without_the_helper_but_their_page_loads(world: World) -> None:
    blind = [stay for stay in world.stays if not stay.person.has_helper]
    assert {kind for stay in blind for _, kind, _ in stay.log} == {SignKind.PAGE}


@pytest.mark.parametrize(
    "name", sorted(set(SCENARIOS) - {"standard", "small", "small-21", "large"})
)
def test_a_disturbed_world_is_the_standard_one_with_something_else(name: str) -> None:
    assert replace(SCENARIOS[name], name="standard") != STANDARD
    assert SCENARIOS[name].numbers == 101
    lived = live(replace(SCENARIOS[name], sessions_per_day=500, days=1), 1, numbers=11)
    assert lived.rings


def test_presses_that_are_not_seen_stand_in_no_log() -> None:
    lived = live(replace(SCENARIOS["no-presses"], days=1), 1, numbers=11)
    seen = {kind for stay in lived.stays for _, kind, _ in stay.log}
    assert SignKind.TEL_PRESSED not in seen
    assert SignKind.ACTIVE in seen
