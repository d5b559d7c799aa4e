"""Every store names the numbers that may be given out, and exclusivity outlives any choice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.stores.lease_book import Rested
from callgraft.tracking.values import Why
from tests.core.stores.racing import (
    RACED,
    RACED_SITE,
    broken_holds,
    browse_as,
    histories,
    in_threads,
    overlaps,
)
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, SECOND, THIRD, pool, site, view, wanted

THREE = pool(numbers=(FIRST, SECOND, THIRD))
ALWAYS = NOON + timedelta(days=9)


def candidates(store: Store, at_minute: float, limit: int = 128) -> list[tuple[str, bool]]:
    rested = Rested(since=NOON + at_minute * MINUTE, beyond=ALWAYS)
    found = store.read(lambda book: book.candidates("okna", "direct", rested, limit=limit))
    return [(each.number, each.is_free) for each in found]


def comes(client: EmbeddedClient, session: str, minute: float, pages: int = 2) -> Why | None:
    return client.page_view(view(session, NOON + minute * MINUTE, wanted(THREE), pages=pages))[
        0
    ].why


def test_numbers_never_issued_come_in_the_order_of_the_document(
    client: EmbeddedClient, store: Store
) -> None:
    client.publish(site(THREE, version="2"), at=NOON)
    assert candidates(store, 0) == [(FIRST, True), (SECOND, True), (THIRD, True)]
    assert candidates(store, 0, limit=2) == [(FIRST, True), (SECOND, True)]


def test_a_number_is_a_candidate_from_the_end_of_its_hold_on(
    client: EmbeddedClient, store: Store
) -> None:
    client.publish(site(THREE, version="2"), at=NOON)
    comes(client, "a", 0)
    comes(client, "b", 1, pages=1)
    assert candidates(store, 5.99) == [(THIRD, True)]
    assert candidates(store, 6) == [(THIRD, True), (SECOND, False)]
    assert candidates(store, 30) == [(THIRD, True), (SECOND, False), (FIRST, False)]
    assert candidates(store, 30, limit=2) == [(THIRD, True), (SECOND, False)]


def test_a_number_that_was_given_back_is_a_candidate_when_it_has_rested(
    client: EmbeddedClient, store: Store
) -> None:
    client.publish(site(THREE, version="2"), at=NOON)
    comes(client, "a", 0)
    client.release("okna", "a", at=NOON + 2 * MINUTE)
    assert (FIRST, True) not in candidates(store, 2)
    assert (FIRST, True) not in candidates(store, 2.99)
    assert candidates(store, 5) == [(SECOND, True), (THIRD, True), (FIRST, True)]


def test_a_number_that_several_share_is_one_candidate(client: EmbeddedClient, store: Store) -> None:
    alone = replace(pool(numbers=(FIRST,)), when_full="share")
    client.publish(site(alone, version="2"), at=NOON)
    for minute, session in enumerate("ab"):
        client.page_view(view(session, NOON + minute * MINUTE, wanted(alone)))
    assert candidates(store, 29) == []
    assert candidates(store, 30) == candidates(store, 31) == [(FIRST, False)]


def test_numbers_of_other_pools_and_those_not_shown_are_none(
    client: EmbeddedClient, store: Store
) -> None:
    other = pool("piter", (THIRD,))
    resting = replace(pool(numbers=(FIRST,)), draining=(RACED.numbers[0],))
    client.publish(site(resting, other, version="2"), at=NOON)
    assert candidates(store, 0) == [(FIRST, True)]


def test_threads_that_all_choose_the_cheapest_never_share_a_number(store: Store) -> None:
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(RACED_SITE, at=NOON)
    browse_as(client, random.Random(1), 5, 400)
    client.look_around(at=NOON)
    in_threads(8, lambda index: browse_as(client, random.Random(index), 60, 400))
    held = histories(client)
    assert [pair for leases in held for pair in overlaps(leases)] == []
    assert [lease for leases in held for lease in broken_holds(leases)] == []


def test_a_choice_is_made_by_cost_on_every_store(client: EmbeddedClient) -> None:
    client.publish(site(THREE, version="2"), at=NOON)
    for session, minute in (("a", 0), ("b", 0), ("c", 0)):
        comes(client, session, minute)
    for minute in (1, 2, 3):  # four pages: likelier to ring than the others
        comes(client, "a", minute)
    client.look_around(at=NOON + 4 * MINUTE)
    at = NOON + 3 * MINUTE + HOLD
    [shown] = client.page_view(view("d", at, wanted(THREE)))
    assert (shown.number, shown.why) == (SECOND, Why.RECLAIMED)
    assert shown.chosen is not None
    assert (shown.chosen.among, shown.chosen.runner_up) == (3, THIRD)
    [shown] = client.page_view(view("e", at, wanted(THREE)))
    assert (shown.number, shown.chosen and shown.chosen.runner_up) == (THIRD, FIRST)
