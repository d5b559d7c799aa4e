"""A limit on the time that a page waits for the tracking store."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from datetime import timedelta
from typing import TypeVar

from callgraft.errors import StoreUnavailable

T = TypeVar("T")

_WORKERS = 4
_WAITING = 64
_SHORTEST_REST, _LONGEST_REST = 0.5, 15.0


class StoreResting(StoreUnavailable):
    """The store was too slow a moment ago and is not asked again yet."""


class Budget:
    """
    Runs jobs on threads of its own and waits for each at most ``limit``.

    A store that hangs must cost one page its number, not every page the limit: after a job that
    came late the store rests, for half a second first and up to 15 s when it goes on; then one job
    tries it again.
    """

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit.total_seconds()
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="callgraft")
        self._under_way = 0
        self._rest = _SHORTEST_REST
        self._rests_until = 0.0

    def run(self, job: Callable[[], T]) -> T:
        """
        Return what ``job`` returns, or raise what it raises.

        :raises StoreUnavailable: it took longer than the limit, or too many are waiting.
        """
        try:
            answer = self._submit(job).result(self._limit)
        except TimeoutError:
            raise self._late() from None
        self._in_time()
        return answer

    async def arun(self, job: Callable[[], T]) -> T:
        """Like :meth:`run`, without blocking the event loop."""
        # The job goes on when we stop waiting: half a transaction helps nobody.
        future = asyncio.shield(asyncio.wrap_future(self._submit(job)))
        future.add_done_callback(_retrieve)
        try:
            answer = await asyncio.wait_for(future, self._limit)
        except TimeoutError:
            raise self._late() from None
        self._in_time()
        return answer

    def post(self, job: Callable[[], object]) -> None:
        """
        Run ``job`` some time soon and do not wait for it.

        :raises StoreUnavailable: too many are waiting.
        """
        self._submit(job)

    def close(self) -> None:
        """Let the jobs under way end, and take no more."""
        self._threads.shutdown(wait=True, cancel_futures=False)

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._process != os.getpid():
                self._reset()  # threads do not survive a fork
            self._admit()
            self._under_way += 1
        try:
            future = self._threads.submit(job)
        except RuntimeError as exc:
            raise StoreUnavailable("The engine is closed.") from exc
        future.add_done_callback(self._done)
        return future

    def _admit(self) -> None:
        if self._under_way >= _WAITING:
            raise StoreUnavailable(f"{_WAITING} page views already wait for the tracking store.")
        now = time.monotonic()
        if now < self._rests_until:
            raise StoreResting("The tracking store was too slow a moment ago.")
        if self._rests_until:
            # This job tries the store; the others wait for what it finds.
            self._rests_until = now + self._rest

    def _done(self, future: Future[T]) -> None:
        with self._lock:
            self._under_way -= 1

    def _late(self) -> StoreUnavailable:
        with self._lock:
            self._rests_until = time.monotonic() + self._rest
            self._rest = min(self._rest * 2, _LONGEST_REST)
        return StoreUnavailable(
            f"The tracking store did not answer within {self._limit * 1000:.0f} ms."
        )

    def _in_time(self) -> None:
        if self._rests_until:
            with self._lock:
                self._rests_until = 0.0
                self._rest = _SHORTEST_REST


def _retrieve(future: asyncio.Future[T]) -> None:
    """Look at a late job's exception, so that asyncio does not report it as forgotten."""
    if not future.cancelled():
        future.exception()
