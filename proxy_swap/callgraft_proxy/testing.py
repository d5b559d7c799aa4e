"""Real servers on free ports, for tests: the proxy, any ASGI app, and mitmproxy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from callgraft import Engine
from callgraft_proxy.asgi import App
from callgraft_proxy.pool import Timeouts
from callgraft_proxy.serving import ProxyServer, address_of, listen, reverse_proxy

PATIENCE = 20.0
"""Seconds after which a server that did not start, or did not stop, is a failure."""


@contextmanager
def serving(app: App) -> Iterator[str]:
    """Serve an ASGI app as ``callgraft-proxy`` does, in a thread; gives its URL."""
    ready = threading.Event()
    server = ProxyServer(app, ready=ready.set)
    bound = listen("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: server.run([bound]), name="callgraft-proxy")
    thread.start()
    try:
        if not ready.wait(PATIENCE):
            raise RuntimeError("The server did not start; its log says why.")
        yield address_of(bound)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        bound.close()


@contextmanager
def proxy_serving(
    upstream: str, engine: Engine, *, timeouts: Timeouts | None = None
) -> Iterator[str]:
    """Run the reverse proxy before the site at ``upstream``, in a thread; gives its URL."""
    with serving(reverse_proxy(upstream, engine, timeouts=timeouts)) as url:
        yield url
