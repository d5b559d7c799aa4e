"""Metrics in the text format of Prometheus: requests, errors of the store, occupancy of pools."""

from __future__ import annotations

import os
from collections import Counter as Counted
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from callgraft.stores.reports import PoolHour
from callgraft.tracking.values import PoolState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several workers count together."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePools:
    """
    ``hours`` are the last day's, ``add`` how many numbers each pool that ran dry in it needs more.
    """

    site: str
    pools: Sequence[PoolState]
    hours: Sequence[PoolHour] = ()
    add: Mapping[str, int] = field(default_factory=dict)


class Metrics:
    """One server's counters; with several workers, they are added up where ``FOLDER`` says."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "callgraft_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "callgraft_request_seconds",
            "How long an answer took.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._under_way = Gauge(
            "callgraft_requests_under_way",
            "Requests that have no answer yet.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._store_errors = Counter(
            "callgraft_store_errors",
            "Requests for which the store did not answer, or not in time.",
            registry=self._registry,
        )

    def under_way(self) -> AbstractContextManager[None]:
        """While this is open, a request is under way."""
        return self._under_way.track_inprogress()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def store_failed(self) -> None:
        self._store_errors.inc()

    def text(self, pools: Sequence[SitePools]) -> bytes:
        """All of them, with the pools as they are now."""
        shown = CollectorRegistry()
        if os.environ.get(FOLDER):
            MultiProcessCollector(shown)  # type: ignore[no-untyped-call]  # it has no types
        shown.register(_Pools(pools))
        own = b"" if os.environ.get(FOLDER) else generate_latest(self._registry)
        return own + generate_latest(shown)


class _Pools:
    """What pools hold, as gauges."""

    def __init__(self, sites: Sequence[SitePools]) -> None:
        self._sites = sites

    def collect(self) -> Iterator[Metric]:
        numbers = GaugeMetricFamily(
            "callgraft_pool_numbers",
            "Numbers of a pool by what they are doing.",
            labels=("site", "pool", "state"),
        )
        dry = GaugeMetricFamily(
            "callgraft_pool_dry",
            "1 where a pool has no number to give but those of sessions that are guaranteed them.",
            labels=("site", "pool"),
        )
        asked = GaugeMetricFamily(
            "callgraft_pool_sessions_last_day",
            "Sessions of the last 24 hours by what a pool had to give them.",
            labels=("site", "pool", "outcome"),
        )
        add = GaugeMetricFamily(
            "callgraft_pool_numbers_to_add",
            "Numbers that a pool needs more, where it ran dry within the last 24 hours.",
            labels=("site", "pool"),
        )
        for site in self._sites:
            counted: Counted[tuple[str, str]] = Counted()
            for hour in site.hours:
                counted[hour.pool, hour.outcome] += hour.sessions
            for (key, outcome), sessions in sorted(counted.items()):
                asked.add_metric((site.site, key, outcome), sessions)
            for key, count in sorted(site.add.items()):
                add.add_metric((site.site, key), count)
            for pool in site.pools:
                for state in ("provisional", "held", "expired", "cooling", "free"):
                    numbers.add_metric((site.site, pool.pool, state), getattr(pool, state))
                dry.add_metric((site.site, pool.pool), float(not (pool.free or pool.expired)))
        yield numbers
        yield dry
        yield asked
        yield add
