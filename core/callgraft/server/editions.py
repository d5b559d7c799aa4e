"""Waiting for the next edition of a site's document: one look for all who wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from callgraft.errors import StoreUnavailable
from callgraft.server.work import Work, heeded

_MOST_SITES = 10_000


class Editions:
    """
    Looks every ``look_every`` which version of a site is in force, while somebody wants to know.

    However many wait for one site, they share each look, and none of them keeps a thread.

    :param closing: set when the server ends: nobody waits any longer then.
    """

    def __init__(self, work: Work, *, look_every: timedelta, closing: asyncio.Event) -> None:
        self._work = work
        self._look_every = look_every.total_seconds()
        self._closing = closing
        self._looks: dict[str, asyncio.Task[str | None]] = {}
        self._looked_at: dict[str, float] = {}

    async def wait_for_other(self, site: str, version: str | None, *, until: float) -> bool:
        """
        Whether another version came into force before ``until``, a moment of the loop's clock.

        :raises StoreUnavailable: the store did not answer to the last look.
        """
        loop = asyncio.get_running_loop()
        while not self._closing.is_set() and (left := until - loop.time()) > 0:
            try:
                if await self._look(site) != version:
                    return True
            except StoreUnavailable:
                if left <= self._look_every:
                    raise
            await self._pause(min(self._look_every, left))
        return False

    async def _look(self, site: str) -> str | None:
        """The version in force; whoever asks within the same moment gets the same answer."""
        now = asyncio.get_running_loop().time()
        task = self._looks.get(site)
        # A little early counts as well: who woke first looks for those who wake right behind.
        if task is None or (task.done() and now - self._looked_at[site] > self._look_every * 0.9):
            if len(self._looks) >= _MOST_SITES:
                self._looks.clear()
            task = self._looks[site] = asyncio.create_task(self._version(site))
            task.add_done_callback(heeded)
            self._looked_at[site] = now
        return await asyncio.shield(task)

    async def _version(self, site: str) -> str | None:
        return await self._work.run(
            lambda: self._work.store.read(lambda transaction: transaction.version_in_force(site))
        )

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than the server serves."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return
