"""A token that asks too often is told when to ask again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callgraft.server.issuing import Scope
from callgraft.server.limits import Limits
from callgraft.server.settings import ServerSettings
from callgraft.stores import open_store
from tests.core.served import Served, served
from tests.core.server.api import Api, slug
from tests.core.tracked import NOON


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def strict() -> Iterator[Served]:
    """A server that takes three requests, and then one in a hundred seconds."""
    limits = ServerSettings(rate=0.01, burst=3)
    with served(open_store("memory:"), clock=lambda: NOON, settings=limits) as running:
        yield running


def test_a_burst_is_taken_and_then_as_many_as_the_rate_says() -> None:
    clock = Clock()
    limits = Limits(rate=2, burst=3, clock=clock)
    assert [limits.admit("one").is_admitted for _ in range(4)] == [True, True, True, False]
    clock.now = 0.5
    assert [limits.admit("one").is_admitted for _ in range(2)] == [True, False]
    clock.now = 1000
    assert [limits.admit("one").is_admitted for _ in range(4)] == [True, True, True, False]


def test_one_token_s_requests_are_not_counted_as_another_s() -> None:
    limits = Limits(rate=1, burst=1, clock=Clock())
    assert limits.admit("one").is_admitted
    assert limits.admit("two").is_admitted
    assert not limits.admit("one").is_admitted


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    clock = Clock()
    limits = Limits(rate=1, burst=2, clock=clock)
    assert limits.admit("one").is_admitted
    clock.now = -3600
    assert limits.admit("one").is_admitted


def test_the_sender_is_told_what_is_left_and_when_it_is_full_again() -> None:
    limits = Limits(rate=0.5, burst=3, clock=Clock())
    assert dict(limits.admit("one").headers) == {
        "RateLimit-Policy": '"token";q=3;w=6',
        "RateLimit": '"token";r=2;t=2',
    }
    limits.admit("one")
    limits.admit("one")
    assert dict(limits.admit("one").headers)["Retry-After"] == "2"


def test_too_many_requests_are_answered_by_429(strict: Served) -> None:
    api = Api(strict.url, strict.token(Scope.ADMIN))
    answered = [api.get("/v1/sites") for _ in range(4)]
    assert [each.status_code for each in answered] == [200, 200, 200, 429]
    assert [each.headers["RateLimit"].split(";")[1] for each in answered] == [
        *("r=2", "r=1", "r=0", "r=0"),
    ]
    assert slug(answered[3]) == "too-many"
    assert answered[3].headers["Retry-After"] == "100"
    assert Api(strict.url, strict.token(Scope.ADMIN)).get("/v1/sites").status_code == 200


def test_health_is_told_however_often_it_is_asked(strict: Served) -> None:
    answered = {Api(strict.url).get("/health").status_code for _ in range(10)}
    assert answered == {200}
