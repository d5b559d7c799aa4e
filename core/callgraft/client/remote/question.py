"""A request to a tracking server, how often it is made, and what its answer means."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callgraft.client.remote.answers import Answer, Refused, checked
from callgraft.client.remote.breaker import Breaker, TrackerResting
from callgraft.errors import SetupError, TrackerUnavailable

CONNECT = 2.0
"""Seconds after which a connection is given up that nobody accepts."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class Late(TrackerUnavailable):
    """The answer did not come in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    One request that may be sent again.

    None of ours needs an ``Idempotency-Key``, which would cost the server two writes more: a page
    view is known by its session and moment, a call event by its id, a document by its version.
    ``patience`` is how many seconds the server may take over it by itself.
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 5.0

    def all_headers(self, until: float) -> dict[str, str]:
        """With how long somebody waits for the answer: later the server need not begin."""
        left = max(1, int((until - time.monotonic()) * 1000))
        told = {"Callgraft-Budget": str(left), **self.headers}
        if self.body:
            told.setdefault("Content-Type", "application/json")
        return told


class Attempts:
    """
    How often one question is asked, and when; the same for threads and for event loops.

    At once again the first time (the server may have closed a connection that stood idle), then
    after pauses of random length, so that doors do not come in step, and never past the deadline.
    """

    def __init__(
        self, question: Question, breaker: Breaker, name: str, *, deadline: float | None
    ) -> None:
        patient_until = time.monotonic() + question.patience
        self.until = patient_until if deadline is None else min(deadline, patient_until)
        self._is_hurried = self.until < patient_until
        self._breaker = breaker
        self._name = name
        self._pauses = _pauses()
        self._failure: TrackerUnavailable | None = None

    def begin(self) -> None:
        """
        Begin an attempt.

        :raises TrackerUnavailable: there is no time left, or the server rests.
        """
        if time.monotonic() >= self.until:
            raise self._failure or Late(f"{self._name} had no time left to answer.")
        try:
            self._breaker.admit()
        except TrackerResting as resting:
            raise self._failure or resting from None

    def heard(self, answer: Answer) -> Answer:
        """
        Return the answer, if it is one.

        :raises Refused: the server cannot take it now.
        :raises CallgraftError: the server says what is wrong with the question.
        """
        try:
            checked(answer, self._name)
        except SetupError as exc:
            if answer.status == 401:
                self._breaker.refused(str(exc))
            raise
        self._breaker.answered()
        return answer

    def pause_after(self, failure: Late | Refused) -> float:
        """
        For how many seconds to wait before the next attempt.

        :raises TrackerUnavailable: the failure, where there will be none.
        """
        self._failure = failure
        if isinstance(failure, Late):
            # Where a page had no time left, that is for the engine's Budget to judge.
            if not self._is_hurried:
                self._breaker.refused(str(failure))
            raise failure
        self._breaker.refused(str(failure), retry_after=failure.retry_after)
        pause = next(self._pauses)
        if time.monotonic() + pause >= self.until:
            raise failure
        return pause


def _pauses() -> Iterator[float]:
    yield 0.0
    longest = _FIRST_PAUSE
    while True:
        yield random.uniform(0, longest)  # noqa: S311  no secret
        longest = min(longest * 2, _LONGEST_PAUSE)
