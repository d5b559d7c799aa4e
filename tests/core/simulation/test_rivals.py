"""The trade's two policies, in a world small enough to follow."""

from __future__ import annotations

from dataclasses import replace

from callgraft.simulation.people import MINUTE, Person, Stay
from callgraft.simulation.rivals import FIXED, Policy, lazy, lives, play_rival
from callgraft.simulation.scenarios import STANDARD
from callgraft.simulation.world import Ring, World
from callgraft.source import Touch
from callgraft.tracking.states import SignKind

TOUCH = Touch(source="google", medium="cpc", channel="paid")


def someone(key: int) -> Person:
    return Person(
        key=key,
        device="mobile",
        region=0,
        phone_region=0,
        is_hidden=False,
        has_helper=True,
        visitor=f"v{key}",
    )


def stay(key: int, *pages: float) -> Stay:
    who = someone(key)
    log = [(at, SignKind.PAGE, False) for at in pages]
    return Stay(key=key, person=who, visitor=who.visitor, began=pages[0], touch=TOUCH, log=log)


def ring(by: Stay, at: float) -> Ring:
    return Ring(at=at, phone=by.person.key, region=0, is_hidden=False, stay=by)


def right(stays: list[Stay], rings: list[Ring], policy: Policy, numbers: int = 1) -> list[bool]:
    # Scored from the very beginning.
    world = World(
        scenario=replace(STANDARD, days=1), until=0.0, stays=stays, rings=sorted(rings, key=_at)
    )
    return [each.is_right for each in play_rival(world, lives(world), numbers, policy)]


def _at(ring: Ring) -> float:
    return ring.at


def test_whoever_had_the_number_last_made_the_call() -> None:
    first, second = stay(1, 0.0), stay(2, 7 * MINUTE)
    assert right([first, second], [ring(first, 6 * MINUTE)], FIXED) == [True]
    assert right([first, second], [ring(first, 8 * MINUTE)], FIXED) == [False]


def test_nobody_gets_a_number_that_is_held_and_its_call_is_matched_with_nobody() -> None:
    first, second = stay(1, 0.0), stay(2, 5 * MINUTE)
    told = [ring(first, 6 * MINUTE), ring(second, 6.5 * MINUTE)]
    assert right([first, second], told, FIXED) == [True, False]
    assert right([first, second], told, FIXED, numbers=2) == [True, True]


def test_lazy_reclaim_leaves_a_number_with_its_session_until_somebody_needs_it() -> None:
    back = stay(1, 0.0, 20 * MINUTE)
    other = stay(2, 10 * MINUTE)
    told = [ring(back, 21 * MINUTE)]
    assert right([back, other], told, lazy(2 * MINUTE), numbers=2) == [True]


def test_only_the_lazy_policy_remembers_phones() -> None:
    first, second = stay(1, 0.0), stay(2, 30 * MINUTE)
    told = [ring(first, MINUTE), ring(first, 40 * MINUTE)]
    assert right([first, second], told, FIXED) == [True, False]
    assert right([first, second], told, lazy(6 * MINUTE)) == [True, True]
