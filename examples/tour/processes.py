"""The processes of the demo: started, waited for until they listen, ended together."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Mapping

_START_SECONDS = 30
_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+")


class Failed(Exception):
    """A step of the tour that did not happen."""


class Running:
    """What was started; leaving the ``with`` block ends all of it."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Running:
        return self

    def add(self, process: subprocess.Popen[str]) -> None:
        self._processes.append(process)

    def wait(self) -> None:
        """Stay until a process ends or somebody presses Ctrl-C."""
        self._processes[-1].wait()

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def start(
    running: Running, name: str, command: list[str], *, environment: Mapping[str, str]
) -> str:
    """
    Start a server and return the address that it prints, without a slash at its end.

    :raises Failed: it ended, or printed no address in time; with its last words.
    """
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(environment),
    )
    running.add(process)
    words: deque[str] = deque(maxlen=20)
    found: list[str] = []
    listening = threading.Event()
    reader = threading.Thread(target=_read, args=(process, words, found, listening), daemon=True)
    reader.start()
    if not listening.wait(_START_SECONDS) or not found:
        raise Failed(f"{name} did not start:\n{''.join(words)}")
    return found[0].rstrip("/")


def _read(
    process: subprocess.Popen[str],
    words: deque[str],
    found: list[str],
    listening: threading.Event,
) -> None:
    """Read all that the process prints, so that it never waits for us; note its address."""
    for line in process.stdout or ():
        words.append(line)
        if not found and (address := _ADDRESS.search(line)):
            found.append(address[0])
            listening.set()
    listening.set()
