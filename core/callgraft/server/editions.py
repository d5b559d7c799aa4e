"""Waiting for the next edition of a site's document: one look for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from callgraft.errors import StoreUnavailable
from callgraft.server.work import Work, heeded


class Editions:
    """
    Looks every ``look_every`` which versions are in force, while somebody wants to know.

    However many wait, and for however many sites, they share each look, and none keeps a thread.

    :param closing: set when the server ends: nobody waits any longer then.
    """

    def __init__(self, work: Work, *, look_every: timedelta, closing: asyncio.Event) -> None:
        self._work = work
        self._look_every = look_every.total_seconds()
        self._closing = closing
        self._looking: asyncio.Task[Mapping[str, str]] | None = None
        self._looked_at = 0.0

    async def wait_for_other(self, site: str, version: str | None, *, until: float) -> bool:
        """
        Whether another version came into force before ``until``, a moment of the loop's clock.

        :raises StoreUnavailable: the store did not answer to the last look.
        """
        loop = asyncio.get_running_loop()
        while not self._closing.is_set() and (left := until - loop.time()) > 0:
            # First, because what the others saw just now may be older than what the caller knows.
            await self._pause(min(self._look_every, left))
            try:
                if (await self._look()).get(site) != version:
                    return True
            except StoreUnavailable:
                if left <= self._look_every:
                    raise
        return False

    async def _look(self) -> Mapping[str, str]:
        """The versions in force; whoever asks within the same moment gets the same answer."""
        now = asyncio.get_running_loop().time()
        # A little early counts as well: who woke first looks for those who wake right behind.
        is_old = now - self._looked_at > self._look_every * 0.9
        if self._looking is None or (self._looking.done() and is_old):
            self._looking = asyncio.create_task(self._work.run(self._work.client.sites))
            self._looking.add_done_callback(heeded)
            self._looked_at = now
        return await asyncio.shield(self._looking)

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than the server serves."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return
