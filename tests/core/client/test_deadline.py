"""A page view that nobody waits for any more leaves nothing, on every store."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from callgraft.client import EmbeddedClient
from callgraft.errors import StoreUnavailable
from callgraft.stores import Store, Transaction
from tests.core.tracked import FIRST, NOON, numbers_shown, site, view

Result = TypeVar("Result")
LIMIT = 0.02


class SlowTransaction:
    """Takes until ``until`` over a lease; everything else is as fast as it is."""

    def __init__(self, transaction: Transaction, until: float) -> None:
        self._transaction = transaction
        self._until = until

    def add_lease(self, lease: Any) -> None:
        self._transaction.add_lease(lease)
        while time.monotonic() <= self._until:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transaction, name)


class SlowStore:
    """A store whose leases take longer than the limit, and all take a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, work: Callable[[Any], Result], *, for_good: bool = False) -> Result:
        until = time.monotonic() + 2 * LIMIT
        return self._store.write(
            lambda transaction: work(SlowTransaction(transaction, until)), for_good=for_good
        )

    def __getattr__(self, name: str) -> Any:
        if name == "at_once":
            raise AttributeError(name)
        return getattr(self._store, name)


def test_a_page_view_that_comes_too_late_leases_and_records_nothing(
    client: EmbeddedClient, store: Store
) -> None:
    slow = EmbeddedClient(SlowStore(store), clock=lambda: NOON)
    with pytest.raises(StoreUnavailable):
        slow.page_view(view("a"), deadline=time.monotonic() + LIMIT)
    assert client.number_history("okna", FIRST) == []
    assert client.pool_states(site(), at=NOON)[0].free == 2
    assert store.read(lambda journal: journal.stays("okna", ["a"])) == {}
    assert numbers_shown(client, view("b")) == [FIRST]


def test_page_views_of_which_one_comes_too_late_leave_nothing_of_any(
    client: EmbeddedClient, store: Store
) -> None:
    slow = EmbeddedClient(SlowStore(store), clock=lambda: NOON)
    with pytest.raises(StoreUnavailable):
        slow.page_views([view("a"), view("b")], deadline=time.monotonic() + LIMIT)
    assert client.pool_states(site(), at=NOON)[0].free == 2
    assert store.read(lambda journal: journal.stays("okna", ["a", "b"])) == {}


def test_a_late_renewal_changes_nothing(client: EmbeddedClient) -> None:
    client.page_view(view("a", pages=1))
    before = client.number_history("okna", FIRST)
    with pytest.raises(StoreUnavailable):
        client.page_view(view("a", NOON, pages=2), deadline=time.monotonic() - 1)
    assert client.number_history("okna", FIRST) == before


def test_a_page_view_in_time_gets_its_number(client: EmbeddedClient) -> None:
    shown = client.page_view(view("a"), deadline=time.monotonic() + 60)
    assert shown[0].number == FIRST
