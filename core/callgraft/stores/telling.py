"""A thread that tells SQL what Redis gave away, a moment later."""

from __future__ import annotations

import atexit
import logging
import os
import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import timedelta

from callgraft.errors import StoreUnavailable
from callgraft.stores.waiting import Waiting

logger = logging.getLogger(__name__)

WITHIN = timedelta(seconds=0.25)
"""How long an entry waits, while SQL answers."""

_MOST_REMEMBERED = 20_000


class Telling:
    """
    Remembers what this process gave away until SQL knows it.

    It stands in Redis's journal too, so a process that is killed loses nothing, and neither does a
    Redis: only both of them at once do.

    :param tell: tells SQL of a site, from Redis or from what is remembered.
    :param in_turn: does so when nobody else just does; several processes need not.
    """

    def __init__(self, tell: Callable[[str], None], in_turn: Callable[[str], None]) -> None:
        self._tell, self._in_turn = tell, in_turn
        self._begin_afresh()
        atexit.register(self._at_exit)

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._waiting: dict[str, deque[Waiting]] = defaultdict(deque)
        self._starting = threading.Lock()
        self._some, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, site: str, waiting: Waiting) -> None:
        """Remember the entry; nobody waits for anything."""
        if self._process != os.getpid():
            self._begin_afresh()
        remembered = self._waiting[site]
        remembered.append(waiting)
        if len(remembered) > _MOST_REMEMBERED:
            remembered.popleft()
        if not self._some.is_set():
            self._some.set()
            self._start()

    def remembered(self, site: str) -> list[Waiting]:
        """What SQL was not told of for sure; the oldest first."""
        return list(self._waiting[site]) if self._process == os.getpid() else []

    def sites(self) -> set[str]:
        """The sites of which something is remembered."""
        if self._process != os.getpid():
            return set()
        return {site for site, waiting in list(self._waiting.items()) if waiting}

    def forget(self, site: str, count: int) -> None:
        """The first so many are told."""
        remembered = self._waiting[site]
        for _ in range(min(count, len(remembered))):
            remembered.popleft()

    def forget_before(self, site: str, key: str) -> None:
        """What stood in the journal before the entry ``key`` is told."""
        remembered = self._waiting[site]
        while remembered and remembered[0].is_before(key):
            remembered.popleft()

    def close(self) -> None:
        """Tell what waits, as far as it can be told, and stop."""
        atexit.unregister(self._at_exit)
        if self._process == os.getpid():
            self._closed.set()
            self._some.set()
            if self._thread:
                self._thread.join()
            self._tell_all(self._tell)

    def _at_exit(self) -> None:
        if self._process == os.getpid():
            self._tell_all(self._tell)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="callgraft telling", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while self._some.wait() and not self._closed.wait(_soon()):
            self._some.clear()
            self._tell_all(self._in_turn)
            if self.sites():
                self._some.set()

    def _tell_all(self, tell: Callable[[str], None]) -> None:
        for site in self.sites():
            try:
                tell(site)
            except StoreUnavailable as error:
                logger.warning("The log of %r waits for the store: %s", site, error)


def _soon() -> float:
    # Not all processes at one moment: most of them find that another one did it.
    return WITHIN.total_seconds() * random.uniform(0.5, 1.0)  # noqa: S311 - a dice, no secret
