"""The engine: the order of the steps, and the one place that fails open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from callgraft import endpoints
from callgraft.asking import Answer, Asking
from callgraft.beside import beside
from callgraft.budget import Budget, Job, StoreResting
from callgraft.client.protocol import TrackingClient
from callgraft.config import Settings
from callgraft.eligible import why_not
from callgraft.errors import CallgraftError, StoreUnavailable
from callgraft.finish import finish
from callgraft.following import Following
from callgraft.geo import GeoDatabase
from callgraft.housekeeping import Housekeeping
from callgraft.in_force import InForce
from callgraft.late_seal import LateSeal
from callgraft.listening import Listening
from callgraft.page import Head, Page
from callgraft.preparation import Clicked, Preparation, Prepared
from callgraft.referrers import Referrers
from callgraft.revealing import Revealing
from callgraft.site import Site
from callgraft.sites import Sites
from callgraft.tracking.values import Assignment
from callgraft.unlisted import Unlisted
from callgraft.visit import Visit

logger = logging.getLogger(__name__)

FOLLOW_EVERY = timedelta(seconds=1)
"""How often a door looks for what was published: it is promised to follow within two seconds."""


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
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings = settings or Settings()
        self.client = client
        self._sites = sites
        self._budget = Budget(self.settings.budget)
        seal = self._seal = LateSeal(secrets)
        self._preparation = Preparation(self.settings, seal, geo=geo, referrers=referrers)
        self._listening = Listening(
            seal, lambda visit, sign: self._aside(visit, lambda: self.client.take_signs([sign]))
        )
        self._revealing = Revealing(seal, self._preparation, self._listening, self._clicked)
        self._in_force = InForce(client, sites, environ)
        self._asking = Asking(client, self._in_force)
        self._housekeeping = Housekeeping(client)
        self._following = Following(self._keep_up, every=FOLLOW_EVERY)
        self._is_ready = False
        self._told = ""
        self._unlisted = Unlisted()
        with contextlib.suppress(StoreUnavailable):  # then ``make_ready`` will tell
            self._learn_secret()

    def make_ready(self, *, at: datetime) -> None:
        """
        Bring documents into force and do what the first page would have to wait for.

        :raises StoreUnavailable: the tracking store does not answer.
        :raises SetupError: the store does not take a document.
        """
        self._learn_secret()
        for site in self._sites.known():
            self._in_force.ensure(site, at=at)
        self._in_force.follow(at=at)
        for site in self._in_force.known():
            self._preparation.make_ready(site, at=at)
        self._is_ready = True

    def follow(self) -> None:
        """
        Follow the newest documents from now on, until the engine is closed.

        Where the store did not answer yet, the engine gets ready as soon as it does.
        """
        self._following.start()

    def wants(self, head: Head, visit: Visit) -> bool:
        """Whether this response is a page of ours or listed beside, told by its head alone."""
        site = self._site_of(visit)
        if site is None:
            return False
        return not why_not(head, visit, max_body=self.settings.max_body, site=site)

    def needs_whole(self, visit: Visit) -> bool:
        """
        Whether a door must take :data:`CONDITIONAL_FIELDS` out of the request.

        A 304 to somebody who opens a page would bring back what the browser kept: a page from
        before Callgraft came, or one that had to go out with its original number.
        """
        if visit.method != "GET" or "text/html" not in (visit.header("accept") or ""):
            return False
        return self._site_of(visit) is not None

    def swap(self, visit: Visit, page: Page) -> Page:
        """Return the page with this visitor's numbers, or as it came when anything goes wrong."""
        with self._failing_open(visit):
            prepared = self._prepare(visit, page)
            answer = self._known(prepared)
            with self._without_the_store(visit):
                if answer is None:
                    answer = self._budget.run(self._job(prepared))
            return self._shown(prepared, answer)
        return page

    async def aswap(self, visit: Visit, page: Page) -> Page:
        """Like :meth:`swap`, without blocking the event loop."""
        with self._failing_open(visit):
            prepared = await beside(page, lambda: self._prepare(visit, page))
            answer = self._known(prepared)
            with self._without_the_store(visit):
                if answer is None:
                    answer = await self._asked(prepared)
            return await beside(page, lambda: self._shown(prepared, answer))
        return page

    def owns(self, visit: Visit) -> bool:
        """
        Whether the request is for the engine itself and must not reach the site.

        On any host: a call event that came under a wrong name must not get lost at the site.
        """
        return visit.path.startswith(endpoints.PREFIX)

    def answer(self, visit: Visit, body: bytes) -> Page:
        """Answer a request that the engine :meth:`owns`: call events, beacons, health."""
        site = self._site_of(visit)
        if site is None:
            return endpoints.nobodys(visit)
        work = endpoints.Work(
            take_call=lambda event: self._asking.take_call(site, event),
            hear=self._listening.answer,
            reveal=self._revealing.answer,
        )
        return endpoints.answer(site, work, visit, body)

    async def aanswer(self, visit: Visit, body: bytes) -> Page:
        """Like :meth:`answer`, without blocking the event loop."""
        return await asyncio.to_thread(self.answer, visit, body)

    async def leave_loop(self) -> None:
        """Give back the connections of the event loop that this runs in, and that is to end."""
        await self._asking.leave_loop()

    def close(self) -> None:
        """Finish what is under way and give back connections."""
        self._following.stop()
        self._budget.close()
        self.client.close()

    def _site_of(self, visit: Visit) -> Site | None:
        self._following.go_on()
        site = self._in_force.for_host(visit.host, at=visit.received_at)
        if site is None:
            self._unlisted.tell(visit.host)
        return site

    def _learn_secret(self) -> None:
        if not self._seal.is_ready:
            self._seal.bring((self.client.secret(),))

    def _keep_up(self) -> None:
        """Done every second beside the pages."""
        at = datetime.now(UTC)
        try:
            if self._is_ready:
                self._in_force.follow(at=at)
                self._housekeeping.look(self._in_force.known(), at=at)
                self._rescore(at)
            else:
                self.make_ready(at=at)
                logger.warning("The tracking store answers: visitors get their numbers.")
        except StoreUnavailable as exc:
            logger.debug("What was published since is not known: %s", exc)
        except CallgraftError as exc:
            if str(exc) != self._told:
                self._told = str(exc)
                logger.error("The Site documents cannot be followed: %s", exc)

    def _rescore(self, at: datetime) -> None:
        try:
            self.client.rescore_due(at=at)
        except CallgraftError:
            raise
        except Exception:
            # A mistake of ours in one call must not end the following of documents.
            logger.exception("Calls of which something came to light wait.")

    def _prepare(self, visit: Visit, page: Page) -> Prepared:
        site = self._site_of(visit)
        if site is None:
            raise LookupError(f"No site lists the host {visit.host!r}.")
        return self._preparation.prepare(site, visit, page)

    def _known(self, prepared: Prepared) -> Answer | None:
        """
        What needs nobody to wait: None when the store has to be asked.

        A page view that needs no number is recorded while the page goes out.
        """
        code = self._asking.recall_code(prepared.code)
        if code is None:
            return None
        view = prepared.view
        if view is None:
            return Answer(code=code)
        known = self._asking.recall(view)
        if known is None and not view.wanted:
            site = prepared.site
            self._aside(prepared.visit, lambda: self._asking.page_view(site, view, None))
            return Answer(code=code)
        return None if known is None else Answer(known, code)

    def _job(self, prepared: Prepared) -> Job[Answer]:
        """The question to the store that the page has to wait for."""
        site, view, code = prepared.site, prepared.view, prepared.code
        return lambda deadline: self._asking.answer(site, view, code, deadline)

    async def _asked(self, prepared: Prepared) -> Answer:
        site, view, code = prepared.site, prepared.view, prepared.code
        known = self._asking.recall_code(code)
        if view is None or known is None or not self._asking.is_async:
            # Also for a promo code, once a session: nothing asks for that without a thread.
            return await self._budget.arun(self._job(prepared))
        numbers = await self._budget.arun_here(
            lambda deadline: self._asking.apage_view(site, view, deadline)
        )
        return Answer(numbers, known)

    def _clicked(self, site: Site, visit: Visit, clicked: Clicked) -> tuple[Assignment, ...]:
        """The number that a click takes; nothing while the store does not answer."""
        view = clicked.view
        with self._failing_open(visit), self._without_the_store(visit):
            return self._budget.run(
                lambda deadline: self._asking.answer(site, view, None, deadline).numbers
            )
        return ()

    def _shown(self, prepared: Prepared, answer: Answer | None) -> Page:
        """The page with its numbers; None: the store did not tell them."""
        if answer is None:
            answer = self._asking.in_need(prepared.view, prepared.code)
        return finish(prepared, answer)

    def _aside(self, visit: Visit, job: Callable[[], object]) -> None:
        """Do the job while nobody waits for it; when it fails, a small thing is lost."""

        def guarded() -> None:
            with self._failing_open(visit), self._without_the_store(visit):
                job()

        with self._failing_open(visit), self._without_the_store(visit):
            self._budget.post(guarded)

    @contextmanager
    def _without_the_store(self, visit: Visit) -> Iterator[None]:
        """
        Go on without the store when it fails: with what is remembered, overflow numbers, originals.

        The visitor keeps the cookie with the first touch, and no cache keeps the page.
        """
        try:
            yield
        except StoreUnavailable as exc:
            # A resting store was told of when its rest began, and is when it ends.
            level = logging.DEBUG if isinstance(exc, StoreResting) else logging.WARNING
            logger.log(level, "%s%s goes on without the store: %s", visit.host, visit.path, exc)
            if self.settings.strict:
                raise

    @contextmanager
    def _failing_open(self, visit: Visit) -> Iterator[None]:
        """The one place that catches everything."""
        try:
            yield
        except CallgraftError as exc:
            logger.warning("%s%s goes out unchanged: %s", visit.host, visit.path, exc)
            if self.settings.strict:
                raise
        except Exception:
            # A page with its own number is a lost data point; a 500 is a lost customer.
            logger.exception("%s%s goes out unchanged.", visit.host, visit.path)
            if self.settings.strict:
                raise
