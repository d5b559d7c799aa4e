"""The store's work waits in a short queue, beside the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from callgraft.client import EmbeddedClient
from callgraft.errors import StoreUnavailable
from callgraft.server.work import Work
from callgraft.stores import open_store
from tests.core.tracked import NOON


def work(threads: int, waiting: int) -> Work:
    store = open_store("memory:")
    client = EmbeddedClient(store, clock=lambda: NOON)
    return Work(store, client, threads=threads, waiting=waiting)


def test_whoever_comes_when_the_queue_is_full_is_turned_away_at_once() -> None:
    narrow = work(1, 1)
    let_go = threading.Event()

    async def story() -> None:
        first = asyncio.create_task(narrow.run(let_go.wait))
        second = asyncio.create_task(narrow.run(lambda: "second"))
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable, match="2 requests already wait"):
            await narrow.run(lambda: "third")
        let_go.set()
        assert (await first, await second) == (True, "second")
        assert await narrow.run(lambda: "later") == "later"

    asyncio.run(story())
    narrow.close()


def test_what_is_begun_is_done_even_when_nobody_waits_for_it() -> None:
    wide = work(1, 1)
    let_go, done = threading.Event(), threading.Event()

    def job() -> None:
        let_go.wait()
        done.set()

    async def story() -> None:
        waiter = asyncio.create_task(wide.run(job))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        let_go.set()

    asyncio.run(story())
    wide.close()
    assert done.is_set()


def test_what_goes_wrong_is_told_to_whoever_waits() -> None:
    wide = work(2, 2)

    def job() -> None:
        raise StoreUnavailable("gone")

    async def story() -> None:
        for _ in range(10):
            with pytest.raises(StoreUnavailable, match="gone"):
                await wide.run(job)

    asyncio.run(story())
    wide.close()
