"""What pools had to give is counted once for each session, beside the pages and in batches."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.client.pool_counter import PoolCounter
from callgraft.errors import StoreUnavailable
from callgraft.stores import Store, open_store
from callgraft.tracking.pool_hours import First, Outcome
from callgraft.tracking.values import Assignment, PageView, Shown, Why
from tests.core.tracked import MINUTE, NOON, pool, site, view, wanted

HOUR = timedelta(hours=1)
EVERYTHING = {"since": NOON - timedelta(days=9), "until": NOON + timedelta(days=9)}


def counted(store: Store, key: str = "okna") -> dict[tuple[str, datetime], int]:
    hours = store.read(lambda here: here.pool_hours(key, **EVERYTHING))
    return {(each.outcome, each.hour): each.sessions for each in hours}


def told(outcome: Why, session: str = "a", at: datetime = NOON) -> tuple[PageView, Assignment]:
    shown = Shown.OVERFLOW if outcome in (Why.FULL, Why.NETWORK) else Shown.LEASE
    assigned = Assignment(target="main", shown=shown, number="+7", pool="direct", why=outcome)
    return view(session, at), assigned


def test_a_session_counts_once_in_the_hour_in_which_it_came(store: Store) -> None:
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(site(), at=NOON)
    for session, minutes in (("a", 0), ("b", 59), ("a", 70), ("c", 61), ("c", 62), ("c", 130)):
        client.page_view(view(session, NOON + minutes * MINUTE))
    client.close()
    assert counted(store) == {("own", NOON): 2, ("overflow", NOON + HOUR): 1}


def test_each_way_to_be_answered_is_told_apart() -> None:
    store = open_store("memory:")
    client = EmbeddedClient(store, clock=lambda: NOON)
    sharing = pool("sharing", ("+74990000011",), overflow=None)
    alone = replace(pool("alone", ("+74990000021", "+74990000022")), per_network=1)
    bare = replace(pool("bare", ()), overflow=None, when_full="overflow")
    client.publish(site(sharing, alone, bare), at=NOON)
    for session in ("a", "b"):
        client.page_view(view(session, NOON, wanted(sharing)))
        client.page_view(view(session, NOON, wanted(alone), pages=1, network="192.0.2.0"))
    client.page_view(view("d", NOON, wanted(bare)))
    client.page_view(view("a2", NOON + HOUR, wanted(alone), visitor="visitor of a"))
    client.close()
    hours = store.read(lambda here: here.pool_hours("okna", **EVERYTHING))
    assert Counter({(each.pool, each.outcome): each.sessions for each in hours}) == {
        ("sharing", "own"): 1,
        ("sharing", "shared"): 1,
        ("alone", "own"): 1,
        ("alone", "network"): 1,
        ("bare", "original"): 1,
        ("alone", "returned"): 1,
    }


def test_a_session_without_a_number_counts_once_whatever_process_it_asks(store: Store) -> None:
    clients = [EmbeddedClient(store, clock=lambda: NOON) for _ in range(3)]
    clients[0].publish(site(), at=NOON)
    clients[0].page_views([view("a"), view("b")])
    for client in clients:
        client.page_view(view("c"))
    later = NOON + 2 * HOUR  # the holds of the others are over: it gets a number at last
    clients[1].page_view(view("c", later))
    for client in clients:
        client.close()
    assert counted(store) == {("own", NOON): 2, ("overflow", NOON): 1}


def test_counts_wait_while_the_store_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    written: list[First] = []
    is_down = True

    def write(firsts: Sequence[First]) -> Sequence[First]:
        if is_down:
            raise StoreUnavailable("It is down.")
        written.extend(firsts)
        return firsts

    counter = PoolCounter(write)
    counter.count(*_one(told(Why.FREE)))
    counter.flush()
    assert not written
    assert "wait for the store" in caplog.text
    is_down = False
    counter.count(*_one(told(Why.FREE, "b")))
    counter.close()
    assert [each.session for each in written] == ["a", "b"]


def test_a_dry_pool_is_told_once_an_hour_without_a_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    counter = PoolCounter(lambda firsts: firsts)
    for count, minutes in enumerate((0, 1, 59, 61)):
        counter.count(*_one(told(Why.FULL, f"session-{count}", NOON + minutes * MINUTE)))
    counter.count(*_one(told(Why.NETWORK, "robot", NOON)))
    counter.close()
    assert len(caplog.records) == 2
    assert "The pool direct of okna has no free number since 2025-06-02 12:00 UTC" in caplog.text
    assert "callgraft report --coverage" in caplog.text
    assert "session-" not in caplog.text


def test_a_number_that_the_session_has_is_not_counted_again() -> None:
    written: list[First] = []
    counter = PoolCounter(lambda firsts: written.extend(firsts) or firsts)
    for why in (Why.KEPT, Why.RECLAIMED, Why.KEPT, Why.FULL):
        counter.count(*_one(told(why)))
    counter.close()
    assert [each.outcome for each in written] == [Outcome.OWN]


def test_a_process_that_was_forked_leaves_what_waits_to_its_parent() -> None:
    written: list[First] = []
    counter = PoolCounter(lambda firsts: written.extend(firsts) or firsts)
    counter.count(*_one(told(Why.FREE)))
    counter._process = os.getpid() + 1  # as it looks from a child
    counter.count(*_one(told(Why.FREE, "b")))
    counter.close()
    assert [each.session for each in written] == ["b"]


def _one(pair: tuple[PageView, Assignment]) -> tuple[PageView, list[Assignment]]:
    return pair[0], [pair[1]]


def test_what_was_written_before_the_store_failed_is_not_written_again() -> None:
    written: list[First] = []

    def write(firsts: Sequence[First]) -> Sequence[First]:
        if len(written) == 100 and len(firsts) < 200 and not is_up:
            raise StoreUnavailable("It is down.")
        written.extend(firsts)
        return firsts

    is_up = False
    counter = PoolCounter(write)
    for count in range(250):
        counter.count(*_one(told(Why.FREE, f"s{count}")))
    counter.flush()
    assert len(written) == 100
    is_up = True
    counter.close()
    assert [each.session for each in written] == [f"s{count}" for count in range(250)]
