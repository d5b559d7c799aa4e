"""A clock that is set ahead ends no hold early: steps are noticed, and allowed for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from callgraft.tracking.values import PageView, Wanted

NOTICED = timedelta(seconds=30)
"""What the clock gains on the monotonic one at once is a step from here on, and drift below."""

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The clock was set at ``at``, by the new time; ``by`` is negative when it was set back."""

    at: datetime
    by: timedelta


class ClockSteps:
    """
    How far the wall clock was set ahead while this process runs.

    A hold is written as the moment when it ends. When the clock jumps over that moment, the session
    is still there; so numbers rest for longer, by the step, until every hold from before it is
    over. A machine that slept makes the same jump, and the same is done about it. A clock that is
    set back needs nothing: the moments are only later then. Safe from several threads.

    :param clock: the wall clock.
    :param monotonic: a clock that nobody sets, in seconds, like ``time.monotonic``.
    """

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen = (clock(), monotonic())
        self._steps: list[Step] = []

    def allowing(self, view: PageView) -> PageView:
        """
        The view in UTC, whose numbers rest for longer when the clock was set ahead within a hold.

        In a zone with daylight saving, half an hour after half past two can be half past two.
        """
        if view.at.tzinfo is not UTC:
            view = replace(view, at=view.at.astimezone(UTC))
        self._look()
        if not self._steps:
            return view
        return replace(view, wanted=tuple(self._patient(wanted) for wanted in view.wanted))

    def _look(self) -> None:
        now = (self._clock(), self._monotonic())
        with self._lock:
            before, self._seen = self._seen, now
            gained = now[0] - before[0] - timedelta(seconds=now[1] - before[1])
            if abs(gained) >= NOTICED:
                self._steps = [*self._steps[-9:], Step(at=now[0], by=gained)]

    def _patient(self, wanted: Wanted) -> Wanted:
        at = self._seen[0]
        ahead = sum((step.by for step in self._steps if at < step.at + wanted.hold), _NOTHING)
        return replace(wanted, cool_off=wanted.cool_off + max(ahead, _NOTHING))
