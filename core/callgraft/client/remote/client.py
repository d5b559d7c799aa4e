"""The tracking engine on another machine, reached over HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from callgraft.client.remote.address import Address
from callgraft.client.remote.answers import NothingThere, Refused
from callgraft.client.remote.bodies import (
    Assignments,
    Calls,
    Issued,
    Leases,
    PoolStates,
    Released,
    RescoredCalls,
    Secret,
)
from callgraft.client.remote.breaker import Breaker
from callgraft.client.remote.documents import Documents
from callgraft.client.remote.items import call_item, event_of, questions, sign_item, view_item
from callgraft.client.remote.question import Question
from callgraft.client.remote.reports import ask_missed, ask_report, ask_service
from callgraft.client.remote.sender import Sender
from callgraft.client.remote.spool import Item, Spool
from callgraft.client.remote.tracker import Tracker, path_of
from callgraft.client.wire import dump
from callgraft.errors import NotPublished, RepeatedEvent, StoreUnavailable, TrackerUnavailable
from callgraft.site import Site
from callgraft.sizing.history import SiteDemand
from callgraft.stores.protocol import Published
from callgraft.tracking.call_record import call_of, is_repetition
from callgraft.tracking.promo_codes import read_code
from callgraft.tracking.promo_values import PromoVisit, PromoWanted
from callgraft.tracking.records import Forgotten, Purged, VisitorRecord
from callgraft.tracking.reports import MissedCalls, Report, ReportQuery, ServiceReport
from callgraft.tracking.reports.reading import Step
from callgraft.tracking.rescoring import Rescored
from callgraft.tracking.values import (
    Assignment,
    Attribution,
    Call,
    CallEvent,
    Lease,
    PageView,
    PoolState,
    Proof,
    SessionSign,
)

if TYPE_CHECKING:
    from callgraft.client.remote.turns import Turns

logger = logging.getLogger(__name__)

_CALL_PATIENCE = 1.0
"""Seconds that a provider waits for the server, before its call event is kept here."""
_HISTORY_PATIENCE = 15.0
"""Seconds that a day's sessions may take to be counted."""
_CALL_FLUSH_WAIT, _FLUSH_WAIT, _CLOSE_WAIT = 0.2, 2.0, 1.0
_LARGEST_PAGE = 500
_RESCORED_AT_ONCE = 50


class RemoteClient:
    """
    A ``TrackingClient`` that asks a tracking server.

    Page views that want numbers are asked for at once. What nobody waits for (page views that want
    none, signs) is sent from a thread of its own, in batches, within about 50 ms; methods that
    read wait for that first. What cannot be sent is kept in the state folder, through a restart
    too. A call event is told to be taken only when the server has it, or this machine's disk.

    The secret and the documents in force are kept there as well: while the server is down, they
    are what it told last.

    :raises TrackerUnavailable: from any method, when the server does not answer.
    """

    def __init__(self, address: Address, state: Path) -> None:
        self._tracker = Tracker(address, state)
        self._documents = Documents(self._tracker)
        self._spool = Spool(self._tracker.state.spool)
        self._sender = Sender(self._spool, self._deliver)
        self._turns = _turns(address, self._tracker.breaker)
        self.is_async = self._turns is not None
        self._sender.start()

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        """As the Protocol has it; the moment is the server's own."""
        self._documents.publish(site, by)

    def published(
        self, site: str, *, other_than: str = "", wait: timedelta = timedelta(0)
    ) -> Published | None:
        return self._documents.published(site, other_than, wait)

    def editions(self, site: str, *, limit: int = 50) -> Sequence[Published]:
        return self._documents.editions(site, limit)

    def sites(self) -> Mapping[str, str]:
        return self._documents.sites()

    def restore(self, site: str, edition: int, *, at: datetime, by: str = "") -> Published:
        """As the Protocol has it; the moment is the server's own."""
        return self._documents.restore(site, edition, by)

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        return self._page_views([view], deadline)[0]

    async def apage_view(
        self, view: PageView, *, deadline: float | None = None
    ) -> tuple[Assignment, ...]:
        """
        Like :meth:`page_view`, without blocking the event loop.

        The page views of one turn of the loop go in one request.
        """
        if self._turns is None:
            return await asyncio.to_thread(self.page_view, view, deadline=deadline)
        if not view.wanted:
            return self.page_view(view)
        try:
            return await self._turns.page_view(view, deadline=deadline)
        except StoreUnavailable:
            self._log_later([view])
            raise

    async def leave_loop(self) -> None:
        """Give back the connections of the event loop that this runs in; the client goes on."""
        if self._turns:
            await self._turns.leave_loop()

    def page_views(self, views: Sequence[PageView]) -> Sequence[tuple[Assignment, ...]]:
        return self._page_views(views, None)

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        self._sender.put([sign_item(each) for each in signs])

    def release(self, site: str, session: str, *, at: datetime) -> int:
        self._sender.flush(wait=_FLUSH_WAIT)
        path = path_of(site, "sessions", session, "release")
        answer = self._tracker.ask(Question(method="POST", path=path, body=dump({"at": at})))
        return self._tracker.value(Released, answer).released

    def promo_code(self, wanted: PromoWanted, *, deadline: float | None = None) -> str:
        question = Question(method="POST", path="/v1/promo-codes", body=dump(wanted))
        answer = self._tracker.ask(question, deadline=deadline)
        return self._tracker.value(Issued, answer).code

    def promo(self, site: str, code: str) -> PromoVisit | None:
        self._sender.flush(wait=_FLUSH_WAIT)
        plain = read_code(code)
        try:
            return self._tracker.get(PromoVisit, path_of(site, "promo-codes", plain))
        except NothingThere:
            return None

    def take_call(self, event: CallEvent) -> Call:
        """
        As the Protocol has it.

        While the server does not answer, the call comes back without its attribution: the event is
        on this machine's disk, and will be attributed when it is sent.
        """
        item = call_item(event)
        [question] = questions([item])
        self._sender.flush(wait=_CALL_FLUSH_WAIT)
        try:
            answer = self._tracker.ask(replace(question, patience=_CALL_PATIENCE))
            return self._tracker.value(Call, answer)
        except (TrackerUnavailable, NotPublished) as exc:
            logger.warning("A call event of %s is kept until it can be sent: %s", event.site, exc)
            return self._kept(event, item)

    def calls(self, site: str, *, limit: int = 50, after: str = "") -> Sequence[Call]:
        self._sender.flush(wait=_FLUSH_WAIT)
        found: list[Call] = []
        while len(found) < limit:
            asked = min(limit - len(found), _LARGEST_PAGE)
            query = {"limit": asked, "after": found[-1].id if found else after}
            page = self._tracker.get(Calls, path_of(site, "calls"), query).items
            found += page
            if len(page) < asked:
                break
        return found

    def prove(self, proof: Proof) -> Call:
        self._sender.flush(wait=_FLUSH_WAIT)
        path = path_of(proof.site, "calls", proof.call, "proofs")
        answer = self._tracker.ask(Question(method="POST", path=path, body=dump(proof)))
        return self._tracker.value(Call, answer)

    def rescore(
        self, site: str, calls: Sequence[str], *, at: datetime, is_dry: bool = False
    ) -> Sequence[Rescored]:
        """As the Protocol has it; the moment is the server's own."""
        self._sender.flush(wait=_FLUSH_WAIT)
        done: list[Rescored] = []
        for first in range(0, len(calls), _RESCORED_AT_ONCE):
            asked = {"calls": calls[first : first + _RESCORED_AT_ONCE], "is_dry": is_dry}
            question = Question(method="POST", path=path_of(site, "rescore"), body=dump(asked))
            done += self._tracker.value(RescoredCalls, self._tracker.ask(question)).items
        return done

    def rescore_due(self, *, at: datetime, limit: int = 50) -> int:
        """0: the tracking server does that itself."""
        return 0

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        self._sender.flush(wait=_FLUSH_WAIT)
        query = {"limit": min(limit, _LARGEST_PAGE)}
        path = path_of(site, "numbers", number, "leases")
        return list(self._tracker.get(Leases, path, query).items)

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        """As the Protocol has it, by the document that is in force at the server."""
        self._sender.flush(wait=_FLUSH_WAIT)
        query = {"at": at.isoformat()}
        return list(self._tracker.get(PoolStates, path_of(site.key, "pools"), query).items)

    def demand(self, site: Site, *, since: datetime) -> SiteDemand:
        """As the Protocol has it, by the document that is in force at the server."""
        self._sender.flush(wait=_FLUSH_WAIT)
        asked = f"{path_of(site.key, 'demand')}?{urlencode({'since': since.isoformat()})}"
        question = Question(method="GET", path=asked, patience=_HISTORY_PATIENCE)
        return self._tracker.value(SiteDemand, self._tracker.ask(question))

    def report(self, query: ReportQuery, *, step: Step | None = None) -> Report:
        """As the Protocol has it; the server does not tell how far it came."""
        self._sender.flush(wait=_FLUSH_WAIT)
        return ask_report(self._tracker, query)

    def missed(self, site: str, *, since: datetime, until: datetime) -> MissedCalls:
        self._sender.flush(wait=_FLUSH_WAIT)
        return ask_missed(self._tracker, site, since, until)

    def service(
        self, site: Site, *, since: datetime, until: datetime, at: datetime
    ) -> ServiceReport:
        """As the Protocol has it, by the document that is in force at the server."""
        self._sender.flush(wait=_FLUSH_WAIT)
        return ask_service(self._tracker, site.key, since, until, at)

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        self._sender.flush(wait=_FLUSH_WAIT)
        try:
            return self._tracker.get(VisitorRecord, path_of(site, "visitors", visitor))
        except NothingThere:
            return None

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        """As the Protocol has it, and in what waits on this machine's disk; not on other doors'."""
        self._sender.flush(wait=_FLUSH_WAIT)
        if any(self._spool.forget(site, word) for word in (visitor, caller) if word):
            raise TrackerUnavailable("Calls still wait here to be sent: forget when they are.")
        body = dump({"visitor": visitor, "caller": caller, "at": at})
        # Not in the path: a caller's number would stand in every access log on the way.
        question = Question(method="POST", path=path_of(site, "forget"), body=body)
        return self._tracker.value(Forgotten, self._tracker.ask(question))

    def purge(self, site: Site, *, at: datetime, every: timedelta = timedelta(0)) -> Purged | None:
        """None: the tracking server does that itself."""
        return None

    def secret(self) -> bytes:
        try:
            secret = self._tracker.get(Secret, "/v1/secret").secret
        except TrackerUnavailable as exc:
            kept = self._tracker.state.secret()
            if kept is None:
                raise
            logger.warning("The secret that was kept signs the cookies: %s", exc)
            return kept
        self._tracker.state.keep_secret(secret)
        return secret

    def close(self) -> None:
        self._sender.close(wait=_CLOSE_WAIT)
        self._spool.close()

    def _page_views(
        self, views: Sequence[PageView], deadline: float | None
    ) -> Sequence[tuple[Assignment, ...]]:
        if not any(view.wanted for view in views):
            self._sender.put([view_item(each) for each in views])
            return [()] * len(views)
        question = Question(method="POST", path="/v1/page-views", body=dump({"views": views}))
        try:
            answer = self._tracker.ask(question, deadline=deadline)
            assigned = self._tracker.value(Assignments, answer).assignments
            if len(assigned) != len(views):
                raise Refused(f"{self._tracker.name} answered for other page views.")
        except StoreUnavailable:
            self._log_later(views)
            raise
        return assigned

    def _log_later(self, views: Sequence[PageView]) -> None:
        """The visitors see no numbers, and were here all the same."""
        self._sender.put([view_item(each) for each in views if each.is_load])

    def _deliver(self, items: Sequence[Item]) -> None:
        for question in questions(items):
            self._tracker.ask(question)

    def _kept(self, event: CallEvent, item: Item) -> Call:
        known = self._spool.like(item)
        if known and not is_repetition(event_of(known), event):
            raise RepeatedEvent(event.event_id)
        self._sender.keep(item)
        because = "The tracking server does not answer: the call is kept here, and sent later."
        return replace(call_of([event]), attribution=Attribution(method="none", because=because))


def _turns(address: Address, breaker: Breaker) -> Turns | None:
    """None where there is no aiohttp: then event loops ask from threads."""
    try:
        from callgraft.client.remote.turns import Turns
    except ImportError:
        return None
    return Turns(address, breaker)
