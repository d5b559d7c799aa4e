"""A tracking server that refuses is left alone for a while."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable

from callgraft.budget import StoreResting
from callgraft.errors import TrackerUnavailable

logger = logging.getLogger(__name__)

_REFUSALS_BEFORE_REST = 3
_SHORTEST_REST, _LONGEST_REST = 0.1, 5.0
_LONGEST_ASKED_FOR = 60.0


class TrackerResting(TrackerUnavailable, StoreResting):
    """The tracking server refused a moment ago and is not asked again yet."""


class Breaker:
    """
    Counts refusals, and lets the server rest after three without an answer between them.

    The engine's ``Budget`` rests as well, and each judges what the other cannot see: the Budget
    measures how long *pages* wait, so it acts on a server that is slow and knows nothing of one
    that refuses in no time; this one acts on refusals (no connection, 5xx, 429, a refused token,
    answers that are none) and ignores a request that a page's deadline cut short. So a slow server
    rests by the Budget alone, a dead one by this alone, and neither lengthens the other's rest.

    A rest is a tenth of a second at first and up to 5 s when it goes on, a little more or less so
    that doors do not come back all at one time; then one request tries. ``Retry-After`` counts.
    """

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._refusals = 0
        self._rest = _SHORTEST_REST
        self._rests_until = 0.0
        self._is_tried = False
        self._turned_away = 0

    def admit(self) -> None:
        """
        Let one request pass.

        :raises TrackerResting: the server rests, or another request is trying it just now.
        """
        if self._process != os.getpid():
            self._reset()  # the lock may have been held by a thread that is not here
        if not self._rests_until:
            return
        with self._lock:
            now = self._clock()
            if now < self._rests_until:
                self._turned_away += 1
                raise TrackerResting(f"{self._name} refused a moment ago.")
            if self._rests_until:
                self._rests_until, self._is_tried = now + self._rest, True

    def refused(self, why: str, *, retry_after: float | None = None) -> None:
        """Tell that a request was refused, and for how long the server wants to be left alone."""
        with self._lock:
            self._refusals += 1
            if self._rests_until and not self._is_tried:
                return  # it was sent before the rest began
            if self._is_tried:
                self._rest, self._is_tried = min(self._rest * 2, _LONGEST_REST), False
            elif retry_after is None and self._refusals < _REFUSALS_BEFORE_REST:
                return
            else:
                logger.warning("%s is left alone for a while: %s", self._name, why)
            asked_for = min(retry_after or 0.0, _LONGEST_ASKED_FOR)
            rest = max(self._rest * random.uniform(0.8, 1.2), asked_for)  # noqa: S311  no secret
            self._rests_until = self._clock() + rest

    def answered(self) -> None:
        """Tell that a request was answered: the rest, if there is one, is over."""
        if not self._refusals:
            return
        with self._lock:
            rested, turned_away = self._rests_until, self._turned_away
            self._refusals, self._turned_away, self._is_tried = 0, 0, False
            self._rests_until, self._rest = 0.0, _SHORTEST_REST
        if rested:
            logger.warning("%s answers again; %s requests did without.", self._name, turned_away)
