"""What the engine asks of tracking, and what it goes on with when nobody answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple

from callgraft.client.cached import CachedClient
from callgraft.client.protocol import TrackingClient
from callgraft.errors import NotPublished, StoreUnavailable
from callgraft.in_force import InForce
from callgraft.site import Site
from callgraft.tracking.promo_values import PromoWanted
from callgraft.tracking.values import Assignment, Call, CallEvent, PageView

Assigned = tuple[Assignment, ...]


class Answer(NamedTuple):
    """What a visitor is shown: numbers, and a promo code or none."""

    numbers: Assigned = ()
    code: str = ""


class Asking:
    """Asks a client about sites that it makes sure to be published."""

    def __init__(self, client: TrackingClient, in_force: InForce) -> None:
        self._client = client
        self._in_force = in_force
        self._memory = client if isinstance(client, CachedClient) else None

    def recall(self, view: PageView) -> Assigned | None:
        """The answer that needs nobody to wait; None where the store must be asked."""
        return self._memory.recall(view) if self._memory else None

    def recall_code(self, wanted: PromoWanted | None) -> str | None:
        """The promo code that needs nobody to wait; None where the store must be asked."""
        if wanted is None:
            return ""
        return (self._memory.recall_code(wanted) or None) if self._memory else None

    def in_need(self, view: PageView | None, code: PromoWanted | None) -> Answer:
        """What to show while the store does not answer: originals, where nothing is remembered."""
        numbers = self._memory.in_need(view) if self._memory and view else ()
        return Answer(numbers, self.recall_code(code) or "")

    def answer(
        self,
        site: Site,
        view: PageView | None,
        code: PromoWanted | None,
        deadline: float | None,
    ) -> Answer:
        """
        Ask the store for numbers and for the promo code.

        :raises CallgraftError: it does not answer, or does not take the site's document.
        """
        # Numbers first: who gets one can ring, with a code or without.
        numbers = self.page_view(site, view, deadline) if view else ()
        return Answer(numbers, self._client.promo_code(code, deadline=deadline) if code else "")

    def page_view(self, site: Site, view: PageView, deadline: float | None) -> Assigned:
        """
        Ask the store.

        :raises CallgraftError: it does not answer, or does not take the site's document.
        """
        self._in_force.ensure(site, at=view.at)
        try:
            return self._client.page_view(view, deadline=deadline)
        except NotPublished:
            # Somebody put an empty store in place of the one that we knew.
            self._in_force.publish(site, at=view.at)
            return self._client.page_view(view, deadline=deadline)

    @property
    def is_async(self) -> bool:
        """Whether an event loop asks without a thread that waits."""
        return self._memory is not None and self._memory.is_async

    async def apage_view(self, site: Site, view: PageView, deadline: float) -> Assigned:
        """Like :meth:`page_view`, of a client that :attr:`is_async`."""
        if self._memory is None:
            raise TypeError("This client has no page views for event loops.")
        if not self._in_force.serves(site):
            await asyncio.to_thread(self._in_force.ensure, site, at=view.at)
        try:
            return await self._memory.apage_view(view, deadline=deadline)
        except NotPublished:
            await asyncio.to_thread(self._in_force.publish, site, at=view.at)
            return await self._memory.apage_view(view, deadline=deadline)

    async def leave_loop(self) -> None:
        """Give back the connections of the event loop that this runs in."""
        if self._memory is not None:
            await self._memory.leave_loop()

    def take_call(self, site: Site, event: CallEvent) -> Call:
        """
        Tell of a call.

        :raises CallgraftError: it is not taken, and must be told again.
        """
        # A client that keeps call events takes this one without its server.
        with suppress(StoreUnavailable):
            self._in_force.ensure(site, at=event.at)
        return self._client.take_call(event)
