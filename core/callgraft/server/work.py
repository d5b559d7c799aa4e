"""The store's work, which blocks, on threads beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from callgraft.client.embedded import EmbeddedClient
from callgraft.errors import StoreUnavailable
from callgraft.stores.protocol import Store

Result = TypeVar("Result")

_PATIENCE = 15.0
"""Seconds after which a store that hangs counts as one that does not answer."""


class Work:
    """
    A store and its client, asked from an event loop.

    :param threads: how many ask at one time.
    :param waiting: how many more may wait; whoever comes then is turned away at once, because a
        store that does not keep up gets no faster by a longer queue.
    """

    def __init__(self, store: Store, client: EmbeddedClient, *, threads: int, waiting: int) -> None:
        self.store = store
        self.client = client
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="callgraft-store")
        self._most = threads + waiting
        self._under_way = 0

    async def run(self, job: Callable[[], Result], *, patience: float = _PATIENCE) -> Result:
        """
        Return what ``job`` returns, or raise what it raises; it goes on when nobody waits for it.

        :param patience: seconds after which a job that goes on counts as a store that hangs.
        :raises StoreUnavailable: too many are waiting, or it takes too long.
        """
        if self._under_way >= self._most:
            raise StoreUnavailable(f"{self._under_way} requests already wait for the store.")
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, job)
        future.add_done_callback(self._done)
        try:
            # Shielded: a job cannot be stopped, and whoever stops waiting must not seem to do it.
            return await asyncio.wait_for(asyncio.shield(future), patience)
        except TimeoutError as exc:
            raise StoreUnavailable(f"The store did not answer within {patience:.0f} s.") from exc

    def close(self) -> None:
        """Let the jobs under way end, and give back connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self.client.close()

    def _done(self, future: asyncio.Future[Result]) -> None:
        self._under_way -= 1
        heeded(future)


def heeded(future: asyncio.Future[Result]) -> None:
    """Look at a failure, or asyncio reports one that nobody waited for."""
    if not future.cancelled():
        future.exception()
