"""The engine: the order of the steps, and the one place that fails open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from callgraft import encoding, endpoints
from callgraft.budget import Budget, StoreResting
from callgraft.client.protocol import TrackingClient
from callgraft.config import Settings
from callgraft.eligible import why_not
from callgraft.errors import StoreUnavailable
from callgraft.finish import finish
from callgraft.geo import GeoDatabase
from callgraft.identity import Seal
from callgraft.page import Head, Page
from callgraft.preparation import Preparation, Prepared
from callgraft.referrers import Referrers
from callgraft.site import Site
from callgraft.sites import Sites
from callgraft.tracking.values import Assignment, Call, CallEvent, PageView
from callgraft.visit import Visit

logger = logging.getLogger(__name__)
T = TypeVar("T")
Assigned = tuple[Assignment, ...]

_LARGE = 128 * 1024
"""Above this many bytes a page is worked on beside the event loop, not in it."""


class Engine:
    """
    Gives every visitor of the sites a number of their own.

    A door asks :meth:`wants` for every response, and :meth:`swap` (or :meth:`aswap`) for those that
    it wants, with the whole body. Paths below ``/.callgraft/`` are the engine's own: a door that
    :meth:`owns` one passes the request to :meth:`answer`. Safe from several threads.
    """

    def __init__(
        self,
        sites: Sites,
        client: TrackingClient,
        *,
        settings: Settings | None = None,
        geo: GeoDatabase | None = None,
        referrers: Referrers | None = None,
        secrets: tuple[bytes, ...] = (),
    ) -> None:
        self.settings = settings or Settings()
        self.client = client
        self._sites = sites
        self._budget = Budget(self.settings.budget)
        seal = Seal(secrets or (client.secret(),))
        self._preparation = Preparation(self.settings, seal, geo=geo, referrers=referrers)
        self._published: dict[str, str] = {}

    def make_ready(self, *, at: datetime) -> None:
        """
        Publish the documents in force and do what the first page would have to wait for.

        :raises StoreUnavailable: the tracking store does not answer.
        """
        for site in self._sites.known():
            self._publish(site, at=at)
            self._preparation.make_ready(site, at=at)

    def wants(self, head: Head, visit: Visit) -> bool:
        """Whether this response is a page of ours or listed beside, told by its head alone."""
        site = self._site_of(visit)
        if site is None:
            return False
        return not why_not(head, visit, max_body=self.settings.max_body, site=site)

    def swap(self, visit: Visit, page: Page) -> Page:
        """Return the page with this visitor's numbers, or as it came when anything goes wrong."""
        with self._failing_open(visit):
            prepared = self._prepare(visit, page)
            job = self._job(prepared)
            assigned = self._budget.run(job) if job else self._record(prepared)
            return finish(prepared, assigned)
        return page

    async def aswap(self, visit: Visit, page: Page) -> Page:
        """Like :meth:`swap`, without blocking the event loop."""
        with self._failing_open(visit):
            prepared = await _beside(len(page.body), lambda: self._prepare(visit, page))
            job = self._job(prepared)
            assigned = await self._budget.arun(job) if job else self._record(prepared)
            return await _beside(len(page.body), lambda: finish(prepared, assigned))
        return page

    def owns(self, visit: Visit) -> bool:
        """Whether the request is for the engine itself and must not reach the site."""
        return visit.path.startswith(endpoints.PREFIX) and self._site_of(visit) is not None

    def answer(self, visit: Visit, body: bytes) -> Page:
        """Answer a request that the engine :meth:`owns`: call events and health."""
        site = self._site_of(visit)
        if site is None:
            return endpoints.not_found(visit)
        return endpoints.answer(site, lambda event: self._take_call(site, event), visit, body)

    async def aanswer(self, visit: Visit, body: bytes) -> Page:
        """Like :meth:`answer`, without blocking the event loop."""
        return await asyncio.to_thread(self.answer, visit, body)

    def close(self) -> None:
        """Finish what is under way and give back connections."""
        self._budget.close()
        self.client.close()

    def _site_of(self, visit: Visit) -> Site | None:
        return self._sites.for_host(visit.host, at=visit.received_at)

    def _prepare(self, visit: Visit, page: Page) -> Prepared:
        site = self._site_of(visit)
        if site is None:
            raise LookupError(f"No site lists the host {visit.host!r}.")
        return self._preparation.prepare(site, visit, page)

    def _job(self, prepared: Prepared) -> Callable[[], Assigned] | None:
        """The question to the store that the page has to wait for, if there is one."""
        view = prepared.view
        if view is None or not view.wanted:
            return None
        return lambda: self._page_view(prepared.site, view)

    def _record(self, prepared: Prepared) -> Assigned:
        """Have the page view recorded; a page that needs no number does not wait for it."""
        view = prepared.view
        if view is not None:
            with self._failing_open(prepared.visit):
                self._budget.post(lambda: self._page_view_aside(prepared, view))
        return ()

    def _page_view_aside(self, prepared: Prepared, view: PageView) -> None:
        with self._failing_open(prepared.visit):
            self._page_view(prepared.site, view)

    def _page_view(self, site: Site, view: PageView) -> Assigned:
        self._publish(site, at=view.at)
        return self.client.page_view(view)

    def _take_call(self, site: Site, event: CallEvent) -> Call:
        self._publish(site, at=event.at)
        return self.client.take_call(event)

    def _publish(self, site: Site, *, at: datetime) -> None:
        """Tell the store of a document that it has not seen from this engine yet."""
        if self._published.get(site.key) != site.version:
            self.client.publish(site, at=at)
            self._published[site.key] = site.version

    @contextmanager
    def _failing_open(self, visit: Visit) -> Iterator[None]:
        """The one place that catches everything."""
        try:
            yield
        except StoreResting:
            logger.debug("%s%s goes out unchanged: the store rests.", visit.host, visit.path)
            if self.settings.strict:
                raise
        except (StoreUnavailable, encoding.BadEncoding) as exc:
            logger.warning("%s%s goes out unchanged: %s", visit.host, visit.path, exc)
            if self.settings.strict:
                raise
        except Exception:
            # A page with its own number is a lost data point; a 500 is a lost customer.
            logger.exception("%s%s goes out unchanged.", visit.host, visit.path)
            if self.settings.strict:
                raise


async def _beside(size: int, job: Callable[[], T]) -> T:
    """Do the job here when the page is small, beside the event loop when it is large."""
    return await asyncio.to_thread(job) if size > _LARGE else job()
