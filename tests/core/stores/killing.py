"""Processes that take page views and calls until they are killed, and write down what they got."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from callgraft.client import TrackingClient, open_client
from tests.core.backends import Backend
from tests.core.stores.racing import RACED, in_processes
from tests.core.tracked import NOON, rings, view, wanted

AT_ONCE = 4
SECONDS_IN_ONE = 60
"""The clock of those processes runs so fast that holds of 20 s end while they are killed."""

TERMS = replace(wanted(RACED), hold=timedelta(seconds=20))


@dataclass(frozen=True)
class Task:
    """What a process works on, and the file that it tells in what was acknowledged."""

    backend: Backend
    file: Path
    began_at: float

    def now(self) -> datetime:
        return NOON + timedelta(seconds=(time.monotonic() - self.began_at) * SECONDS_IN_ONE)


def kill_again_and_again(task: Task, times: int) -> None:
    """Let processes work, and kill one of them ``times`` times at any moment."""
    in_processes(1, _kill_again_and_again, task, times)


def _kill_again_and_again(_index: int, task: Task, times: int) -> None:
    """
    Kill children of this process, which has no threads, so that it can fork.

    They share its client, which costs them less time than opening one of their own.
    """
    dice = random.Random(times)
    client = open_client(task.backend.url, leases=task.backend.leases)
    working = [_begin(client, task, index) for index in range(AT_ONCE)]
    for killed in range(times):
        child, has_begun = working.pop(0)
        os.read(has_begun, 1)
        # About as long as a page view takes: it may be anywhere.
        time.sleep(dice.uniform(0.0, 0.02))
        _kill(child, has_begun)
        working.append(_begin(client, task, AT_ONCE + killed))
    for child, has_begun in working:
        _kill(child, has_begun)


def _kill(child: int, has_begun: int) -> None:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(has_begun)
    assert os.WIFSIGNALED(status), "It ended by itself."


def acknowledged(task: Task) -> Iterator[dict[str, str]]:
    """What the processes were told before they were killed."""
    for line in task.file.read_text().splitlines():
        yield json.loads(line)


def _begin(client: TrackingClient, task: Task, index: int) -> tuple[int, int]:
    """Fork a process; return its id, and where a byte can be read once it has done something."""
    has_begun, begin = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _work(client, task, index, begin)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(begin)
    return child, has_begun


def _work(client: TrackingClient, task: Task, index: int, begin: int) -> None:
    dice = random.Random(index)
    told = os.open(task.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    step = 0
    while True:
        step += 1
        answer = _step(client, task, dice, f"{index}-{step}")
        os.write(told, f"{json.dumps(answer)}\n".encode())
        os.write(begin, b".")


def _step(client: TrackingClient, task: Task, dice: random.Random, name: str) -> dict[str, str]:
    at = task.now()
    if dice.random() < 0.3:
        number = dice.choice(RACED.numbers).e164
        return {"call": client.take_call(rings(number, at, call=name)).call}
    session = f"s{dice.randrange(200)}"
    [shown] = client.page_view(view(session, at, TERMS, pages=dice.choice([1, 2])))
    return {"session": session, "lease": shown.lease.id if shown.lease else "", "at": str(at)}
