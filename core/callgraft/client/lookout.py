"""What other processes did to the pools is found out beside the pages, every few seconds."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from callgraft.errors import StoreUnavailable

logger = logging.getLogger(__name__)

AFTER = 1.0
"""Seconds from the first number that is asked for to the first look."""

EVERY = 5.0
"""Seconds between two looks, while numbers are asked for."""


class Lookout:
    """
    Calls ``look`` from a thread of its own, which begins when somebody is interested.

    A store that does not answer is looked at again a little later.
    """

    def __init__(
        self, look: Callable[[], None], *, after: float = AFTER, every: float = EVERY
    ) -> None:
        self._look = look
        self._after, self._every = after, every
        self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._starting = threading.Lock()
        self._some, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Numbers are asked for: see to it that somebody looks; nobody waits for anything."""
        if self._process != os.getpid():
            self._begin_afresh()  # the parent's thread is not in this process
        if self._some.is_set() or self._closed.is_set():
            return
        self._some.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="callgraft lookout", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Begin no look any more."""
        self._closed.set()
        self._some.set()

    def close(self) -> None:
        """Stop, and wait for a look that has begun."""
        self.stop()
        if self._thread and self._process == os.getpid():
            self._thread.join()

    def _run(self) -> None:
        pause = self._after
        while self._some.wait() and not self._closed.wait(pause):
            self._some.clear()
            try:
                self._look()
            except StoreUnavailable as exc:
                if self._closed.is_set():
                    return
                logger.warning("Numbers are chosen by what was known before: %s", exc)
            pause = self._every
