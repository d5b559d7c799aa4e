"""The ASGI middleware over a tracking server: pages get numbers, and the loop is left tidy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from callgraft import Engine, open_engine
from callgraft.stores import open_store
from callgraft_proxy import CallgraftMiddleware
from tests.core.client.relay import Relay
from tests.core.client.serving import DOCUMENT, TrackingServer

HTML = b"<p>8 (495) 123-45-67</p>"
RULE = '\n[[rules]]\nname = "All"\ntarget = "main"\npool = "direct"\n'


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Engine, Relay]]:
    monkeypatch.setenv("CALLGRAFT_STATE", str(tmp_path / "state"))
    document = tmp_path / "okna.toml"
    document.write_text(DOCUMENT + RULE, encoding="utf-8")
    with TrackingServer(open_store("memory:")) as server, Relay(server.port) as relay:
        opened = open_engine(
            document, backend=relay.url, token=server.token, budget=timedelta(seconds=5)
        )
        with closing(opened) as engine:
            yield engine, relay


async def site(scope, receive, send):
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": HTML})


async def a_life_of(app) -> list[bytes]:
    """Start the app, view two pages at a time, and end it."""
    steps, ended = asyncio.Queue(), []
    life = asyncio.create_task(app({"type": "lifespan"}, steps.get, _into(ended)))
    await steps.put({"type": "lifespan.startup"})
    bodies = await asyncio.gather(_page(app), _page(app))
    await steps.put({"type": "lifespan.shutdown"})
    await life
    assert [message["type"] for message in ended][-1] == "lifespan.shutdown.complete"
    return sorted(bodies)


async def _page(app) -> bytes:
    sent = []
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"host", b"okna.example"), (b"user-agent", b"Mozilla/5.0 Firefox/140.0")],
        "client": ("203.0.113.7", 1),
    }
    await app(scope, _nothing, _into(sent))
    return b"".join(message.get("body", b"") for message in sent)


def _into(messages):
    async def send(message):
        messages.append(message)

    return send


async def _nothing():
    return {"type": "http.request", "body": b"", "more_body": False}


def test_visitors_of_an_app_get_the_numbers_of_its_tracking_server(engine):
    engine, relay = engine
    before = relay.connections
    bodies = asyncio.run(a_life_of(CallgraftMiddleware(site, engine)))
    assert bodies == [b"<p>8 (499) 000-00-01</p>", b"<p>8 (499) 000-00-02</p>"]
    assert relay.connections > before
    # Those of the loop are closed with it, long before the server closes them after 5 seconds.
    until = time.monotonic() + 2
    while relay.open > before:
        assert time.monotonic() < until
