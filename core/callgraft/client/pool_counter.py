"""Counts what pools had to give, in the process, and writes it a moment later."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from callgraft.errors import StoreUnavailable
from callgraft.tracking.pool_hours import DRY, First, first_of
from callgraft.tracking.values import Assignment, PageView

logger = logging.getLogger(__name__)

WITHIN = timedelta(seconds=10)
"""How long a count waits before it is written, with all others."""
_MOST = 20_000
"""How many sessions are remembered, and may wait; of more that wait, none is counted."""
_AT_A_TIME = 100
"""So many are written in one transaction: page views must not wait for it."""
_AGAIN = timedelta(hours=1)
"""How often the log tells of one pool that it is dry."""

Key = tuple[str, str, str]


class PoolCounter:
    """
    Counts each session once for each pool, by the first answer that it got here.

    Nobody waits for it: counts are written together, ten seconds later at most, and when the
    process ends. One that is killed loses those of its last ten seconds.

    :param write: writes some, and returns those that no other process had counted.
    """

    def __init__(self, write: Callable[[Sequence[First]], Sequence[First]]) -> None:
        self._write = write
        self._told: dict[tuple[str, str], datetime] = {}
        self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._young: set[Key] = set()
        self._old: set[Key] = set()
        self._waiting: list[First] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def count(self, view: PageView, assigned: Iterable[Assignment]) -> None:
        """Count what a page view was answered."""
        for each in assigned:
            if first := first_of(view, each):
                self._add(first)

    def flush(self) -> None:
        """Write what waits; while the store does not answer it goes on waiting."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
            written = 0
            try:
                for written in range(0, len(waiting), _AT_A_TIME):
                    self._write(waiting[written : written + _AT_A_TIME])
            except StoreUnavailable as error:
                left = waiting[written:]
                logger.warning("Counts of %d sessions wait for the store: %s", len(left), error)
                with self._lock:
                    self._waiting = [*left, *self._waiting][:_MOST]

    def close(self) -> None:
        """Write what waits, as far as the store takes it."""
        atexit.unregister(self.flush)
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._process == os.getpid():
            self.flush()

    def _add(self, first: First) -> None:
        if self._process != os.getpid():  # after a fork, what waits is the parent's to write
            self._begin_afresh()
        key = (first.site, first.pool, first.session)
        with self._lock:
            if key in self._young or key in self._old:
                return
            if len(self._young) >= _MOST:
                self._old, self._young = self._young, set()
            self._young.add(key)
            if len(self._waiting) >= _MOST:
                return
            self._waiting.append(first)
            if self._timer is None and not self._is_closed:
                self._begin_timer()
        if first.outcome in DRY:
            self._warn(first)

    def _begin_timer(self) -> None:
        self._timer = threading.Timer(WITHIN.total_seconds(), self._on_time)
        self._timer.name = "callgraft pool hours"
        self._timer.daemon = True
        self._timer.start()
        atexit.register(self.flush)

    def _on_time(self) -> None:
        with self._lock:
            self._timer = None
        atexit.unregister(self.flush)
        self.flush()
        with self._lock:
            if self._waiting and self._timer is None and not self._is_closed:
                self._begin_timer()

    def _warn(self, first: First) -> None:
        pool = (first.site, first.pool)
        last = self._told.get(pool)
        if last is None or not abs(first.at - last) < _AGAIN:
            self._told[pool] = first.at
            logger.warning(
                "The pool %s of %s has no free number since %s UTC: visitors are shown %s."
                " `callgraft report --coverage` says how many to add.",
                *(first.pool, first.site, f"{first.at:%Y-%m-%d %H:%M}", _INSTEAD[first.outcome]),
            )


_INSTEAD = {
    "shared": "numbers that others have too",
    "overflow": "its overflow number",
    "original": "the original number",
}
