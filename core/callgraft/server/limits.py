"""How often a token may ask: a bucket that fills steadily, and from which each request takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from callgraft.visit import Headers

_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a request is admitted, and what its sender is told of the limit."""

    is_admitted: bool
    headers: Headers


class Limits:
    """
    A bucket per token.

    :param rate: requests a second that fill up again.
    :param burst: the most that a bucket holds.
    """

    def __init__(
        self, *, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._window = max(1, round(burst / rate))

    def admit(self, who: str) -> Admission:
        """Take one request out of the bucket of ``who``, if one is in it."""
        bucket = self._bucket(who)
        is_admitted = bucket.left >= 1
        if is_admitted:
            bucket.left -= 1
        # https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
        full_in = math.ceil((self._burst - bucket.left) / self._rate)
        headers: Headers = (
            ("RateLimit-Policy", f'"token";q={self._burst};w={self._window}'),
            ("RateLimit", f'"token";r={int(bucket.left)};t={full_in}'),
        )
        if not is_admitted:
            seconds = math.ceil((1 - bucket.left) / self._rate)
            headers = (*headers, ("Retry-After", str(max(1, seconds))))
        return Admission(is_admitted=is_admitted, headers=headers)

    def _bucket(self, who: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(who)
        if bucket is None:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[who] = _Bucket(float(self._burst), now)
        bucket.left = min(self._burst, bucket.left + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        return bucket
