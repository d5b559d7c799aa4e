"""A tracking server asked from an event loop, and by engines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callgraft import Head, Page, Visit, open_engine
from callgraft.client import open_client
from callgraft.client.protocol import AsyncTrackingClient
from callgraft.errors import CallgraftError, NotPublished, TrackerUnavailable
from callgraft.telephony.generic import signed_event
from callgraft.tracking.values import Shown
from tests.core.client.relay import Relay
from tests.core.client.serving import DOCUMENT, TrackingServer
from tests.core.tracked import FIRST, SECOND, view

LONG = 5.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADS = (
    DOCUMENT
    + f"""
[providers.generic]
secret = "{SECRET}"

[[rules]]
name = "All"
target = "main"
pool = "direct"
"""
)
HTML = b"<p>8 (495) 123-45-67</p>"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def relay(server: TrackingServer) -> Iterator[Relay]:
    with Relay(server.port) as relay:
        yield relay


@pytest.fixture
def relayed(server: TrackingServer, relay: Relay, tmp_path: Path) -> Iterator[AsyncTrackingClient]:
    """A client whose every byte passes through the relay."""
    with closing(open_client(relay.url, token=server.token, state=tmp_path / "state")) as client:
        yield client  # type: ignore[misc]  # a RemoteClient is one


async def asked(client: AsyncTrackingClient, *sessions: str, wait: float = LONG) -> list[object]:
    """What page views of the sessions bring that come up in one turn of the loop."""
    try:
        return await asyncio.gather(
            *(client.apage_view(view(each), deadline=time.monotonic() + wait) for each in sessions),
            return_exceptions=True,
        )
    finally:
        await client.leave_loop()


def test_an_event_loop_gets_the_numbers_that_threads_get(relayed: AsyncTrackingClient) -> None:
    answers = asyncio.run(asked(relayed, "a", "b", "a"))
    assert [each[0].number for each in answers] == [FIRST, SECOND, FIRST]  # type: ignore[index]
    assert relayed.page_view(view("a"))[0].number == FIRST


def test_page_views_of_one_turn_go_in_one_request(
    relay: Relay, relayed: AsyncTrackingClient
) -> None:
    answers = asyncio.run(asked(relayed, *(f"s{number}" for number in range(50))))
    assert [each[0].shown for each in answers[2:]] == [Shown.OVERFLOW] * 48  # type: ignore[index]
    assert relay.connections == 1


def test_what_is_wrong_with_one_page_view_costs_no_other_its_number(
    relayed: AsyncTrackingClient,
) -> None:
    async def all_at_once() -> list[object]:
        views = [
            view("a"),
            replace(view("b"), path="/" + "x" * 9000),
            replace(view("c"), site="dveri"),
            view("d"),
        ]
        try:
            return await asyncio.gather(
                *(relayed.apage_view(each) for each in views), return_exceptions=True
            )
        finally:
            await relayed.leave_loop()

    first, faulty, unknown, second = asyncio.run(all_at_once())
    assert first[0].number == FIRST  # type: ignore[index]
    assert second[0].number == SECOND  # type: ignore[index]
    assert isinstance(faulty, CallgraftError)
    assert isinstance(unknown, NotPublished)


def test_a_slow_server_costs_a_page_in_a_loop_no_more_than_its_deadline(
    relay: Relay, relayed: AsyncTrackingClient
) -> None:
    relay.answers.clear()
    began = time.monotonic()
    [late] = asyncio.run(asked(relayed, "a", wait=0.05))
    assert isinstance(late, TrackerUnavailable)
    assert time.monotonic() - began < 1.0


def test_a_loop_asks_again_over_a_connection_that_was_closed(
    server: TrackingServer, relayed: AsyncTrackingClient
) -> None:
    async def twice() -> str | None:
        await relayed.apage_view(view("a"), deadline=time.monotonic() + LONG)
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        [assigned] = await relayed.apage_view(view("a"), deadline=time.monotonic() + LONG)
        await relayed.leave_loop()
        return assigned.number

    assert asyncio.run(twice()) == FIRST


def visit(path: str = "/", cookie: str = "", **more: object) -> Visit:
    fields = [("User-Agent", AGENT), *([("Cookie", f"callgraft={cookie}")] if cookie else [])]
    return Visit(
        url=f"https://okna.example{path}",
        received_at=datetime.now(UTC),
        headers=(*fields, *more.pop("headers", ())),  # type: ignore[misc]  # pairs
        **more,  # type: ignore[arg-type]  # fields of Visit
    )


def page() -> Page:
    return Page(head=Head(headers=(("Content-Type", "text/html; charset=utf-8"),)), body=HTML)


def cookie_of(answer: Page) -> str:
    return (answer.head.header("set-cookie") or "").partition("=")[2].partition(";")[0]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLGRAFT_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def opened(server: TrackingServer, tmp_path: Path, url: str = ""):  # type: ignore[no-untyped-def]
    document = tmp_path / "okna.toml"
    document.write_text(ADS, encoding="utf-8")
    budget = timedelta(seconds=LONG)
    return closing(
        open_engine(
            document, backend=url or server.url, token=server.token, budget=budget, environ={}
        )
    )


def test_an_engine_shows_the_numbers_of_its_tracking_server(
    server: TrackingServer, tmp_path: Path, state: Path
) -> None:
    with opened(server, tmp_path) as engine:
        assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"

        async def in_a_loop() -> list[bytes]:
            pages = [engine.aswap(visit(), page()) for _ in range(3)]
            bodies = [each.body for each in await asyncio.gather(*pages)]
            await engine.leave_loop()
            return bodies

        assert asyncio.run(in_a_loop()) == [
            b"<p>8 (499) 000-00-02</p>",
            b"<p>8 (499) 000-00-99</p>",
            b"<p>8 (499) 000-00-99</p>",
        ]


def test_an_engine_starts_and_serves_while_its_tracking_server_is_down(
    server: TrackingServer, tmp_path: Path, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(server, tmp_path) as engine:
        first = engine.swap(visit(), page())
    server.stop()
    with opened(server, tmp_path) as engine:
        # The cookie opens with the secret that was kept, so it is not written anew.
        answer = engine.swap(visit(cookie=cookie_of(first)), page())
        assert answer.body == b"<p>8 (499) 000-00-99</p>"
        assert "kept on disk" in caplog.text
        server.start()
        until = time.monotonic() + LONG
        while engine.swap(visit(cookie=cookie_of(first)), page()).body == answer.body:
            assert time.monotonic() < until
        again = engine.swap(visit(cookie=cookie_of(first)), page())
        assert again.body == b"<p>8 (499) 000-00-01</p>"


def test_an_engine_without_a_server_that_it_ever_knew_passes_pages(
    server: TrackingServer, tmp_path: Path, state: Path
) -> None:
    server.stop()
    with opened(server, tmp_path) as engine:
        assert engine.swap(visit(), page()).body == HTML


def test_a_webhook_of_an_outage_is_taken_and_arrives(
    server: TrackingServer, tmp_path: Path, state: Path
) -> None:
    server.stop()
    with opened(server, tmp_path) as engine:
        data = {"call": "call-1", "number": FIRST, "caller": "+442079460001"}
        headers, body = signed_event(
            SECRET, event_id="e-1", type="call.ringing", data=data, at=datetime.now(UTC)
        )
        taken = engine.answer(
            visit("/.callgraft/calls/generic", method="POST", headers=headers), body
        )
        assert taken.head.status == 200
    server.start()
    with closing(open_client(server.url, token=server.token, state=state)) as client:
        until = time.monotonic() + LONG
        while not client.calls("okna"):
            assert time.monotonic() < until
        assert len(client.calls("okna")) == 1
