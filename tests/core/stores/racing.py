"""Processes and threads that go for one store at the same time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from callgraft.client import EmbeddedClient, TrackingClient, open_client
from callgraft.tracking.values import Lease, Shown
from tests.core.backends import Backend
from tests.core.tracked import NOON, pool, site, view, wanted

Result = TypeVar("Result")

RACED = pool(numbers=tuple(f"+749900000{index:02}" for index in range(50)))
RACED_SITE = site(RACED)

_gate: Barrier | None = None


def in_processes(count: int, work: Callable[..., Result], *args: object) -> list[Result]:
    """Run ``work(index, *args)`` in as many processes, which all begin when all are there."""
    context = get_context("forkserver")
    # Imported once, not once per process: starting should take less time than racing.
    context.set_forkserver_preload(
        ["tests.core.stores.racing", "callgraft.stores.hybrid", "psycopg", "redis"]
    )
    gate = context.Barrier(count)
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_wait_at, initargs=(gate,)
    ) as processes:
        tasks = [processes.submit(_after_gate, work, index, *args) for index in range(count)]
        return [task.result() for task in tasks]


def in_threads(count: int, work: Callable[[int], Result]) -> list[Result]:
    """Run ``work(index)`` in as many threads, which all begin when all are there."""
    gate = threading.Barrier(count)
    results: dict[int, Result] = {}

    def run(index: int) -> None:
        gate.wait()
        results[index] = work(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[index] for index in range(count)]


def browse(index: int, backend: Backend, views: int, sessions: int) -> int:
    """Open the store, browse, and return how many page views got a number of their own."""
    client = open_client(backend.url, leases=backend.leases)
    client.publish(RACED_SITE, at=NOON)
    leased = browse_as(client, random.Random(index), views, sessions)
    client.close()
    return leased


def browse_as(client: TrackingClient, dice: random.Random, views: int, sessions: int) -> int:
    """
    Let random sessions view pages, a second apart by a clock that is off by up to ten.

    The hold is 20 s, so that numbers change hands all the time.
    """
    terms = wanted(RACED)
    terms = type(terms)(
        target="main", pool=RACED.key, overflow=terms.overflow, hold=timedelta(seconds=20)
    )
    leased = 0
    for second in range(views):
        at = NOON + timedelta(seconds=second + dice.uniform(-10, 10))
        session = f"s{dice.randrange(sessions)}"
        page = view(session, at, terms, pages=dice.choice([1, 1, 2]))
        leased += client.page_view(page)[0].shown is Shown.LEASE
    return leased


def histories(client: EmbeddedClient | TrackingClient) -> list[Sequence[Lease]]:
    """The leases of each raced number, oldest first."""
    found = [
        client.number_history(RACED_SITE.key, number.e164, limit=100_000)
        for number in RACED.numbers
    ]
    return [in_order(leases) for leases in found]


def in_order(leases: Sequence[Lease]) -> Sequence[Lease]:
    """The leases of one number, oldest first; of those shown at one moment, the last is open."""
    return sorted(leases, key=lambda lease: (lease.shown_at, _end(lease)))


def overlaps(leases: Sequence[Lease]) -> list[tuple[Lease, Lease]]:
    """The pairs of neighbouring leases of one number that were in force at one time."""
    return [
        (before, after)
        for before, after in pairwise(leases)
        if before.released_at is None or before.released_at > after.shown_at
    ]


def broken_holds(leases: Sequence[Lease]) -> list[Lease]:
    """The leases that were taken from a session before their hold was over."""
    return [lease for lease in leases if lease.released_at and lease.released_at < lease.held_until]


def _end(lease: Lease) -> float:
    return lease.released_at.timestamp() if lease.released_at else float("inf")


def _wait_at(gate: Barrier) -> None:
    global _gate
    _gate = gate


def _after_gate(work: Callable[..., Result], *args: object) -> Result:
    if _gate is not None:
        _gate.wait(timeout=60)
    return work(*args)
