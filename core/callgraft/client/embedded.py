"""The tracking engine in this process, against a store that others may share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from callgraft.client.lookout import Lookout
from callgraft.client.pool_counter import PoolCounter
from callgraft.errors import StoreUnavailable
from callgraft.site import Site
from callgraft.sizing.history import SiteDemand, read_demand
from callgraft.stores.protocol import Published, Store, Transaction
from callgraft.tracking.calls import take_call
from callgraft.tracking.clock_steps import ClockSteps
from callgraft.tracking.lateness import has_late, heed, of_signs, of_views
from callgraft.tracking.number_states import settle_all
from callgraft.tracking.people import forget, purge_batch, visitor_record
from callgraft.tracking.pictures import Pictures
from callgraft.tracking.pool_hours import count as count_pools
from callgraft.tracking.pools import pool_states
from callgraft.tracking.promo_codes import promo_code, promo_visit, read_code
from callgraft.tracking.promo_values import PromoVisit, PromoWanted
from callgraft.tracking.publishing import newest, publish, restore
from callgraft.tracking.records import Forgotten, Purged, VisitorRecord
from callgraft.tracking.renewal import PromptStore, RenewingStore, renewal
from callgraft.tracking.reports import (
    MissedCalls,
    Report,
    ReportQuery,
    ServiceReport,
    missed_calls,
    report,
    service_report,
)
from callgraft.tracking.reports.reading import Step
from callgraft.tracking.rescoring import ANEW, Rescored, prove, rehearse, rescore
from callgraft.tracking.signs import release, take_signs
from callgraft.tracking.values import (
    Assignment,
    Call,
    CallEvent,
    Lease,
    PageView,
    PoolState,
    Proof,
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
    :param looks_around: look at what others did to the pools every few seconds, beside all else;
        else whoever wants that calls :meth:`look_around`. A store in memory has no others.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        looks_around: bool = False,
    ) -> None:
        self._store = store
        self._renewing = store if isinstance(store, RenewingStore) else None
        self._prompt = store if isinstance(store, PromptStore) else None
        self._clock = clock
        self._steps = ClockSteps(clock, monotonic)
        self._closed = threading.Event()
        self._pools = PoolCounter(lambda firsts: store.write(partial(count_pools, firsts=firsts)))
        self._lookout = Lookout(lambda: self.look_around(at=clock())) if looks_around else None
        self._pictures = Pictures(store, asked=self._lookout.wake if self._lookout else None)

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        self._catch_up(site.key)
        self._store.write(
            lambda transaction: publish(transaction, site, at=at, by=by), for_good=True
        )
        self._pictures.forget()

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
        restored = self._store.write(
            lambda transaction: restore(transaction, site, edition, at=at, by=by), for_good=True
        )
        self._pictures.forget()
        return restored

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        view = self._steps.allowing(view)

        def work(transaction: Transaction) -> tuple[Assignment, ...]:
            _check(deadline)  # it may have waited long for its turn
            assigned = page_view(transaction, view, self._pictures)
            if deadline is None:  # nobody waits for it, so it may be late
                heed(transaction, of_views([view]), now=self._clock())
            _check(deadline)  # last, so that only the commit is left to be slow
            return assigned

        assigned = self._at_once(view, deadline)
        if assigned is None and self._renewing:
            assigned = renewal(self._renewing, view, check=lambda: _check(deadline))
        if assigned is None:
            assigned = self._store.write(work)
        self._pictures.viewed(view, assigned)
        self._pools.count(view, assigned)
        return assigned

    def page_views(
        self, views: Sequence[PageView], *, deadline: float | None = None
    ) -> Sequence[tuple[Assignment, ...]]:
        views = [self._steps.allowing(view) for view in views]
        given = [self._at_once(view, deadline) for view in views]
        left = [view for view, answer in zip(views, given, strict=True) if answer is None]

        def work(transaction: Transaction) -> Sequence[tuple[Assignment, ...]]:
            _check(deadline)
            assigned = page_views(transaction, left, self._pictures)
            if deadline is None:
                heed(transaction, of_views(left), now=self._clock())
            _check(deadline)
            return assigned

        answers = iter(self._store.write(work) if left else ())
        told = [next(answers) if answer is None else answer for answer in given]
        for view, assigned in zip(views, told, strict=True):
            self._pictures.viewed(view, assigned)
            self._pools.count(view, assigned)
        return told

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        def work(transaction: Transaction) -> None:
            take_signs(transaction, signs)
            heed(transaction, of_signs(signs), now=self._clock())

        self._catch_up(*{sign.site for sign in signs})
        self._store.write(work)
        self._pictures.signed(signs)

    def look_around(self, *, at: datetime) -> None:
        """Learn what other processes did to the pools that numbers were asked of here."""
        self._pictures.look(at=at)

    def release(self, site: str, session: str, *, at: datetime) -> int:
        return self._store.write(lambda transaction: release(transaction, site, session, at=at))

    def promo_code(self, wanted: PromoWanted, *, deadline: float | None = None) -> str:
        def work(transaction: Transaction) -> str:
            _check(deadline)
            code = promo_code(transaction, wanted)
            _check(deadline)
            return code

        # Without the turn of a writer where the session has its code: on most of its pages.
        known = self._store.read(lambda found: found.code_of(wanted.site, wanted.session))
        return known.code if known else self._store.write(work)

    def promo(self, site: str, code: str) -> PromoVisit | None:
        plain = read_code(code)
        self._catch_up(site)
        return self._store.read(lambda transaction: promo_visit(transaction, site, plain))

    def take_call(self, event: CallEvent) -> Call:
        received_at = self._clock()
        self._catch_up(event.site)  # what the caller looked at a moment ago
        call = self._store.write(
            lambda transaction: take_call(transaction, event, received_at=received_at),
            for_good=True,  # its sender is told that it was taken, and sends it no more
        )
        self._pictures.heard(call)
        return call

    def calls(self, site: str, *, limit: int = 50, after: str = "") -> Sequence[Call]:
        return self._store.read(
            lambda transaction: transaction.calls(site, limit=limit, after=after)
        )

    def prove(self, proof: Proof) -> Call:
        at = self._clock()
        return self._store.write(lambda here: prove(here, proof, at=at), for_good=True)

    def rescore(
        self, site: str, calls: Sequence[str], *, at: datetime, is_dry: bool = False
    ) -> Sequence[Rescored]:
        if is_dry:
            done = [
                self._store.read(partial(rehearse, site=site, call_id=each, at=at))
                for each in calls
            ]
        else:
            # One by one, so that page views need not wait for all of them.
            done = [
                self._store.write(
                    partial(
                        rescore,
                        site=site,
                        call_id=each,
                        at=at,
                        why=ANEW,
                        is_anew=True,
                        is_alone=True,
                    )
                )
                for each in calls
            ]
        return [each for each in done if each]

    def rescore_due(self, *, at: datetime, limit: int = 50) -> int:
        due = self._store.read(lambda transaction: transaction.due_calls(by=at, limit=limit))
        for each in due:
            self._store.write(
                partial(rescore, site=each.site, call_id=each.call, at=at, why=each.why)
            )
        return len(due)

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

    def demand(self, site: Site, *, since: datetime) -> SiteDemand:
        return read_demand(self._store, site, since=since)

    def report(self, query: ReportQuery, *, step: Step | None = None) -> Report:
        return report(self._store, query, step=step)

    def missed(self, site: str, *, since: datetime, until: datetime) -> MissedCalls:
        return missed_calls(self._store, site, since=since, until=until)

    def service(
        self, site: Site, *, since: datetime, until: datetime, at: datetime
    ) -> ServiceReport:
        self._pools.flush()
        return service_report(self._store, site, since=since, until=until, at=at)

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        self._catch_up(site)
        return self._store.read(lambda transaction: visitor_record(transaction, site, visitor))

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        self._catch_up(site)
        forgotten = self._store.write(
            lambda transaction: forget(transaction, site, visitor=visitor, caller=caller, at=at),
            for_good=True,
        )
        self._pictures.forget()
        return forgotten

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
        if deadline is None and has_late(of_views([view]), now=self._clock()):
            return None  # calls that it bears on are looked for in a transaction
        costs = partial(self._pictures.costs, view)
        return self._prompt.at_once(view, costs=costs, check=lambda: _check(deadline))

    def _catch_up(self, *sites: str) -> None:
        """What was answered without the log stands in it, before anybody looks there."""
        if self._prompt:
            for site in sites:
                self._prompt.catch_up(site)

    def close(self) -> None:
        self._closed.set()
        if self._lookout:
            self._lookout.stop()
        self._pictures.close()
        if self._lookout:
            self._lookout.close()
        self._pools.close()
        self._store.close()


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise StoreUnavailable("Too late: the page went out without waiting for this.")
