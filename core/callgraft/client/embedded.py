"""The tracking engine in this process, against a store that others may share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from callgraft.errors import StoreUnavailable
from callgraft.site import Site
from callgraft.stores.protocol import Published, Store, Transaction
from callgraft.tracking.calls import take_call
from callgraft.tracking.clock_steps import ClockSteps
from callgraft.tracking.number_states import settle_all
from callgraft.tracking.people import forget, purge_batch, visitor_record
from callgraft.tracking.pools import pool_states
from callgraft.tracking.publishing import newest, publish, restore
from callgraft.tracking.records import Forgotten, Purged, VisitorRecord
from callgraft.tracking.renewal import PromptStore, RenewingStore, renewal
from callgraft.tracking.signs import release, take_signs
from callgraft.tracking.values import (
    Assignment,
    Call,
    CallEvent,
    Lease,
    PageView,
    PoolState,
    SessionSign,
)
from callgraft.tracking.visits import page_view, page_views

_LOOK_EVERY = 0.25
"""Seconds between two looks for another edition, while somebody waits for one."""


class EmbeddedClient:
    """
    A ``TrackingClient`` that works on its store directly.

    :param clock: tells when a call event was received; everything else brings its own time.
    :param monotonic: a clock that nobody sets, which tells when ``clock`` was.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._renewing = store if isinstance(store, RenewingStore) else None
        self._prompt = store if isinstance(store, PromptStore) else None
        self._clock = clock
        self._steps = ClockSteps(clock, monotonic)
        self._closed = threading.Event()

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        self._catch_up(site.key)
        self._store.write(
            lambda transaction: publish(transaction, site, at=at, by=by), for_good=True
        )

    def published(
        self, site: str, *, other_than: str = "", wait: timedelta = timedelta(0)
    ) -> Published | None:
        deadline = time.monotonic() + wait.total_seconds()
        while True:
            found = self._store.read(lambda transaction: newest(transaction, site, other_than))
            left = deadline - time.monotonic()
            if found or left <= 0 or self._closed.wait(min(_LOOK_EVERY, left)):
                return found

    def editions(self, site: str, *, limit: int = 50) -> Sequence[Published]:
        return self._store.read(lambda transaction: transaction.editions(site, limit=limit))

    def sites(self) -> Mapping[str, str]:
        return self._store.read(lambda transaction: transaction.sites())

    def restore(self, site: str, edition: int, *, at: datetime, by: str = "") -> Published:
        self._catch_up(site)
        return self._store.write(
            lambda transaction: restore(transaction, site, edition, at=at, by=by), for_good=True
        )

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        view = self._steps.allowing(view)

        def work(transaction: Transaction) -> tuple[Assignment, ...]:
            _check(deadline)  # it may have waited long for its turn
            assigned = page_view(transaction, view)
            _check(deadline)  # last, so that only the commit is left to be slow
            return assigned

        if (given := self._at_once(view, deadline)) is not None:
            return given
        if self._renewing and (
            known := renewal(self._renewing, view, check=lambda: _check(deadline))
        ):
            return known
        return self._store.write(work)

    def page_views(
        self, views: Sequence[PageView], *, deadline: float | None = None
    ) -> Sequence[tuple[Assignment, ...]]:
        views = [self._steps.allowing(view) for view in views]
        given = [self._at_once(view, deadline) for view in views]
        left = [view for view, answer in zip(views, given, strict=True) if answer is None]

        def work(transaction: Transaction) -> Sequence[tuple[Assignment, ...]]:
            _check(deadline)
            assigned = page_views(transaction, left)
            _check(deadline)
            return assigned

        answers = iter(self._store.write(work) if left else ())
        return [next(answers) if answer is None else answer for answer in given]

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        self._catch_up(*{sign.site for sign in signs})
        self._store.write(lambda transaction: take_signs(transaction, signs))

    def release(self, site: str, session: str, *, at: datetime) -> int:
        return self._store.write(lambda transaction: release(transaction, site, session, at=at))

    def take_call(self, event: CallEvent) -> Call:
        received_at = self._clock()
        self._catch_up(event.site)  # what the caller looked at a moment ago
        return self._store.write(
            lambda transaction: take_call(transaction, event, received_at=received_at),
            for_good=True,  # its sender is told that it was taken, and sends it no more
        )

    def calls(self, site: str, *, limit: int = 50, after: str = "") -> Sequence[Call]:
        return self._store.read(
            lambda transaction: transaction.calls(site, limit=limit, after=after)
        )

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        self._catch_up(site)
        return self._store.read(
            lambda transaction: transaction.leases_on(site, number, limit=limit)
        )

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        self._catch_up(site.key)
        if self._store.read(lambda transaction: transaction.watched_numbers(site.key, due_by=at)):
            self._store.write(lambda transaction: settle_all(transaction, site, at=at))
        return self._store.read(lambda transaction: pool_states(transaction, site, at=at))

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        self._catch_up(site)
        return self._store.read(lambda transaction: visitor_record(transaction, site, visitor))

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        self._catch_up(site)
        return self._store.write(
            lambda transaction: forget(transaction, site, visitor=visitor, caller=caller, at=at),
            for_good=True,
        )

    def purge(self, site: Site, *, at: datetime, every: timedelta = timedelta(0)) -> Purged | None:
        self._catch_up(site.key)
        task = f"purge {site.key}"
        if not self._store.write(lambda transaction: transaction.claim(task, at=at, every=every)):
            return None
        purged = Purged()
        while found := self._store.write(lambda transaction: purge_batch(transaction, site, at=at)):
            purged += found
        return purged

    def secret(self) -> bytes:
        return self._store.secret()

    def _at_once(self, view: PageView, deadline: float | None) -> tuple[Assignment, ...] | None:
        if self._prompt is None or not view.wanted:
            return None
        return self._prompt.at_once(view, check=lambda: _check(deadline))

    def _catch_up(self, *sites: str) -> None:
        """What was answered without the log stands in it, before anybody looks there."""
        if self._prompt:
            for site in sites:
                self._prompt.catch_up(site)

    def close(self) -> None:
        self._closed.set()
        self._store.close()


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise StoreUnavailable("Too late: the page went out without waiting for this.")
