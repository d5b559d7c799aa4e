"""The tracking engine in this process, against a store that others may share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from callgraft.errors import StoreUnavailable
from callgraft.site import Site
from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.calls import take_call
from callgraft.tracking.pools import pool_states
from callgraft.tracking.publishing import publish
from callgraft.tracking.values import Assignment, Call, CallEvent, Lease, PageView, PoolState
from callgraft.tracking.visits import page_view


class EmbeddedClient:
    """
    A ``TrackingClient`` that works on its store directly.

    :param clock: tells when a call event was received; everything else brings its own time.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def publish(self, site: Site, *, at: datetime) -> None:
        self._store.write(lambda transaction: publish(transaction, site, at=at), for_good=True)

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        def work(transaction: Transaction) -> tuple[Assignment, ...]:
            _check(deadline)  # it may have waited long for its turn
            assigned = page_view(transaction, view)
            _check(deadline)  # last, so that only the commit is left to be slow
            return assigned

        return self._store.write(work)

    def take_call(self, event: CallEvent) -> Call:
        received_at = self._clock()
        return self._store.write(
            lambda transaction: take_call(transaction, event, received_at=received_at),
            for_good=True,  # its sender is told that it was taken, and sends it no more
        )

    def calls(self, site: str, *, limit: int = 50) -> Sequence[Call]:
        return self._store.read(lambda transaction: transaction.calls(site, limit=limit))

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        return self._store.read(
            lambda transaction: transaction.leases_on(site, number, limit=limit)
        )

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        return self._store.read(lambda transaction: pool_states(transaction, site, at=at))

    def secret(self) -> bytes:
        return self._store.secret()

    def close(self) -> None:
        self._store.close()


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise StoreUnavailable("Too late: the page went out without waiting for this.")
