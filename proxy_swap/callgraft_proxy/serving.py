"""The whole proxy: gate, middleware and site in one app, and the server that it runs on."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from callgraft import Engine
from callgraft_proxy.asgi import App
from callgraft_proxy.gate import Gate
from callgraft_proxy.middleware import CallgraftMiddleware
from callgraft_proxy.pool import Timeouts
from callgraft_proxy.upstream import Upstream

_GRACE = 30
# Longer than a proxy or CDN in front keeps its connections to us, so that it closes them, not we:
# a request must not meet a connection that is closing.
_KEEP_ALIVE = 75


def reverse_proxy(address: str, engine: Engine, *, timeouts: Timeouts | None = None) -> App:
    """Return the ASGI app that serves the site at ``address`` with its visitors' numbers."""
    trusted = engine.settings.trusted_proxies
    upstream = Upstream(address, trusted=trusted, timeouts=timeouts)
    return Gate(CallgraftMiddleware(upstream, engine), trusted=trusted)


class ProxyServer(uvicorn.Server):
    """
    Serves an ASGI app on a socket until it is told to stop.

    SIGTERM and SIGINT let the requests under way end, for 30 seconds at most; a second SIGINT does
    not wait.

    :param ready: called when connections are accepted.
    """

    def __init__(self, app: App, *, ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(_config(app))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's own would raise the signal again at the end: an orderly exit is no failure.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="wsproto",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket that is bound to the address, and not yet listening; port 0 takes a free one.

    :raises OSError: the address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def address_of(bound: socket.socket) -> str:
    """Return the URL of a bound socket, with its real port."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
