"""A tracking server as a process, or several workers behind one address."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
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
_KEEP_ALIVE = 75
"""Seconds that a door's connection may stand idle: a new one would cost a page's budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What each worker needs to know, as it is sent to another process.

    ``rate`` and ``burst`` are those of all workers together: each of them admits its part.
    ``is_verbose`` logs a line for each request: its route, and the id of its token.
    """

    backend: str
    leases: str | None = None
    workers: int = 1
    rate: float = 500.0
    burst: int = 1000
    tls_cert: str | None = None
    tls_key: str | None = None
    is_verbose: bool = False


def serve(plan: Plan, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then finish requests under way, and answer long polls."""
    config = uvicorn.Config(
        partial(app_of, plan),
        factory=True,
        workers=plan.workers,
        # Its lines have the addresses of doors; ours have routes.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        ws="none",
        ssl_certfile=plan.tls_cert,
        ssl_keyfile=plan.tls_key,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_PATIENCE,
    )
    if plan.workers == 1:
        _end_well()
        uvicorn.Server(config).run(sockets=[listening])
        return
    with ExitStack() as stack:
        if not os.environ.get(FOLDER):
            counted = tempfile.TemporaryDirectory(prefix="callgraft-metrics-")
            os.environ[FOLDER] = stack.enter_context(counted)
        Multiprocess(config, sockets=[listening]).run()


def app_of(plan: Plan) -> Starlette:
    """The application of one worker."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    if plan.is_verbose:
        logging.getLogger("callgraft.server").setLevel(logging.INFO)
    burst = max(1, plan.burst // plan.workers)
    settings = ServerSettings(rate=plan.rate / plan.workers, burst=burst)
    app = make_app(partial(open_store, plan.backend, leases=plan.leases), settings=settings)
    app.router.lifespan_context = _heeding_signals(app.router.lifespan_context)
    return app


def _end_well() -> None:
    """Let the process end with 0 when it is told to: uvicorn repeats the signal when it is done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: sys.exit(0))


def _heeding_signals(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """
    The application's lifespan, which also sees that the process is told to end.

    uvicorn tells the application only when all requests are answered, and so long nobody may wait.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Any]:
        async with inner(app) as state:
            if threading.current_thread() is threading.main_thread():
                _chain(app.state.parts.closing)
            yield state

    return lifespan


def _chain(closing: asyncio.Event) -> None:
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
