"""A client that remembers leases: most page views of a session ask no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from callgraft.client.journal_later import JournalLater
from callgraft.client.passing import PassingClient
from callgraft.client.protocol import AsyncTrackingClient, TrackingClient
from callgraft.client.remembered import Remembered
from callgraft.client.remembered_codes import RememberedCodes
from callgraft.site import Site
from callgraft.sizing.history import SiteDemand
from callgraft.stores.protocol import Published
from callgraft.tracking.promo_values import PromoVisit, PromoWanted
from callgraft.tracking.publishing import version_of
from callgraft.tracking.records import Forgotten, VisitorRecord
from callgraft.tracking.rescoring import Rescored
from callgraft.tracking.values import (
    Assignment,
    Call,
    CallEvent,
    Lease,
    PageView,
    PoolState,
    Proof,
    SessionSign,
    Shown,
    Wanted,
)


class CachedClient(PassingClient):
    """
    Asks another client, and answers what it was told less than a moment ago from memory.

    The moment is a tenth of the pool's hold, a minute at most (``remembered_for``). So late a lease
    may be renewed: the number is guaranteed for nine tenths of the hold after a page view. And so
    late it may be seen that another process ended a lease. Two sessions show one number for all
    that at no time: what is answered from memory is held in the store for as long again, a number
    that a document takes from its pool rests until its hold is over, and one that a session gives
    back rests for that moment. When a document changes, everything is forgotten.

    Page views that need no number, or one that is remembered, and signs of life are written within
    a second, together. A process that is killed loses those of its last second, and nothing else:
    no lease, no call. They are written before a call event is taken here; what other processes have
    not written yet, the call cannot know.
    """

    def __init__(self, client: TrackingClient) -> None:
        super().__init__(client)
        self.is_async = getattr(client, "is_async", False)
        self._remembered = Remembered()
        self._codes = RememberedCodes()
        self._versions: dict[str, str] = {}
        self._later = JournalLater(self._write)

    def recall(self, view: PageView) -> tuple[Assignment, ...] | None:
        """Answer without the store, and log the page view; None where the store must be asked."""
        known = self._remembered.recall(view) if view.wanted else ()
        if known is not None and view.is_load:
            self._later.add(view)
        return known

    def in_need(self, view: PageView) -> tuple[Assignment, ...]:
        """
        Answer while the store does not: the numbers that are the session's own, or overflow ones.

        The page view is logged when the store answers again.
        """
        if view.is_load:
            self._later.add(view)
        return tuple(
            self._remembered.held(view, wanted) or _instead(wanted) for wanted in view.wanted
        )

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        known = self.recall(view)
        if known is not None:
            return known
        epoch = self._remembered.epoch
        assigned = self._client.page_view(view, deadline=deadline)
        self._remembered.keep(view, assigned, epoch=epoch)
        return assigned

    async def apage_view(
        self, view: PageView, *, deadline: float | None = None
    ) -> tuple[Assignment, ...]:
        """Like :meth:`page_view`, for a client that :attr:`is_async`."""
        known = self.recall(view)
        if known is not None:
            return known
        epoch = self._remembered.epoch
        client = cast("AsyncTrackingClient", self._client)
        assigned = await client.apage_view(view, deadline=deadline)
        self._remembered.keep(view, assigned, epoch=epoch)
        return assigned

    async def leave_loop(self) -> None:
        """Give back the connections of the event loop that this runs in."""
        if self.is_async:
            await cast("AsyncTrackingClient", self._client).leave_loop()

    def page_views(self, views: Sequence[PageView]) -> Sequence[tuple[Assignment, ...]]:
        epoch = self._remembered.epoch
        answers = self._client.page_views(views)
        for view, assigned in zip(views, answers, strict=True):
            self._remembered.keep(view, assigned, epoch=epoch)
        return answers

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        """Keep them within a second; a session's page views that wait go before its signs."""
        self._later.add(*signs)

    def recall_code(self, wanted: PromoWanted) -> str:
        """The session's promo code without the store; empty where that must be asked."""
        return self._codes.recall(wanted)

    def promo_code(self, wanted: PromoWanted, *, deadline: float | None = None) -> str:
        known = self.recall_code(wanted)
        if known:
            return known
        code = super().promo_code(wanted, deadline=deadline)
        self._codes.keep(wanted, code)
        return code

    def promo(self, site: str, code: str) -> PromoVisit | None:
        self._later.flush()
        return super().promo(site, code)

    def take_call(self, event: CallEvent) -> Call:
        # What the caller looked at a moment ago is what the call is attributed by.
        self._later.flush()
        return super().take_call(event)

    def prove(self, proof: Proof) -> Call:
        self._later.flush()
        return super().prove(proof)

    def rescore(
        self, site: str, calls: Sequence[str], *, at: datetime, is_dry: bool = False
    ) -> Sequence[Rescored]:
        self._later.flush()
        return super().rescore(site, calls, at=at, is_dry=is_dry)

    def release(self, site: str, session: str, *, at: datetime) -> int:
        self._remembered.forget(site, session)
        ended = super().release(site, session, at=at)
        self._remembered.forget(site, session)
        return ended

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        self._later.flush()  # who asks finds what was told here before
        return super().number_history(site, number, limit=limit)

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        self._later.flush()
        return super().pool_states(site, at=at)

    def demand(self, site: Site, *, since: datetime) -> SiteDemand:
        self._later.flush()
        return super().demand(site, since=since)

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        self._later.flush()
        return super().visitor_record(site, visitor)

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        self._later.flush()  # or what waits would bring back who is forgotten
        forgotten = super().forget(site, visitor=visitor, caller=caller, at=at)
        self._remembered.forget_all()
        self._codes.forget_all()
        return forgotten

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        super().publish(site, at=at, by=by)
        self._versions[site.key] = version_of(site)
        self._remembered.forget_all()

    def restore(self, site: str, edition: int, *, at: datetime, by: str = "") -> Published:
        restored = super().restore(site, edition, at=at, by=by)
        self._see(site, restored.version)
        return restored

    def published(
        self, site: str, *, other_than: str = "", wait: timedelta = timedelta(0)
    ) -> Published | None:
        found = super().published(site, other_than=other_than, wait=wait)
        if found:
            self._see(site, found.version)
        return found

    def sites(self) -> Mapping[str, str]:
        found = super().sites()
        for site, version in found.items():
            self._see(site, version)
        return found

    def close(self) -> None:
        self._later.close()
        super().close()

    def _see(self, site: str, version: str) -> None:
        """Forget all leases when another document is in force than before: it may retire some."""
        if self._versions.get(site) != version:
            self._versions[site] = version
            self._remembered.forget_all()

    def _write(self, views: Sequence[PageView], signs: Sequence[SessionSign]) -> None:
        if views:
            self._client.page_views(views)
        if signs:
            self._client.take_signs(signs)


def _instead(wanted: Wanted) -> Assignment:
    """The overflow number: who calls it came from the pool's source, whoever it is."""
    shown = Shown.ORIGINAL if wanted.overflow is None else Shown.OVERFLOW
    return Assignment(target=wanted.target, shown=shown, number=wanted.overflow, pool=wanted.pool)
