"""A tracking server as a process, or several workers behind one address."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from callgraft.server.app import make_app
from callgraft.server.metrics import FOLDER
from callgraft.server.settings import ServerSettings
from callgraft.stores import open_store

_PATIENCE = 30
"""Seconds that requests under way get to finish when the server ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    host: str = "127.0.0.1"
    port: int = 8700
    workers: int = 1


def serve(backend: str, address: Address, *, rate: float, burst: int) -> None:
    """
    Serve until SIGTERM or SIGINT; then requests under way are finished, and long polls answered.

    :param backend: the store, see :func:`callgraft.stores.open_store`.
    """
    app = partial(app_of, backend, rate, burst)
    config = uvicorn.Config(app, factory=True, **_options(address))
    if address.workers == 1:
        uvicorn.Server(config).run()
        return
    with ExitStack() as stack:
        if not os.environ.get(FOLDER):
            counted = tempfile.TemporaryDirectory(prefix="callgraft-metrics-")
            os.environ[FOLDER] = stack.enter_context(counted)
        Multiprocess(config, sockets=[config.bind_socket()]).run()


def app_of(backend: str, rate: float, burst: int) -> Starlette:
    """The application of one worker; it can be sent to another process by its arguments."""
    app = make_app(partial(open_store, backend), settings=ServerSettings(rate=rate, burst=burst))
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with inner(app) as state:
            _tell_of_signals(app.state.parts.closing)
            yield state

    app.router.lifespan_context = lifespan
    return app


def _options(address: Address) -> dict[str, Any]:
    return {
        "host": address.host,
        "port": address.port,
        "workers": address.workers,
        # Its lines have addresses of visitors' doors; ours have routes.
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": False,
        "ws": "none",
        "timeout_graceful_shutdown": _PATIENCE,
    }


def _tell_of_signals(closing: asyncio.Event) -> None:
    """
    Set ``closing`` when the process is told to end.

    uvicorn tells the application only when all requests are answered, and so long nobody may wait.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, partial(_closed, loop, closing, before))


def _closed(
    loop: asyncio.AbstractEventLoop,
    closing: asyncio.Event,
    before: Callable[[int, FrameType | None], object],
    number: int,
    frame: FrameType | None,
) -> None:
    loop.call_soon_threadsafe(closing.set)
    before(number, frame)
