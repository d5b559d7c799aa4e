"""Two sessions never hold one number at one time, whoever races."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from callgraft.client import EmbeddedClient, open_client
from callgraft.stores import Conflict, Store
from callgraft.stores.lease_book import LeaseBook
from callgraft.tracking.values import CallState, Lease, LeaseState
from tests.core.backends import Backend
from tests.core.stores.racing import (
    RACED,
    RACED_SITE,
    broken_holds,
    browse,
    browse_as,
    histories,
    in_processes,
    in_threads,
    overlaps,
)
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, SECOND, rings, view

PROCESSES, VIEWS = 16, 150


def test_processes_that_race_never_share_a_number(shared: Backend) -> None:
    leased = in_processes(PROCESSES, browse, shared, VIEWS, 400)
    client = EmbeddedClient(shared.open_store(), clock=lambda: NOON)
    held = histories(client)
    assert all(leases for leases in held)
    assert [pair for leases in held for pair in overlaps(leases)] == []
    assert [lease for leases in held for lease in broken_holds(leases)] == []
    # The race was one: numbers changed hands, and some page views found the pool dry.
    assert sum(len(leases) for leases in held) > 3 * len(RACED.numbers)
    assert PROCESSES * VIEWS / 10 < sum(leased) < PROCESSES * VIEWS
    client.close()


def test_threads_that_race_never_share_a_number(store: Store) -> None:
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(RACED_SITE, at=NOON)
    in_threads(8, lambda index: browse_as(client, random.Random(index), 150, 400))
    held = histories(client)
    assert [pair for leases in held for pair in overlaps(leases)] == []
    assert [lease for leases in held for lease in broken_holds(leases)] == []
    assert sum(len(leases) for leases in held) > 2 * len(RACED.numbers)


def test_the_tabs_of_one_session_that_race_get_one_number(client: EmbeddedClient) -> None:
    shown = in_threads(8, lambda _: client.page_view(view("a"))[0].number)
    assert shown == [FIRST] * 8
    assert len(client.number_history("okna", FIRST)) == 1


def test_a_renewal_decided_on_an_older_sight_makes_no_hold_shorter(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a", pages=1))
    [seen] = store.read(lambda book: book.open_leases("okna", "a"))
    client.page_view(view("a", NOON + MINUTE))
    older = replace(seen, seen_at=NOON + MINUTE / 2, held_until=NOON + HOLD + MINUTE / 2)
    assert store.write(lambda book: book.renew_lease(older))
    for lease in (
        *store.read(lambda book: book.open_leases("okna", "a")),
        *client.number_history("okna", FIRST),
    ):
        assert (lease.state, lease.seen_at) == (LeaseState.HELD, NOON + MINUTE)
        assert lease.held_until == NOON + HOLD + MINUTE


def test_threads_that_race_for_the_last_number_give_it_to_one(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    shown = in_threads(8, lambda index: client.page_view(view(f"s{index}"))[0].number)
    assert shown.count(SECOND) == 1


def test_the_events_of_one_call_that_race_make_one_call(client: EmbeddedClient) -> None:
    events = [
        rings(FIRST, NOON, state=state, event_id=f"{state} {index}")
        for state in CallState
        for index in range(3)
    ]
    taken = in_threads(len(events), lambda index: client.take_call(events[index]))
    [call] = client.calls("okna")
    assert call.state is CallState.ENDED
    assert {each.id for each in taken} == {call.id}


def test_processes_that_tell_of_one_call_make_one_call(shared: Backend) -> None:
    ids = in_processes(4, _tell_of_the_call, shared)
    client = open_client(shared.url, leases=shared.leases)
    [call] = client.calls("okna")
    assert (call.state, call.rang_at) == (CallState.ENDED, NOON)
    assert set(ids) == {call.id}
    client.close()


def _tell_of_the_call(index: int, backend: Backend) -> str:
    """Tell of a call's states in an order of one's own, some of it with the ids of others."""
    client = open_client(backend.url, leases=backend.leases)
    states = [*CallState, *CallState]
    random.Random(index).shuffle(states)
    told = [
        client.take_call(rings(FIRST, NOON, state=state, event_id=f"{state} {(index + step) % 3}"))
        for step, state in enumerate(states)
    ]
    client.close()
    return told[-1].id


def _lease(**changes: object) -> Lease:
    usual: dict[str, object] = {
        "id": "second",
        "site": "okna",
        "pool": "direct",
        "target": "main",
        "number": SECOND,
        "visitor": "visitor of b",
        "session": "b",
        "state": LeaseState.HELD,
        "shown_at": NOON,
        "seen_at": NOON,
        "held_until": NOON + HOLD,
    }
    return Lease(**usual | changes)  # type: ignore[arg-type]  # the fields of Lease


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"number": FIRST}, id="one number, two sessions"),
        pytest.param({"session": "a", "visitor": "visitor of a"}, id="one place, two numbers"),
    ],
)
def test_the_store_itself_refuses_a_second_open_lease(
    client: EmbeddedClient, store: Store, wrong: dict[str, object]
) -> None:
    client.page_view(view("a"))
    client.page_view(view("b"))
    store.write(lambda book: book.release_lease(_open(book, "b"), at=NOON, why="test"))
    with pytest.raises(Conflict):
        store.write(lambda book: book.add_lease(_lease(**wrong)))
    store.write(lambda book: book.add_lease(_lease()))


def test_the_store_itself_refuses_a_second_open_lease_of_another_site(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a"))
    client.page_view(replace(view("b"), site="dveri", wanted=()))
    with pytest.raises(Conflict):
        store.write(lambda book: book.add_lease(_lease(number=FIRST, site="dveri")))


def _open(book: LeaseBook, session: str) -> Lease:
    [lease] = book.open_leases("okna", session)
    return lease
