"""Numbers bought used, numbers that leave, and what becomes of them, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.site import Fixed, Pool, Site
from callgraft.stores import Store
from callgraft.tracking.numbers import PoolNumber, Quiet
from callgraft.tracking.values import PoolState
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    number,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)

DAY = timedelta(days=1)
USED = replace(pool(numbers=(FIRST,)), quarantine=(number(SECOND),))
"""A pool with one number of its own, and one that somebody else had before."""

LEAVING = replace(pool(numbers=(FIRST,)), draining=(number(SECOND),))


def publish(client: EmbeddedClient, *pools: Pool, version: str, at: datetime = NOON) -> Site:
    document = site(*pools, version=version)
    client.publish(document, at=at)
    return document


def shown(client: EmbeddedClient, session: str, at: datetime, terms: Pool = USED) -> str | None:
    return numbers_shown(client, view(session, at, wanted(terms)))[0]


def called(client: EmbeddedClient, tracking_number: str, at: datetime) -> None:
    client.take_call(rings(tracking_number, at, call=f"call at {at}"))


def state_of(client: EmbeddedClient, document: Site, at: datetime) -> PoolState:
    return client.pool_states(document, at=at)[0]


def kept(store: Store, tracking_number: str) -> PoolNumber:
    numbers = store.read(lambda book: book.numbers("okna"))
    return next(each for each in numbers if each.number == tracking_number)


def test_a_used_number_is_not_shown_before_it_is_quiet(client: EmbeddedClient) -> None:
    publish(client, USED, version="2")
    assert shown(client, "a", NOON) == FIRST
    assert shown(client, "b", NOON) == OVERFLOW
    assert shown(client, "c", NOON + 14 * DAY - MINUTE) == FIRST  # which is a's no more
    assert shown(client, "d", NOON + 14 * DAY - MINUTE) == OVERFLOW
    assert shown(client, "e", NOON + 14 * DAY) == SECOND


def test_a_call_on_a_used_number_makes_it_wait_anew(client: EmbeddedClient) -> None:
    publish(client, USED, version="2")
    called(client, SECOND, NOON + 13 * DAY)
    assert shown(client, "a", NOON + 20 * DAY) == FIRST
    assert shown(client, "b", NOON + 20 * DAY) == OVERFLOW
    assert shown(client, "c", NOON + 27 * DAY) == SECOND


def test_a_document_says_how_quiet_a_used_number_must_be(client: EmbeddedClient) -> None:
    patient = replace(USED, quiet=Quiet(span=7 * DAY, calls=2))
    publish(client, patient, version="2")
    for day in (1, 2, 3):
        called(client, SECOND, NOON + day * DAY)
    assert shown(client, "a", NOON, patient) == FIRST
    # The second of the two that may be, three calls of which are one too many, rang on day 1.
    assert shown(client, "b", NOON + 8 * DAY - MINUTE, patient) == FIRST
    assert shown(client, "c", NOON + 8 * DAY - MINUTE, patient) == OVERFLOW
    assert shown(client, "d", NOON + 8 * DAY, patient) == SECOND


def test_calls_on_a_used_number_are_strangers(client: EmbeddedClient) -> None:
    publish(client, USED, version="2")
    client.page_view(view("a", NOON, wanted(USED)))
    call = client.take_call(rings(SECOND, NOON + MINUTE))
    found = call.attribution
    assert (found.method, found.probability, found.session) == ("posterior", 0.0, "")


def test_a_number_that_came_out_of_the_quarantine_stays_out(
    client: EmbeddedClient, store: Store
) -> None:
    publish(client, USED, version="2")
    publish(client, USED, version="3", at=NOON + 15 * DAY)
    publish(client, USED, version="4", at=NOON + 16 * DAY)
    found = kept(store, SECOND)
    assert (found.state, found.state_why, found.due_at) == ("active", "quiet", None)
    assert found.state_since == NOON + 15 * DAY


def test_a_number_in_use_can_be_sent_into_quarantine(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    client.page_view(view("b"))
    publish(client, USED, version="2", at=NOON + MINUTE)
    [lease] = client.number_history("okna", SECOND)
    assert (lease.released_at, lease.released_why) == (NOON + MINUTE, "quarantined")
    assert shown(client, "c", NOON + 13 * DAY) == FIRST
    assert shown(client, "d", NOON + 13 * DAY) == OVERFLOW
    assert shown(client, "e", NOON + MINUTE + 14 * DAY) == SECOND


def test_a_shorter_quarantine_counts_for_numbers_that_are_in_it(client: EmbeddedClient) -> None:
    publish(client, USED, version="2")
    short = replace(USED, quiet=Quiet(span=2 * DAY))
    publish(client, short, version="3", at=NOON + DAY)
    assert shown(client, "a", NOON + 2 * DAY - MINUTE, short) == FIRST
    assert shown(client, "b", NOON + 2 * DAY - MINUTE, short) == OVERFLOW
    assert shown(client, "c", NOON + 2 * DAY, short) == SECOND


@pytest.mark.parametrize(("rest", "why"), [(LEAVING, "listed"), (pool(numbers=(FIRST,)), "left")])
def test_a_draining_number_is_shown_no_more_and_its_calls_still_find_their_visit(
    client: EmbeddedClient, store: Store, rest: Pool, why: str
) -> None:
    client.page_view(view("a"))
    client.page_view(view("b"))
    publish(client, rest, version="2", at=NOON + MINUTE)
    found = kept(store, SECOND)
    assert (found.state, found.state_why) == ("draining", why)
    assert found.state_since == NOON + MINUTE
    assert client.number_history("okna", SECOND)[0].released_why == "retired"
    assert shown(client, "c", NOON + 2 * HOLD, rest) == FIRST
    assert shown(client, "d", NOON + 2 * HOLD, rest) == OVERFLOW
    call = client.take_call(rings(SECOND, NOON + 2 * MINUTE))
    assert call.attribution.session == "b"


@pytest.mark.parametrize("rest", [LEAVING, pool(numbers=(FIRST,))])
def test_a_draining_number_is_retired_when_nobody_rang_it_for_sixty_days(
    client: EmbeddedClient, store: Store, rest: Pool
) -> None:
    document = publish(client, rest, version="2")
    called(client, SECOND, NOON + 10 * DAY)
    assert state_of(client, document, NOON + 69 * DAY).draining == 1
    assert state_of(client, document, NOON + 70 * DAY).draining == 0
    found = kept(store, SECOND)
    assert (found.state, found.state_why) == ("retired", "quiet")
    assert found.state_since == NOON + 70 * DAY


def test_a_number_that_has_run_dry_does_not_run_dry_again(
    client: EmbeddedClient, store: Store
) -> None:
    publish(client, LEAVING, version="2")
    publish(client, LEAVING, version="3", at=NOON + 60 * DAY)
    publish(client, LEAVING, version="4", at=NOON + 61 * DAY)
    assert kept(store, SECOND).state == "retired"


def test_a_number_that_is_retired_still_finds_a_late_caller(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    publish(client, pool(numbers=(SECOND,)), version="2", at=NOON)
    publish(client, pool(numbers=(SECOND, THIRD)), version="3", at=NOON + 60 * DAY)
    call = client.take_call(rings(FIRST, NOON + 60 * DAY))
    assert call.attribution.method == "posterior"
    assert [each.session for each in call.attribution.candidates] == ["a"]


@pytest.mark.parametrize("days", [1, 100])
def test_a_number_that_left_can_come_back(client: EmbeddedClient, days: int) -> None:
    publish(client, pool(numbers=(SECOND,)), version="2")
    publish(client, pool(numbers=(FIRST, SECOND)), version="3", at=NOON + days * DAY)
    assert shown(client, "a", NOON + days * DAY, pool()) == FIRST


def test_a_pool_number_that_becomes_a_fixed_one_is_watched_no_more(
    client: EmbeddedClient, store: Store
) -> None:
    car = Fixed(key="car", number=number(SECOND), source="car")
    document = replace(site(pool(numbers=(FIRST,)), version="2"), fixed={"car": car})
    client.publish(document, at=NOON)
    found = kept(store, SECOND)
    assert (found.state, found.state_why, found.due_at) == ("retired", "moved", None)


def test_the_state_of_a_pool_says_which_numbers_are_watched_and_why(
    client: EmbeddedClient,
) -> None:
    both = replace(USED, draining=(number(THIRD),))
    document = publish(client, both, version="2", at=NOON)
    called(client, THIRD, NOON + DAY)
    state = state_of(client, document, NOON + 2 * DAY)
    assert (state.total, state.free, state.quarantined, state.draining) == (1, 1, 1, 1)
    used, leaving = state.watched
    assert (used.number, used.state, used.why) == (SECOND, "quarantined", "listed")
    assert (used.since, used.due_at, used.last_call_at) == (NOON, NOON + 14 * DAY, None)
    assert (leaving.number, leaving.state, leaving.why) == (THIRD, "draining", "listed")
    assert leaving.last_call_at == NOON + DAY


def test_a_pool_that_left_the_document_is_listed_while_its_numbers_run_dry(
    client: EmbeddedClient,
) -> None:
    piter = pool("piter", ("+78120000001",), overflow="+78120000099")
    publish(client, pool(), piter, version="2")
    document = publish(client, pool(), version="3")
    assert [each.pool for each in client.pool_states(document, at=NOON)] == ["direct", "piter"]
    left = client.pool_states(document, at=NOON)[1]
    assert (left.total, left.draining) == (0, 1)
    after = client.pool_states(document, at=NOON + 60 * DAY)
    assert [each.pool for each in after] == ["direct"]


def test_looking_at_a_pool_lets_a_quiet_number_out(client: EmbeddedClient) -> None:
    document = publish(client, USED, version="2")
    state = state_of(client, document, NOON + 14 * DAY)
    assert (state.total, state.free, state.quarantined, state.watched) == (2, 2, 0, ())


def test_a_pool_may_have_nothing_but_used_numbers(client: EmbeddedClient) -> None:
    only_used = replace(pool(numbers=()), quarantine=(number(SECOND),))
    publish(client, only_used, version="2")
    assert shown(client, "a", NOON, only_used) == OVERFLOW
    assert shown(client, "a", NOON + 14 * DAY, only_used) == SECOND


def test_a_documents_used_numbers_cost_nothing_while_they_wait(
    client: EmbeddedClient, store: Store
) -> None:
    publish(client, USED, version="2")
    for minute in range(5):
        called(client, SECOND, NOON + minute * MINUTE)
    assert shown(client, "a", NOON + 14 * DAY) == FIRST
    # Looked at once, and not before the last call is old enough.
    assert kept(store, SECOND).due_at == NOON + 14 * DAY + 4 * MINUTE
