"""The shared client: the same object whether the tracking engine is in this process or far away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from callgraft.site import Site
from callgraft.sizing.history import SiteDemand
from callgraft.stores.protocol import Published
from callgraft.tracking.promo_values import PromoVisit, PromoWanted
from callgraft.tracking.records import Forgotten, Purged, VisitorRecord
from callgraft.tracking.reports import MissedCalls, Report, ReportQuery, ServiceReport
from callgraft.tracking.reports.reading import Step
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
)


class TrackingClient(Protocol):
    """
    What a door's engine asks of tracking. All methods block; each is safe from several threads.

    :raises StoreUnavailable: from any method, when the store does not answer.
    """

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        """
        Make ``site`` the document in force; publishing the version in force changes nothing.

        :param by: who does it, for the record: a person, a door.
        """
        ...

    def published(
        self, site: str, *, other_than: str = "", wait: timedelta = timedelta(0)
    ) -> Published | None:
        """
        The document in force, None where there is none.

        :param other_than: a version that is known; then the answer waits, at most so long, until
            another one is in force, and is None if none is.
        """
        ...

    def editions(self, site: str, *, limit: int = 50) -> Sequence[Published]:
        """What was published, newest first."""
        ...

    def sites(self) -> Mapping[str, str]:
        """The sites that have a document in force, each with its version; by key."""
        ...

    def restore(self, site: str, edition: int, *, at: datetime, by: str = "") -> Published:
        """
        Publish an older edition anew, and return it as it is in force now.

        :raises NotPublished: the site has no such edition.
        :raises SiteErrors: this version of Callgraft cannot read it any more.
        """
        ...

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        """
        Record one page view and give each wanted target its number, in one transaction.

        After ``deadline``, a moment of ``time.monotonic()``, nobody waits for the answer any more:
        then nothing is recorded and nothing leased, because nobody saw a number.

        :raises NotPublished: nobody has published the site in this store.

        A session keeps its number of a pool; two sessions never hold one number at one time.
        A pool with no number to give answers with its overflow number, or with the original.
        """
        ...

    def page_views(self, views: Sequence[PageView]) -> Sequence[tuple[Assignment, ...]]:
        """The same for several, of any sites, in one transaction and in their order."""
        ...

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        """
        Keep what sessions told of themselves; repeats change nothing, unknown sessions are left.

        Their open leases are renewed by it, provisional ones are held from then on.
        """
        ...

    def release(self, site: str, session: str, *, at: datetime) -> int:
        """End the session's leases, and return how many: it is over, its numbers may be reused."""
        ...

    def promo_code(self, wanted: PromoWanted, *, deadline: float | None = None) -> str:
        """
        The session's promo code, issued with its first page that shows one.

        :raises StoreUnavailable: also when it could not be told by ``deadline``, as `page_view`.
        """
        ...

    def promo(self, site: str, code: str) -> PromoVisit | None:
        """
        Whose code it is, None when nobody's; spaces and hyphens in it do not count.

        :raises MistypedCode: no code looks so, its check digit does not fit.
        """
        ...

    def take_call(self, event: CallEvent) -> Call:
        """Keep the event and return its call, attributed; repeats and any order give one call."""
        ...

    def calls(self, site: str, *, limit: int = 50, after: str = "") -> Sequence[Call]:
        """
        The newest calls first.

        :param after: the id of a call; then only those that come behind it in this order.
        """
        ...

    def prove(self, proof: Proof) -> Call:
        """
        Keep what is known of who made a call, and return the call, attributed by it.

        The same proof again changes nothing, and proofs in any order give the same call.

        :raises UnknownCall: the site has no such call.
        """
        ...

    def rescore(
        self, site: str, calls: Sequence[str], *, at: datetime, is_dry: bool = False
    ) -> Sequence[Rescored]:
        """
        Attribute these calls anew, by the weights in force; calls that are gone are left out.

        Ask for the oldest first: a call is weighed beside those before it.

        :param is_dry: tell what would come of it, and change nothing.
        """
        ...

    def rescore_due(self, *, at: datetime, limit: int = 50) -> int:
        """Attribute again the calls of which something came to light; how many these were."""
        ...

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        """Who held a tracking number, newest first."""
        ...

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        """Occupancy of each pool."""
        ...

    def demand(self, site: Site, *, since: datetime) -> SiteDemand:
        """
        What was asked of each pool in the 24 hours from ``since`` on: when sessions began, how
        long they lasted, and how soon after their last sign of life they rang.
        """
        ...

    def report(self, query: ReportQuery, *, step: Step | None = None) -> Report:
        """
        Calls of a period by where they came from, as sums of probabilities.

        :param step: is told how far it came, where that is known.
        """
        ...

    def missed(self, site: str, *, since: datetime, until: datetime) -> MissedCalls:
        """The phones whose calls were missed in a period, and not answered since."""
        ...

    def service(
        self, site: Site, *, since: datetime, until: datetime, at: datetime
    ) -> ServiceReport:
        """
        Coverage and accuracy of a period, and what is wrong right now.

        :param at: now.
        """
        ...

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        """All that is known of the visitor, None when that is nothing."""
        ...

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        """
        Delete what is known of a visitor, or of a caller (E.164), for good.

        Leases go over to nobody, and calls stay with their source.
        """
        ...

    def purge(self, site: Site, *, at: datetime, every: timedelta = timedelta(0)) -> Purged | None:
        """
        Delete what the site may keep no longer, in small transactions.

        :param every: do nothing, and return None, where somebody did so within this time.
        """
        ...

    def secret(self) -> bytes:
        """The installation's own secret, made once and kept in the store; it signs cookies."""
        ...

    def close(self) -> None:
        """Give back connections; the client cannot be used afterwards."""
        ...


class AsyncTrackingClient(TrackingClient, Protocol):
    """A client that asks for numbers without a thread that waits, where ``is_async`` says so."""

    is_async: bool

    async def apage_view(
        self, view: PageView, *, deadline: float | None = None
    ) -> tuple[Assignment, ...]:
        """Like ``page_view``, without blocking the event loop."""
        ...

    async def leave_loop(self) -> None:
        """Give back the connections of the event loop that this runs in."""
        ...
