"""
Page views per second that a store gives numbers to, one process and several.

    python benchmarks/allocate.py
    python benchmarks/allocate.py --processes 8 --backend postgresql://postgres@localhost/bench

Renewals mostly: 2,000 sessions browse a pool of 1,000 numbers, a new session comes with every
tenth page view. All rows are measured in one run; the last column is the ratio to memory.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from callgraft.client import TrackingClient, open_client
from callgraft.identity import Identity
from callgraft.phone import Number
from callgraft.site import Pool, Site
from callgraft.source import Touch
from callgraft.tracking.values import PageView, Wanted

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
TOUCH = Touch(source="yandex", medium="cpc", channel="paid search")
WANTED = Wanted(target="main", pool="direct", overflow="+74980000000", hold=timedelta(minutes=30))
SITE = Site(
    key="okna",
    pools={
        "direct": Pool(
            key="direct",
            numbers=tuple(
                Number(e164=f"+7499{index:07}", country_code="7", national=f"499{index:07}")
                for index in range(1000)
            ),
        )
    },
    version="1",
)

Measured = tuple[float, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--backend", action="append", default=[], help="further store, by URL")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--views", type=int, default=4000, help="page views per process")
    options = parser.parse_args()
    memory = rate([browse(0, open_client("memory:"), options.views)])
    print("store        processes   views/s   p50 ms   p99 ms  to memory")
    show("memory", 1, memory, memory)
    with fresh_sqlite() as file:
        for url in (file, *options.backend):
            for count in (1, options.processes):
                measured = rate(in_processes(count, url, options.views))
                show(url.partition(":")[0], count, measured, memory)


def browse(seed: int, client: TrackingClient, views: int) -> Measured:
    """Return the seconds that it took to view so many pages, and those of each."""
    client.publish(SITE, at=NOON)
    dice = random.Random(seed)
    each: list[float] = []
    start = time.perf_counter()
    for index in range(views):
        is_new = index % 10 == 0
        session = f"{seed}-{index}" if is_new else f"s{dice.randrange(2000)}"
        page = view(session, NOON + timedelta(milliseconds=100 * index))
        before = time.perf_counter()
        client.page_view(page)
        each.append(time.perf_counter() - before)
    return time.perf_counter() - start, each


def view(session: str, at: datetime) -> PageView:
    who = Identity(
        visitor=f"v-{session}",
        session=session,
        first_seen_at=at,
        session_started_at=at,
        seen_at=at,
        pages=2,
        touch=TOUCH,
    )
    return PageView(site="okna", at=at, identity=who, path="/", wanted=(WANTED,))


def in_processes(count: int, url: str, views: int) -> list[Measured]:
    context = get_context("spawn")
    gate = context.Barrier(count)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_wait_at, initargs=(gate,)
    ) as processes:
        tasks = [processes.submit(_browse_alone, seed, url, views) for seed in range(count)]
        return [task.result() for task in tasks]


_gates: list[Barrier] = []


def _wait_at(gate: Barrier) -> None:
    _gates.append(gate)


def _browse_alone(seed: int, url: str, views: int) -> Measured:
    client = open_client(url)
    _gates[0].wait()
    return browse(seed, client, views)


def rate(measured: list[Measured]) -> tuple[float, float, float]:
    """Page views per second of all together, and the median and 99th percentile of one."""
    each = [seconds for _, all_of_one in measured for seconds in all_of_one]
    cuts = quantiles(each, n=100)
    return len(each) / max(seconds for seconds, _ in measured), cuts[49], cuts[98]


def show(
    name: str, count: int, measured: tuple[float, float, float], memory: tuple[float, float, float]
) -> None:
    views, p50, p99 = measured
    times = f"{p50 * 1000:>9.3f}{p99 * 1000:>9.3f}"
    print(f"{name:<12}{count:>10}{views:>10,.0f}{times}{views / memory[0]:>11.3f}")


@contextmanager
def fresh_sqlite() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


if __name__ == "__main__":
    main()
