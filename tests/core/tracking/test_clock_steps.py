"""Clock steps of an hour and daylight saving free nothing early, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.clock_steps import ClockSteps
from callgraft.tracking.values import Why
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    numbers_shown,
    site,
    view,
    wanted,
)

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


class Clocks:
    """A wall clock that somebody sets, and one that nobody can."""

    def __init__(self) -> None:
        self.wall = NOON
        self.passed = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.passed

    def wait(self, time: timedelta) -> datetime:
        self.wall += time
        self.passed += time.total_seconds()
        return self.wall

    def set_by(self, step: timedelta) -> None:
        self.wall += step


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def stepping(store: Store, clocks: Clocks) -> EmbeddedClient:
    """A client whose clocks are those, where two sessions hold both numbers since noon."""
    client = EmbeddedClient(store, clock=clocks.now, monotonic=clocks.monotonic)
    client.publish(site(), at=NOON)
    for session in "ab":
        client.page_view(view(session, NOON))
    return client


def comes(client: EmbeddedClient, clocks: Clocks, session: str) -> list[str | None]:
    return numbers_shown(client, view(session, clocks.wall))


@pytest.mark.parametrize("step", [HOUR, -HOUR, 3 * HOUR, -3 * HOUR, MINUTE])
def test_a_clock_that_is_set_frees_nothing_early(
    stepping: EmbeddedClient, clocks: Clocks, step: timedelta
) -> None:
    clocks.wait(10 * MINUTE)
    clocks.set_by(step)
    assert comes(stepping, clocks, "c") == [OVERFLOW]
    clocks.wait(20 * MINUTE - timedelta(seconds=1))
    assert comes(stepping, clocks, "d") == [OVERFLOW]


def test_a_clock_that_was_set_ahead_delays_nothing_for_long(
    stepping: EmbeddedClient, clocks: Clocks
) -> None:
    clocks.wait(10 * MINUTE)
    clocks.set_by(HOUR)
    assert comes(stepping, clocks, "c") == [OVERFLOW]
    clocks.wait(HOLD)
    assert comes(stepping, clocks, "d") == [FIRST]


def test_a_session_that_goes_on_after_the_step_keeps_its_number(
    stepping: EmbeddedClient, clocks: Clocks
) -> None:
    clocks.wait(10 * MINUTE)
    clocks.set_by(HOUR)
    [kept] = stepping.page_view(view("a", clocks.wall))
    assert (kept.number, kept.why) == (FIRST, Why.KEPT)
    clocks.wait(HOLD - MINUTE)
    assert comes(stepping, clocks, "c") == ["+74990000002"]  # which b let go
    assert comes(stepping, clocks, "d") == [OVERFLOW]


def test_a_step_that_is_taken_back_is_forgotten(stepping: EmbeddedClient, clocks: Clocks) -> None:
    clocks.wait(10 * MINUTE)
    clocks.set_by(HOUR)
    assert comes(stepping, clocks, "c") == [OVERFLOW]
    clocks.set_by(-HOUR)
    clocks.wait(20 * MINUTE)
    assert comes(stepping, clocks, "d") == [FIRST]


def test_a_clock_that_drifts_steps_by_nothing(clocks: Clocks) -> None:
    steps = ClockSteps(clocks.now, clocks.monotonic)
    page = view("a")
    for _ in range(100):
        clocks.wait(MINUTE)
        clocks.set_by(timedelta(seconds=20))
        assert steps.allowing(page) is page


@pytest.mark.parametrize(
    "clock_change",
    [
        datetime(2025, 3, 30, 1, tzinfo=UTC),  # 02:00 becomes 03:00
        datetime(2025, 10, 26, 1, tzinfo=UTC),  # 03:00 becomes 02:00
    ],
)
@pytest.mark.parametrize("minutes", [0, 10, 29, 30, 31, 59])
def test_daylight_saving_neither_ends_nor_stretches_a_hold(
    client: EmbeddedClient, clock_change: datetime, minutes: int
) -> None:
    begin = clock_change - minutes * MINUTE
    for session in "ab":
        client.page_view(view(session, begin.astimezone(BERLIN)))
    last = begin + HOLD - timedelta(microseconds=1)
    assert numbers_shown(client, view("c", last.astimezone(BERLIN))) == [OVERFLOW]
    assert numbers_shown(client, view("c", (begin + HOLD).astimezone(BERLIN))) == [FIRST]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "Asia/Kathmandu", "America/New_York"])
def test_moments_are_moments_in_whatever_zone_they_are_told(
    client: EmbeddedClient, zone: str
) -> None:
    [told] = client.page_view(view("a", NOON.astimezone(ZoneInfo(zone)), wanted()))
    assert told.lease is not None
    assert told.lease.held_until == NOON + HOLD
    assert told.lease.shown_at.tzinfo is UTC
