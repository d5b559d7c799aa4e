"""Whether the store answers, asked by one thread at a time however often it is wanted."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from callgraft.server.work import Work, heeded
from callgraft.stores.protocol import Transaction


class Readiness:
    """
    Looks into the store.

    A store that hangs holds one thread by this, not one for every look of a load balancer.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._looking: asyncio.Task[None] | None = None

    async def check(self, within: timedelta) -> None:
        """
        Return once the store has answered.

        :raises TimeoutError: it did not, within this time.
        :raises StoreUnavailable: it says that it cannot.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(heeded)
        async with asyncio.timeout(within.total_seconds()):
            await asyncio.shield(self._looking)

    async def _look(self) -> None:
        await self._work.run(lambda: self._work.store.read(_look))


def _look(transaction: Transaction) -> None:
    """Ask for what happened, and for leases, which may be kept elsewhere."""
    transaction.version_in_force("")
    transaction.open_leases("", "")
