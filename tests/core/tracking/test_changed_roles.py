"""A number that was something else a while ago names nobody with false certainty."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.site import Fixed, Pool, Site
from callgraft.tracking.values import Attribution
from tests.core.tracked import (
    FIRST,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    number,
    pool,
    rings,
    site,
    view,
    wanted,
)

CHANGED = NOON + MINUTE
WEEK = timedelta(days=8)
LARGER = pool(numbers=(OVERFLOW,), overflow=THIRD)
"""The pool after its overflow number became one of its own."""


def called(client: EmbeddedClient, number: str, at: datetime) -> Attribution:
    return client.take_call(rings(number, at, call=f"call at {at}")).attribution


def bare(each: Pool) -> Pool:
    """The pool where nothing tells of a source."""
    return type(each)(key=each.key, numbers=each.numbers, overflow=each.overflow, hold=each.hold)


def test_a_pool_number_that_many_saw_as_the_overflow_number_names_its_source_alone(
    client: EmbeddedClient,
) -> None:
    client.publish(site(LARGER, version="2"), at=CHANGED)
    client.page_view(view("b", CHANGED, wanted(LARGER)))
    found = called(client, OVERFLOW, CHANGED + MINUTE)
    assert (found.method, found.session, found.visitor) == ("source_only", "", "")
    assert (found.source, found.medium) == ("yandex", "cpc")
    assert "before that, the overflow number of the pool 'direct'" in found.because


def test_without_a_source_that_both_share_nothing_is_told(client: EmbeddedClient) -> None:
    client.publish(site(bare(pool()), version="2"), at=NOON)
    client.publish(site(bare(LARGER), version="3"), at=CHANGED)
    client.page_view(view("b", CHANGED, wanted(LARGER)))
    found = called(client, OVERFLOW, CHANGED + MINUTE)
    assert (found.method, found.session, found.source, found.candidates) == ("none", "", "", ())


def test_once_nobody_calls_for_the_old_role_the_visitor_is_named(client: EmbeddedClient) -> None:
    client.publish(site(LARGER, version="2"), at=CHANGED)
    client.page_view(view("b", CHANGED + WEEK, wanted(LARGER), is_contact=True))
    before, after = CHANGED + WEEK - timedelta(seconds=1), CHANGED + WEEK + MINUTE
    assert called(client, OVERFLOW, before).method == "source_only"
    assert called(client, OVERFLOW, after).session == "b"


def test_a_call_is_attributed_by_what_the_number_was_when_it_rang(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    fixed = Fixed(key="car", number=number(FIRST), source="car", medium="offline")
    rest = pool(numbers=(SECOND,))
    after = Site(key="okna", pools={"direct": rest}, fixed={"car": fixed}, version="2")
    client.publish(after, at=CHANGED)
    assert called(client, FIRST, NOON + MINUTE / 2).session == "a"
    assert called(client, FIRST, CHANGED + MINUTE).method == "none"
    assert called(client, FIRST, CHANGED + WEEK).source == "car"


def test_a_number_that_moves_between_pools_still_finds_its_visit(client: EmbeddedClient) -> None:
    client.page_view(view("a", is_contact=True))
    piter = pool("piter", (FIRST,))
    client.publish(site(pool(numbers=(SECOND,)), piter, version="2"), at=CHANGED)
    assert called(client, FIRST, CHANGED + MINUTE).session == "a"


@pytest.mark.parametrize("minutes", [0, 1])
def test_a_corrected_source_is_no_new_role(client: EmbeddedClient, minutes: int) -> None:
    fixed = Fixed(key="billboard", number=number("+74990000077"), source="bilboard")
    wrong = Site(key="okna", fixed={"billboard": fixed}, version="0")
    client.publish(wrong, at=NOON)
    client.publish(site(version="2"), at=NOON + minutes * MINUTE)
    found = called(client, "+74990000077", NOON + 2 * MINUTE)
    assert (found.method, found.source) == ("source_only", "billboard")
