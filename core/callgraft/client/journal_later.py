"""Page views and signs that are logged a moment later, many at a time."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from callgraft.errors import StoreUnavailable
from callgraft.tracking.values import PageView, SessionSign

logger = logging.getLogger(__name__)
Entry = PageView | SessionSign

WITHIN = timedelta(seconds=1)
"""How long an entry waits at most, while the store answers."""

_MOST_AT_A_TIME = 50
_MOST_WAITING = 20_000


class JournalLater:
    """
    Writes entries from a thread of its own, within a second of each, and in no certain order.

    While the store does not answer they wait; of more than 20,000 the oldest are given up. A
    process that is killed loses those of its last second; one that ends writes them.

    :param write: writes some; several times the same entry changes nothing.
    """

    def __init__(self, write: Callable[[Sequence[PageView], Sequence[SessionSign]], None]) -> None:
        self._write = write
        self._begin_afresh()
        atexit.register(self._at_exit)

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._waiting: deque[Entry] = deque(maxlen=_MOST_WAITING)
        self._at_a_time = _MOST_AT_A_TIME
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._some, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, *entries: Entry) -> None:
        """Take entries to be written; nobody waits for anything."""
        self._see_where_it_is()
        self._waiting.extend(entries)
        if not self._some.is_set():
            self._some.set()
            self._start()

    def flush(self) -> bool:
        """Write what waits now; whether all of it was written."""
        self._see_where_it_is()
        with self._writing:
            for _ in range(len(self._waiting)):
                batch = self._next_batch()
                if not batch:
                    break
                if not self._written(batch):
                    return False
        return True

    def close(self) -> None:
        """Write what waits, as far as the store takes it, and stop."""
        atexit.unregister(self._at_exit)
        self._closed.set()
        self._some.set()
        if self._thread and self._process == os.getpid():
            self._thread.join()
        self.flush()

    def _see_where_it_is(self) -> None:
        """After a fork, what waits is the parent's to write, and its thread is not here."""
        if self._process != os.getpid():
            self._begin_afresh()

    def _at_exit(self) -> None:
        if self._process == os.getpid():
            self.flush()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="callgraft journal", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while self._some.wait() and not self._closed.wait(WITHIN.total_seconds()):
            self._some.clear()
            if not self.flush():
                self._some.set()

    def _next_batch(self) -> list[Entry]:
        taken: list[Entry] = []
        while self._waiting and len(taken) < self._at_a_time:
            taken.append(self._waiting.popleft())
        return taken

    def _written(self, batch: Sequence[Entry]) -> bool:
        views = [replace(each, wanted=()) for each in batch if isinstance(each, PageView)]
        signs = [each for each in batch if isinstance(each, SessionSign)]
        waits = len(batch) > 1
        try:
            self._write(views, signs)
            waits = False
        except StoreUnavailable as error:
            logger.warning("%d entries of the log wait for the store: %s", len(batch), error)
            waits = True
            return False
        finally:
            # Also after an error that nobody thought of; but one entry alone that brings it about
            # is given up, for it would bring it about again.
            if waits:
                self._put_back(batch)
        self._at_a_time = min(_MOST_AT_A_TIME, self._at_a_time * 2)
        return True

    def _put_back(self, batch: Sequence[Entry]) -> None:
        """Fewer together next time, and one alone goes to the end: it must not stop the others."""
        if len(batch) == 1:
            self._waiting.extend(batch)
        else:
            self._waiting.extendleft(reversed(batch))
        self._at_a_time = max(1, self._at_a_time // 4)
