"""Renewals without a transaction over several steps, where a store has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.stores.sql import SqlStore
from callgraft.tracking.values import LeaseState
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, SECOND, site, view

LATER = NOON + MINUTE


@pytest.fixture
def store(sql_url: str) -> Iterator[SqlStore]:
    store = SqlStore(sql_url)
    EmbeddedClient(store, clock=lambda: NOON).publish(site(), at=NOON)
    yield store
    store.close()


@pytest.fixture
def client(store: SqlStore) -> EmbeddedClient:
    return EmbeddedClient(store, clock=lambda: NOON)


def visits(store: SqlStore, session: str = "a") -> list[timedelta]:
    stay = store.read(lambda transaction: transaction.stays("okna", [session]))[session]
    return [sign.at - NOON for sign in stay.log]


def test_a_second_page_view_renews_and_is_logged(client: EmbeddedClient, store: SqlStore) -> None:
    client.page_view(view("a", pages=1))
    [again] = client.page_view(view("a", LATER))
    [kept] = client.number_history("okna", FIRST)
    assert again.lease == kept
    assert (kept.state, kept.seen_at, kept.held_until) == (LeaseState.HELD, LATER, LATER + HOLD)
    assert visits(store) == [timedelta(0), MINUTE]


def test_what_a_page_loads_renews_and_is_no_visit(client: EmbeddedClient, store: SqlStore) -> None:
    client.page_view(view("a"))
    client.page_view(replace(view("a", LATER), is_load=False))
    assert client.number_history("okna", FIRST)[0].seen_at == LATER
    assert visits(store) == [timedelta(0)]


def test_the_same_page_view_again_changes_nothing(client: EmbeddedClient, store: SqlStore) -> None:
    client.page_view(view("a"))
    client.page_view(view("a", LATER))
    before = client.number_history("okna", FIRST), visits(store)
    client.page_view(view("a", LATER))
    assert (client.number_history("okna", FIRST), visits(store)) == before


def test_a_lease_that_was_ended_meanwhile_is_not_renewed(
    client: EmbeddedClient, store: SqlStore
) -> None:
    [first] = client.page_view(view("a"))
    assert first.lease
    client.release("okna", "a", at=NOON)
    if store.open_leases(view("a", LATER)) is None:
        return  # SQLite has its transaction for this
    assert store.open_leases(view("a", LATER)) == []
    assert not store.renew(view("a", LATER), first.lease)
    assert client.number_history("okna", FIRST)[0].seen_at == NOON
    assert [each.number for each in client.page_view(view("a", LATER))] == [FIRST]
    assert [each.number for each in client.page_view(view("b", LATER))] == [SECOND]


def test_a_session_that_nobody_knows_is_made_in_a_transaction(
    client: EmbeddedClient, store: SqlStore
) -> None:
    assert store.open_leases(view("a")) is None
    client.page_view(view("a"))
    assert visits(store) == [timedelta(0)]
