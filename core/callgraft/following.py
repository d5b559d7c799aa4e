"""Something that is done again and again beside the pages, in every process of a door."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta


class Following:
    """
    Takes ``step`` every so often on a thread of its own, from ``start`` to ``stop``.

    A fork leaves threads behind: whoever asks :meth:`go_on` now and then has them started anew.
    """

    def __init__(self, step: Callable[[], None], *, every: timedelta) -> None:
        self._step = step
        self._every = every.total_seconds()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._process = 0

    def start(self) -> None:
        with self._lock:
            self._process = os.getpid()
            self._stopped = stopped = threading.Event()
            name = "callgraft following"
            self._thread = threading.Thread(target=self._run, args=(stopped,), name=name)
            self._thread.daemon = True
            self._thread.start()

    def go_on(self) -> None:
        """Start anew in a process that was forked off; cheap, so that every page may ask."""
        if self._thread is not None and self._process != os.getpid():
            self._lock = threading.Lock()  # another thread of the parent may have held it
            self.start()

    def stop(self) -> None:
        """Take no further step; one that is under way is waited for."""
        self._stopped.set()
        thread, self._thread = self._thread, None
        if thread and self._process == os.getpid() and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(self._every):
            self._step()
