"""The stores and the clients that every promise is tested on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callgraft.client import EmbeddedClient, TrackingClient, open_client
from callgraft.client.cached import CachedClient
from callgraft.stores import open_store
from tests.core.client.serving import SITE, TrackingServer
from tests.core.tracked import NOON, backend, client, sql_url, store, url

__all__ = ["backend", "client", "sql_url", "store", "url"]


@pytest.fixture
def server() -> Iterator[TrackingServer]:
    """A tracking server on a store in memory, where the site is published."""
    with TrackingServer(open_store("memory:")) as server:
        EmbeddedClient(server.store, clock=lambda: NOON).publish(SITE, at=NOON)
        yield server


@pytest.fixture
def remote(server: TrackingServer, tmp_path: Path) -> Iterator[TrackingClient]:
    """A client of the server, which knows it already."""
    with closing(open_client(server.url, token=server.token, state=tmp_path / "state")) as client:
        client.secret()
        client.published("okna")
        yield client


@pytest.fixture(params=["embedded", "remote", "embedded, cached", "remote, cached"])
def either(request: pytest.FixtureRequest) -> Iterator[TrackingClient]:
    """A client of each kind, as it is and as doors have it; the site is published."""
    kind, _, cached = request.param.partition(", ")
    client: TrackingClient
    if kind == "remote":
        client = request.getfixturevalue("remote")
    else:
        client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
        client.publish(SITE, at=NOON)
    with closing(CachedClient(client) if cached else client) as either:
        yield either
