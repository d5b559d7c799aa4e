"""A limit on the time that a page waits for the tracking store."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from datetime import timedelta
from typing import TypeVar

from callgraft.errors import StoreUnavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")
Job = Callable[[float], T]
"""Takes the moment of ``time.monotonic()`` after which nobody waits for its answer."""

_WORKERS = 4
_WAITING = 64
_WAITING_HERE = 1000
_LATE_BEFORE_REST = 3
_SHORTEST_REST, _LONGEST_REST = 0.1, 15.0


class StoreResting(StoreUnavailable):
    """The store was too slow a moment ago and is not asked again yet."""


class Budget:
    """
    Runs jobs on threads of its own and waits for each at most ``limit``.

    A store that hangs must cost a few pages their numbers, not every page the limit: after three
    late jobs with none in time between them the store rests, for a tenth of a second first and up
    to 15 s when it goes on; then one job tries it again.
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
        self._turned_away = 0
        self._late_in_a_row = 0

    def run(self, job: Job[T]) -> T:
        """
        Return what ``job`` returns, or raise what it raises.

        :raises StoreUnavailable: it took longer than the limit, or too many are waiting.
        """
        deadline = time.monotonic() + self._limit
        future, is_trial = self._submit(lambda: job(deadline))
        try:
            answer = future.result(self._limit)
        except TimeoutError:
            raise self._late(is_trial) from None
        self._in_time()
        return answer

    async def arun(self, job: Job[T]) -> T:
        """Like :meth:`run`, without blocking the event loop."""
        deadline = time.monotonic() + self._limit
        submitted, is_trial = self._submit(lambda: job(deadline))
        future = asyncio.wrap_future(submitted)
        future.add_done_callback(_retrieve)
        try:
            # The job goes on when we stop waiting, and sees by its deadline that nobody does.
            answer = await asyncio.wait_for(asyncio.shield(future), self._limit)
        except TimeoutError:
            raise self._late(is_trial) from None
        self._in_time()
        return answer

    async def arun_here(self, job: Callable[[float], Awaitable[T]]) -> T:
        """Like :meth:`arun`, for a job that waits in the event loop itself, without a thread."""
        deadline = time.monotonic() + self._limit
        is_trial = self._begin(_WAITING_HERE)
        try:
            async with asyncio.timeout(self._limit):
                answer = await job(deadline)
        except TimeoutError:
            raise self._late(is_trial) from None
        finally:
            with self._lock:
                self._under_way -= 1
        self._in_time()
        return answer

    def post(self, job: Callable[[], object]) -> None:
        """
        Run ``job`` some time soon and do not wait for it.

        :raises StoreUnavailable: too many are waiting, or the store rests.
        """
        deadline = time.monotonic() + self._limit
        future, is_trial = self._submit(job)

        def judge(_: Future[object]) -> None:
            # Nobody waits for it, and yet it tells how fast the store is.
            if time.monotonic() > deadline:
                self._late(is_trial)
            else:
                self._in_time()

        future.add_done_callback(judge)

    def close(self) -> None:
        """Let the jobs under way end, and take no more."""
        self._threads.shutdown(wait=True, cancel_futures=False)

    def _submit(self, job: Callable[[], T]) -> tuple[Future[T], bool]:
        """The job's future, and whether it tries a store that has rested."""
        is_trial = self._begin(_WAITING)
        try:
            future = self._threads.submit(job)
        except RuntimeError as exc:
            raise StoreUnavailable("The engine is closed.") from exc
        future.add_done_callback(self._done)
        return future, is_trial

    def _begin(self, most: int) -> bool:
        with self._lock:
            if self._process != os.getpid():
                self._reset()  # threads do not survive a fork
            is_trial = self._admit(most)
            self._under_way += 1
        return is_trial

    def _admit(self, most: int) -> bool:
        now = time.monotonic()
        if now < self._rests_until:
            self._turned_away += 1
            raise StoreResting("The tracking store was too slow a moment ago.")
        if self._under_way >= most:
            raise StoreUnavailable(f"{most} page views already wait for the tracking store.")
        is_trial = self._rests_until > 0
        if is_trial:
            # The others go without until it is known what this one finds.
            self._rests_until = now + self._rest
        return is_trial

    def _done(self, future: Future[T]) -> None:
        with self._lock:
            self._under_way -= 1

    def _late(self, is_trial: bool) -> StoreUnavailable:
        """Let the store rest; longer than before when it had rested and is still too slow."""
        with self._lock:
            self._late_in_a_row += 1
            if is_trial:
                self._rest = min(self._rest * 2, _LONGEST_REST)
            # Jobs that went off before the rest began are late for the same reason.
            begins = not self._rests_until and self._late_in_a_row >= _LATE_BEFORE_REST
            if is_trial or begins:
                self._rests_until = time.monotonic() + self._rest
        return StoreUnavailable(
            f"The tracking store did not answer within {self._limit * 1000:.0f} ms."
        )

    def _in_time(self) -> None:
        self._late_in_a_row = 0
        if not self._rests_until:
            return
        with self._lock:
            turned_away, self._turned_away = self._turned_away, 0
            self._rests_until, self._rest = 0.0, _SHORTEST_REST
        logger.warning("The tracking store answers again; %s page views did without.", turned_away)


def _retrieve(future: asyncio.Future[T]) -> None:
    """Look at a late job's exception, so that asyncio does not report it as forgotten."""
    if not future.cancelled():
        future.exception()
