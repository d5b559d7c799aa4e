"""A client that passes everything on; whatever stands before a client begins with this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from callgraft.client.protocol import TrackingClient
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


class PassingClient:
    """A ``TrackingClient`` that asks another one, and adds nothing."""

    def __init__(self, client: TrackingClient) -> None:
        self._client = client

    def publish(self, site: Site, *, at: datetime, by: str = "") -> None:
        self._client.publish(site, at=at, by=by)

    def published(
        self, site: str, *, other_than: str = "", wait: timedelta = timedelta(0)
    ) -> Published | None:
        return self._client.published(site, other_than=other_than, wait=wait)

    def editions(self, site: str, *, limit: int = 50) -> Sequence[Published]:
        return self._client.editions(site, limit=limit)

    def sites(self) -> Mapping[str, str]:
        return self._client.sites()

    def restore(self, site: str, edition: int, *, at: datetime, by: str = "") -> Published:
        return self._client.restore(site, edition, at=at, by=by)

    def page_view(self, view: PageView, *, deadline: float | None = None) -> tuple[Assignment, ...]:
        return self._client.page_view(view, deadline=deadline)

    def page_views(self, views: Sequence[PageView]) -> Sequence[tuple[Assignment, ...]]:
        return self._client.page_views(views)

    def take_signs(self, signs: Sequence[SessionSign]) -> None:
        self._client.take_signs(signs)

    def release(self, site: str, session: str, *, at: datetime) -> int:
        return self._client.release(site, session, at=at)

    def promo_code(self, wanted: PromoWanted, *, deadline: float | None = None) -> str:
        return self._client.promo_code(wanted, deadline=deadline)

    def promo(self, site: str, code: str) -> PromoVisit | None:
        return self._client.promo(site, code)

    def take_call(self, event: CallEvent) -> Call:
        return self._client.take_call(event)

    def calls(self, site: str, *, limit: int = 50, after: str = "") -> Sequence[Call]:
        return self._client.calls(site, limit=limit, after=after)

    def prove(self, proof: Proof) -> Call:
        return self._client.prove(proof)

    def rescore(
        self, site: str, calls: Sequence[str], *, at: datetime, is_dry: bool = False
    ) -> Sequence[Rescored]:
        return self._client.rescore(site, calls, at=at, is_dry=is_dry)

    def rescore_due(self, *, at: datetime, limit: int = 50) -> int:
        return self._client.rescore_due(at=at, limit=limit)

    def number_history(self, site: str, number: str, *, limit: int = 48) -> Sequence[Lease]:
        return self._client.number_history(site, number, limit=limit)

    def pool_states(self, site: Site, *, at: datetime) -> Sequence[PoolState]:
        return self._client.pool_states(site, at=at)

    def demand(self, site: Site, *, since: datetime) -> SiteDemand:
        return self._client.demand(site, since=since)

    def report(self, query: ReportQuery, *, step: Step | None = None) -> Report:
        return self._client.report(query, step=step)

    def missed(self, site: str, *, since: datetime, until: datetime) -> MissedCalls:
        return self._client.missed(site, since=since, until=until)

    def service(
        self, site: Site, *, since: datetime, until: datetime, at: datetime
    ) -> ServiceReport:
        return self._client.service(site, since=since, until=until, at=at)

    def visitor_record(self, site: str, visitor: str) -> VisitorRecord | None:
        return self._client.visitor_record(site, visitor)

    def forget(self, site: str, *, visitor: str = "", caller: str = "", at: datetime) -> Forgotten:
        return self._client.forget(site, visitor=visitor, caller=caller, at=at)

    def purge(self, site: Site, *, at: datetime, every: timedelta = timedelta(0)) -> Purged | None:
        return self._client.purge(site, at=at, every=every)

    def secret(self) -> bytes:
        return self._client.secret()

    def close(self) -> None:
        self._client.close()
