"""
What asking a tracking server costs a door: from threads, and from an event loop.

    python benchmarks/ask_server.py

A server is started for it, over SQLite. CPU is the door's own, of all its threads, and the steadier
figure on a machine that does other things as well. ``at once`` is how many page views come up
together: threads send one request for each, an event loop one for all.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.allocate_mix import NOON, SITE, Backend, page
from callgraft.client import open_client
from callgraft.client.protocol import AsyncTrackingClient
from callgraft.tracking.values import PageView
from examples.tour.processes import Running, start

VIEWS = 800
AT_ONCE = (1, 8, 64)


def main() -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("from      at once   µs of CPU a page view   µs a page view")
    with TemporaryDirectory() as folder, Running() as running:
        url = f"sqlite:///{folder}/sqlite.db"
        token = Backend(url=url).token()
        program = [str(Path(sys.executable).with_name("callgraft")), "serve", "--backend", url]
        limits = ["--port", "0", "--rate", "1000000", "--burst", "1000000"]
        address = start(running, "callgraft serve", program + limits, environment=os.environ)
        opened = open_client(address, token=token, state=Path(folder, "state"))
        with closing(cast(AsyncTrackingClient, opened)) as client:
            client.publish(SITE, at=NOON)
            for at_once in AT_ONCE:
                _tell("threads", at_once, lambda many: _in_threads(client, many))
                _tell("a loop", at_once, lambda many: asyncio.run(_in_a_loop(client, many)))


def _tell(name: str, at_once: int, ask: Callable[[int], None]) -> None:
    ask(at_once)  # with what is done once, untimed
    began, cpu = time.perf_counter(), time.process_time()
    ask(at_once)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:10}{at_once:7}{used / VIEWS * 1e6:24.0f}{took / VIEWS * 1e6:17.0f}")


def _in_threads(client: AsyncTrackingClient, at_once: int) -> None:
    # Four, as the engine has.
    with ThreadPoolExecutor(min(at_once, 4)) as threads:
        for _ in range(VIEWS // at_once):
            list(threads.map(client.page_view, _views(at_once)))


async def _in_a_loop(client: AsyncTrackingClient, at_once: int) -> None:
    for _ in range(VIEWS // at_once):
        await asyncio.gather(*(client.apage_view(each) for each in _views(at_once)))
    await client.leave_loop()


def _views(count: int) -> list[PageView]:
    return [page(f"s{number}", 0) for number in range(count)]


if __name__ == "__main__":
    main()
