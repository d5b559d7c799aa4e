"""A tracking server in a thread of its own, on a free port, over a real store."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import uvicorn

from callgraft.server.app import make_app
from callgraft.server.issuing import Scope, issue
from callgraft.server.settings import ServerSettings
from callgraft.stores import Store
from callgraft.stores.tokens import Token


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that answers at ``url``; ``store`` is the one behind it."""

    url: str
    store: Store
    clock: Callable[[], datetime]

    def token(self, *scopes: Scope, site: str = "", name: str = "test") -> str:
        """The secret of a new token."""
        return self.issue(*scopes, site=site, name=name)[1]

    def issue(self, *scopes: Scope, site: str = "", name: str = "test") -> tuple[Token, str]:
        return issue(self.store, name=name, scopes=scopes, site=site, at=self.clock())


@contextmanager
def served(
    store: Store,
    *,
    settings: ServerSettings | None = None,
    clock: Callable[[], datetime] = now,
    port: int = 0,
) -> Iterator[Served]:
    """
    Serve the store, which is closed afterwards, and end as a server does that is told to.

    :param port: the port of a server that was there before, when it comes back.
    """
    app = make_app(lambda: store, settings=settings, clock=clock)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10
    )
    server = _Server(config)
    listening = socket.create_server(("127.0.0.1", port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    server.is_up.wait()
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield Served(url=url, store=store, clock=clock)
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """Says when it is up, and ends long polls as the signal does in a process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.is_up.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)  # its own loop looks ten times more rarely

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.parts.closing.set()
        await super().shutdown(sockets)
