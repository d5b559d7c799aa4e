"""The two doors that stand before a site on another server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from callgraft import Engine
from callgraft_proxy.testing import proxy_serving
from callgraft_proxy.testing_mitm import mitmproxy_serving
from tests.doors.plain_server import plain_site


@contextmanager
def proxy_door(engine: Engine) -> Iterator[str]:
    with plain_site() as site, proxy_serving(site, engine) as url:
        yield url


@contextmanager
def mitmproxy_door(engine: Engine) -> Iterator[str]:
    with plain_site() as site, mitmproxy_serving(site, engine) as url:
        yield url
