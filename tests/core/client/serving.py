"""A real tracking server in a thread, which can be stopped and started again, and what fails."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Self

import uvicorn

from callgraft import read_site
from callgraft.server.app import make_app
from callgraft.server.issuing import Scope, issue
from callgraft.server.settings import ServerSettings
from callgraft.stores import Store
from tests.core.tracked import NOON

EVERYTHING = (Scope.ADMIN,)
DOCUMENT = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
hold = "30m"
source = "yandex"
medium = "cpc"
"""
SITE = read_site(DOCUMENT)
CHANGED = read_site(DOCUMENT.replace('hold = "30m"', 'hold = "20m"'))


class TrackingServer:
    """Serves a store at one address of its own; the store outlives it."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = lambda: NOON) -> None:
        self.store = store
        self._clock = clock
        self._bound = _bound(0)
        self.port = int(self._bound.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        _, self.token = issue(store, name="tests", scopes=EVERYTHING, at=NOON)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failed: object) -> None:
        self.stop()

    def start(self) -> None:
        ready = threading.Event()
        app = make_app(lambda: _Kept(self.store), settings=ServerSettings(), clock=self._clock)
        self._server = _Uvicorn(app, ready)
        if self._bound.fileno() < 0:
            self._bound = _bound(self.port)
        self._thread = threading.Thread(target=self._server.run, args=([self._bound],), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        """As a crash would: connections break, nothing is waited for."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        self._bound.close()


class _Uvicorn(uvicorn.Server):
    def __init__(self, app: object, ready: threading.Event) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False))  # type: ignore[arg-type]  # an ASGI application
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class _Kept:
    """The store, which the server does not close."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
