"""
Page views per second that each store gives numbers to, one process and several, and its bars.

    python benchmarks/allocate.py
    python benchmarks/allocate.py --only sqlite --processes 4
    python benchmarks/allocate.py --rate 200
    python benchmarks/allocate.py --backend postgresql://me@db/an_empty_database

Renewals mostly: 500 sessions browse a pool of 1,000 numbers, a new session comes with every
twentieth page view; the leases of one row are over when the next begins. All rows come from one
run; PostgreSQL, Redis and the tracking server are started for it where they are installed.
``raw`` asks the server for as little as can be asked (one ``SELECT 1``, one ``EVALSHA``), ``asked``
asks the store for each page view, ``remembered`` is what doors do; ``no store`` computes for a
fifth of a millisecond. The first and the last tell what the machine alone takes, and how noisy it
is. More processes than cores, each as fast as it can, wait for each other above all: with
``--rate`` all of them together view so many pages a second, which tells how long a page waits for
its store where there is room.
"""

from __future__ import annotations

import argparse
import os
import sys
import timeit
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from shutil import which
from statistics import quantiles
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.allocate_mix import (
    Backend,
    Measured,
    browse,
    compute,
    knock,
    opened,
    page,
)
from callgraft.client.cached import CachedClient
from examples.servers import PostgreSQL, Redis, postgresql_program
from examples.tour.processes import Running, start

STORES = ("no store", "memory", "sqlite", "postgresql", "redis", "server")
BARS = {"sqlite": 20.0, "postgresql": 10.0, "redis": 2.0}
"""Milliseconds that 99 of 100 page views keep below, with as many processes as are asked for."""

IN_A_LEASE = 2.0
"""Microseconds that a page view inside a live lease takes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; times in milliseconds."""

    store: str
    way: str
    processes: int
    views: float
    p50: float
    p99: float
    errors: int

    def verdict(self, noise: float) -> str:
        """Whether the bar was met; ``noise`` is the p99 of as many processes without a store."""
        bar = BARS.get(self.store)
        if bar is None or self.processes == 1 or self.way != "asked":
            return ""
        if self.p99 <= bar and not self.errors:
            return f"ok: p99 <= {bar:g} ms, 0 errors"
        is_clear = self.errors or noise < bar / 2
        return f"{'missed' if is_clear else 'too noisy to tell'}: p99 <= {bar:g} ms, 0 errors"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--only", action="append", choices=STORES, help="may be repeated")
    parser.add_argument("--backend", action="append", default=[], help="further store, by URL")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--views", type=int, default=1000, help="page views per process")
    parser.add_argument("--rate", type=float, default=0, help="page views a second, all together")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("store       way         processes   views/s   p50 ms   p99 ms  errors  to memory")
    memory = noise = 0.0
    with TemporaryDirectory() as folder:
        for name, backend in backends(options, Path(folder)):
            for row in measured(name, backend, options):
                memory = memory or (row.views if name == "memory" else 0.0)
                noise = row.p99 if row.way in ("-", "raw") else noise
                show(row, memory, noise)
        inside_a_lease(Path(folder))


def backends(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Backend | None]]:
    """The stores to measure, each there for as long as it is looked at."""
    for name in options.only or STORES:
        if name == "no store":
            yield name, None
            continue
        with ExitStack() as stack:
            backend = started(name, folder, stack)
            if backend is None:
                print(f"{name:<12}is not installed here")
            else:
                yield name, backend
    for url in options.backend:
        yield url.partition(":")[0], Backend(url=url)


def started(name: str, folder: Path, stack: ExitStack) -> Backend | None:
    """The store of this name, fresh; None where its server is not installed."""
    if name == "memory":
        return Backend(url="memory:")
    if name == "sqlite":
        return Backend(url=f"sqlite:///{folder}/sqlite.db")
    needed = ("initdb", "redis-server") if name == "redis" else ("initdb",)
    if not all(postgresql_program(program) or which(program) for program in needed):
        return None
    database = PostgreSQL()
    stack.callback(database.close)
    if name == "redis":
        leases = Redis()
        stack.callback(leases.close)
        return Backend(url=database.url, leases=leases.url)
    if name == "postgresql":
        return Backend(url=database.url)
    return stack.enter_context(_served(database.url, folder))


@contextmanager
def _served(url: str, folder: Path) -> Iterator[Backend]:
    """A tracking server with a worker for each core."""
    made = Backend(url=url).token()
    command = str(Path(sys.executable).with_name("callgraft"))
    program = [command, "serve", "--backend", url, "--port", "0"]
    workers = ["--workers", str(os.cpu_count()), "--rate", "1000000", "--burst", "1000000"]
    with Running() as running:
        address = start(running, "callgraft serve", program + workers, environment=os.environ)
        yield Backend(url=address, token_secret=made, state=str(folder / "state"))


def measured(name: str, backend: Backend | None, options: argparse.Namespace) -> Iterator[Row]:
    """A row for each way and number of processes; memory is nobody else's."""
    begin = 0.0
    for count in (1,) if name == "memory" else (1, options.processes):
        pause = count / options.rate if options.rate else 0.0
        for way in _ways(name):
            parts = in_processes(count, backend, way, options.views, begin, pause)
            yield _row(name, way, count, parts)
            begin += 7200.0


def _ways(name: str) -> tuple[str, ...]:
    if name == "no store":
        return ("asked",)
    return (*(("raw",) if name in ("postgresql", "redis") else ()), "asked", "remembered")


def in_processes(
    count: int, backend: Backend | None, way: str, views: int, begin: float, pause: float
) -> list[Measured]:
    context = get_context("spawn")
    gate = context.Barrier(count)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_wait_at, initargs=(gate,)
    ) as processes:
        tasks = [
            processes.submit(_alone, seed, backend, way, views, begin, pause)
            for seed in range(count)
        ]
        return [task.result() for task in tasks]


_gates: list[Barrier] = []


def _wait_at(gate: Barrier) -> None:
    _gates.append(gate)


def _alone(
    seed: int, backend: Backend | None, way: str, views: int, begin: float, pause: float
) -> Measured:
    if backend is None:
        _gates[0].wait()
        return compute(views, pause=pause)
    if way == "raw":
        _gates[0].wait()
        return knock(backend, views, pause=pause)
    with opened(backend, is_cached=way == "remembered", name=str(seed)) as client:
        _gates[0].wait()
        return browse(f"{way}-{seed}", client, views, begin, pause=pause)


def _row(name: str, way: str, count: int, parts: list[Measured]) -> Row:
    each = [seconds for part in parts for seconds in part.each]
    cuts = quantiles(each, n=100)
    return Row(
        store=name,
        way=way if name != "no store" else "-",
        processes=count,
        views=len(each) / max(part.seconds for part in parts),
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        errors=sum(part.errors for part in parts),
    )


def show(row: Row, memory: float, noise: float) -> None:
    ratio = f"{row.views / memory:>11.4f}" if memory else f"{'-':>11}"
    times = f"{row.views:>10,.0f}{row.p50:>9.3f}{row.p99:>9.3f}{row.errors:>8}"
    line = f"{row.store:<12}{row.way:<12}{row.processes:>9}{times}{ratio}  {row.verdict(noise)}"
    print(line.rstrip(), flush=True)


def inside_a_lease(folder: Path, rounds: int = 50_000) -> None:
    """A page view that the store need not be asked for, and that is logged later."""
    with opened(Backend(url=f"sqlite:///{folder}/lease.db"), is_cached=True) as client:
        client.page_view(page("s", 0))
        view = page("s", 10)
        if not isinstance(client, CachedClient) or client.recall(view) is None:
            raise AssertionError("The lease is not remembered.")
        best = min(timeit.repeat(lambda: client.recall(view), number=rounds, repeat=5))
    spent = best / rounds * 1e6
    verdict = "ok" if spent <= IN_A_LEASE else "missed"
    print(f"a page view inside a live lease: {spent:.2f} µs  {verdict}: <= {IN_A_LEASE:g} µs")


if __name__ == "__main__":
    main()
