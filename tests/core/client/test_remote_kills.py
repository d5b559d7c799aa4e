"""Crashes on either end, again and again: what was acknowledged arrives, and once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from callgraft.client import TrackingClient, open_client
from callgraft.errors import StoreUnavailable
from tests.core.client.serving import TrackingServer
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

LONG = 15.0
ROOT = Path(__file__).parents[3]

CALLER = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from callgraft.client import open_client
from tests.core.tracked import FIRST, NOON, rings

client = open_client(sys.argv[1], token=sys.argv[2], state=Path(sys.argv[3]))
for number in range(100_000):
    client.take_call(rings(FIRST, NOON, call=f"{{sys.argv[4]}}-{{number}}"))
    print(number, flush=True)
"""


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def calls(client: TrackingClient) -> list[str]:
    try:
        return sorted(each.call for each in client.calls("okna", limit=10_000))
    except StoreUnavailable:
        return []


def paths(client: TrackingClient) -> list[str]:
    try:
        record = client.visitor_record("okna", "anna")
    except StoreUnavailable:
        return []
    return [page.path for stay in record.sessions for page in stay.visits] if record else []


def test_a_server_that_crashes_again_and_again_gets_everything_once(
    server: TrackingServer, remote: TrackingClient
) -> None:
    is_over = threading.Event()
    acknowledged: list[str] = []
    seen: list[str] = []

    def ring(name: str) -> None:
        while not is_over.is_set():
            call = f"{name}-{len(acknowledged)}"
            remote.take_call(rings(FIRST, NOON, call=call))
            acknowledged.append(call)

    def browse(name: str) -> None:
        while not is_over.is_set():
            path = f"/{name}-{len(seen)}"
            at = NOON + len(seen) * MINUTE / 1000
            page = replace(view("a", at, visitor="anna", path=path), wanted=())
            remote.page_view(page)
            seen.append(path)
            time.sleep(0.002)

    threads = [threading.Thread(target=ring, args=(name,)) for name in "ab"]
    threads += [threading.Thread(target=browse, args=(name,)) for name in "cd"]
    for thread in threads:
        thread.start()
    for _ in range(4):
        known = len(acknowledged)
        wait_for(lambda known=known: len(acknowledged) > known + 3)  # type: ignore[misc]  # bound
        server.stop()
        known = len(acknowledged)
        wait_for(lambda known=known: len(acknowledged) > known + 3)  # type: ignore[misc]  # bound
        server.start()
    is_over.set()
    for thread in threads:
        thread.join(LONG)
    wait_for(lambda: len(calls(remote)) >= len(acknowledged))
    assert calls(remote) == sorted(acknowledged)
    wait_for(lambda: len(paths(remote)) >= len(seen))
    assert sorted(paths(remote)) == sorted(seen)


def test_a_door_that_is_killed_loses_no_call_that_it_acknowledged(
    server: TrackingServer, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with closing(open_client(server.url, token=server.token, state=state)) as client:
        client.secret()
    server.stop()
    acknowledged = []
    for attempt in range(3):
        arguments = [server.url, server.token, str(state), str(attempt)]
        child = subprocess.Popen(
            [sys.executable, "-c", CALLER, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(5 + attempt):
            acknowledged.append(f"{attempt}-{int(child.stdout.readline())}")
        os.kill(child.pid, signal.SIGKILL)
        for line in child.stdout:
            acknowledged.append(f"{attempt}-{int(line)}")
        child.wait(LONG)
    server.start()
    with closing(open_client(server.url, token=server.token, state=state)) as client:
        wait_for(lambda: set(acknowledged) <= set(calls(client)))
        arrived = calls(client)
        assert len(arrived) == len(set(arrived))
        # At most one of each process was on its disk and not yet acknowledged.
        assert len(set(arrived) - set(acknowledged)) <= 3
