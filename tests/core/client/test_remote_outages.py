"""A tracking server that is down, slow, cut off or none: nothing gets lost, nobody waits long."""

from __future__ import annotations

import logging
import multiprocessing
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from callgraft.client import TrackingClient, open_client
from callgraft.client.remote.spool import Item, Spool
from callgraft.errors import (
    CallgraftError,
    RepeatedEvent,
    SetupError,
    StoreUnavailable,
    TrackerUnavailable,
)
from callgraft.server.issuing import Scope, issue
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import PageView, SessionSign
from tests.core.client.relay import Relay
from tests.core.client.serving import CHANGED, SITE, TrackingServer
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

LONG = 5.0


@pytest.fixture
def relay(server: TrackingServer) -> Iterator[Relay]:
    with Relay(server.port) as relay:
        yield relay


@pytest.fixture
def relayed(server: TrackingServer, relay: Relay, tmp_path: Path) -> Iterator[TrackingClient]:
    """A client whose every byte passes through the relay."""
    with closing(open_client(relay.url, token=server.token, state=tmp_path / "state")) as client:
        client.secret()
        client.published("okna")
        yield client


def again(server: TrackingServer, tmp_path: Path) -> TrackingClient:
    """A client as after a restart of its process."""
    return open_client(server.url, token=server.token, state=tmp_path / "state")


def spooled(tmp_path: Path) -> list[tuple[str, str]]:
    [path] = (tmp_path / "state").glob("*/spool.db")
    with closing(Spool(path)) as spool:
        return [(each.kind, each.site) for each in spool.oldest(100)]


def paths(client: TrackingClient, visitor: str = "anna") -> list[str]:
    record = client.visitor_record("okna", visitor)
    return [page.path for session in record.sessions for page in session.visits] if record else []


def page(path: str, at: timedelta = timedelta(0), *, wants: bool = False) -> PageView:
    seen = view("a", NOON + at, visitor="anna", path=path)
    return seen if wants else replace(seen, wanted=())


def answers_again(client: TrackingClient) -> None:
    """Ask until the server is left alone no longer."""
    until = time.monotonic() + LONG
    while True:
        try:
            client.editions("okna")
            return
        except StoreUnavailable:
            assert time.monotonic() < until


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_server_that_was_started_again_is_asked_at_once(
    server: TrackingServer, remote: TrackingClient
) -> None:
    assert remote.page_view(view("a"))[0].number == FIRST
    server.stop()
    server.start()
    # On the connection that stood open, and is not.
    assert remote.page_view(view("a"), deadline=time.monotonic() + LONG)[0].number == FIRST


def test_page_views_of_an_outage_arrive_later(
    server: TrackingServer, remote: TrackingClient
) -> None:
    remote.page_view(page("/before", wants=True))
    server.stop()
    with pytest.raises(TrackerUnavailable):
        remote.page_view(page("/wanted", MINUTE, wants=True), deadline=time.monotonic() + LONG)
    remote.page_view(page("/read", 2 * MINUTE))
    server.start()
    answers_again(remote)
    remote.page_view(page("/after", 3 * MINUTE, wants=True))
    wait_for(lambda: paths(remote) == ["/before", "/wanted", "/read", "/after"])
    assert len(remote.number_history("okna", FIRST)) == 1


def test_what_could_not_be_sent_outlives_the_process(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    remote.page_view(page("/1", wants=True))
    server.stop()
    remote.page_view(page("/2", MINUTE))
    sign = SessionSign(site="okna", session="a", at=NOON + 2 * MINUTE, kind=SignKind.ACTIVE)
    remote.take_signs([sign])
    call = remote.take_call(rings(FIRST, NOON + 2 * MINUTE))
    remote.close()
    assert sorted(spooled(tmp_path)) == [("call", "okna"), ("sign", "okna"), ("view", "okna")]
    server.start()
    with closing(again(server, tmp_path)) as client:
        wait_for(lambda: not spooled(tmp_path))
        [lease] = client.number_history("okna", FIRST)
        assert lease.seen_at == NOON + 2 * MINUTE
        [arrived] = client.calls("okna")
        assert (arrived.id, arrived.attribution.session) == (call.id, "a")


def test_a_call_event_of_an_outage_is_on_disk_when_it_is_answered(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    server.stop()
    call = remote.take_call(rings(FIRST, NOON, raw=b"1"))
    assert spooled(tmp_path) == [("call", "okna")]
    assert call.attribution.method == "none"
    assert "kept here" in call.attribution.because
    assert remote.take_call(rings(FIRST, NOON, raw=b"1")) == call
    with pytest.raises(RepeatedEvent):
        remote.take_call(rings(FIRST, NOON, raw=b"2"))
    assert spooled(tmp_path) == [("call", "okna")]
    server.start()
    answers_again(remote)
    wait_for(lambda: [each.id for each in remote.calls("okna")] == [call.id])


def test_a_call_event_that_can_be_kept_nowhere_is_not_acknowledged(
    server: TrackingServer, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("no folder")
    with closing(again(server, tmp_path)) as client:
        server.stop()
        with pytest.raises(StoreUnavailable):
            client.take_call(rings(FIRST, NOON))


def test_an_answer_that_is_cut_off_makes_nothing_happen_twice(
    server: TrackingServer, relay: Relay, relayed: TrackingClient
) -> None:
    relay.cuts_answers = True
    with pytest.raises(TrackerUnavailable):
        relayed.page_view(page("/cut", wants=True), deadline=time.monotonic() + LONG)
    call = relayed.take_call(rings(FIRST, NOON))
    relay.cuts_answers = False
    answers_again(relayed)
    relayed.page_view(page("/cut", wants=True))
    assert relayed.take_call(rings(FIRST, NOON)).id == call.id
    assert paths(relayed) == ["/cut"]
    assert len(relayed.number_history("okna", FIRST)) == 1
    assert len(relayed.calls("okna")) == 1


def test_a_slow_server_costs_a_page_no_more_than_its_deadline(
    relay: Relay, relayed: TrackingClient
) -> None:
    relayed.page_view(view("a"))
    relay.answers.clear()
    began = time.monotonic()
    for _ in range(4):
        with pytest.raises(TrackerUnavailable) as late:
            relayed.page_view(view("a"), deadline=time.monotonic() + 0.05)
        # How slow it is, is judged by the engine's budget; the breaker stays out of it.
        assert "refused" not in str(late.value)
    assert time.monotonic() - began < 1.0
    relay.answers.set()
    assert relayed.page_view(view("a"), deadline=time.monotonic() + LONG)[0].number == FIRST


def test_a_server_that_is_down_costs_a_page_next_to_nothing(
    server: TrackingServer, remote: TrackingClient
) -> None:
    server.stop()
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(TrackerUnavailable):
            remote.page_view(view("a"), deadline=time.monotonic() + LONG)
    assert time.monotonic() - began < 1.0


def test_requests_of_one_thread_share_a_connection(relay: Relay, relayed: TrackingClient) -> None:
    for session in "abcde":
        relayed.page_view(view(session))
    assert relay.connections == 1


def test_a_first_start_with_a_wrong_token_stops(server: TrackingServer, tmp_path: Path) -> None:
    with closing(open_client(server.url, token="cg_wrong", state=tmp_path)) as client:
        with pytest.raises(SetupError) as refused:
            client.secret()
        assert refused.value.key == "token"
        assert "callgraft token add" in str(refused.value)
        assert "cg_wrong" not in str(refused.value)


def test_a_token_that_was_good_once_stops_no_start(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    secret = remote.secret()
    with closing(open_client(server.url, token="cg_taken", state=tmp_path / "state")) as client:
        assert client.secret() == secret
        with pytest.raises(TrackerUnavailable, match="callgraft token add"):
            client.page_view(view("a"), deadline=time.monotonic() + LONG)


def test_the_last_good_document_and_the_secret_are_kept_for_a_start_without_the_server(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    remote.publish(CHANGED, at=NOON, by="Ирина")
    secret, published = remote.secret(), remote.published("okna")
    server.stop()
    with closing(again(server, tmp_path)) as client:
        assert client.secret() == secret
        assert client.published("okna") == published
        assert client.sites() == {"okna": CHANGED.version}
        client.publish(CHANGED, at=NOON)
        with pytest.raises(TrackerUnavailable):
            client.publish(SITE, at=NOON)
        with pytest.raises(TrackerUnavailable):
            client.published("okna", other_than=CHANGED.version)


def test_what_is_kept_is_for_its_owner_alone(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    server.stop()
    remote.take_call(rings(FIRST, NOON))
    [folder] = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert {"secret", "site-okna.json", "spool.db", "spool.db-wal"} <= set(kept)
    assert set(kept.values()) == {0o600}


def test_two_servers_have_two_secrets(server: TrackingServer, tmp_path: Path) -> None:
    with closing(again(server, tmp_path)) as client:
        client.secret()
    elsewhere = open_client(server.url + "/b", token="cg_b", state=tmp_path / "state")
    with closing(elsewhere) as other, pytest.raises(CallgraftError):
        other.secret()


def _child(client: TrackingClient, answers) -> None:  # type: ignore[no-untyped-def]  # a queue
    client.page_view(page("/child"))
    answers.put(client.page_view(view("b"))[0].number)
    client.close()


def test_a_fork_has_connections_of_its_own(relay: Relay, relayed: TrackingClient) -> None:
    relayed.page_view(page("/parent"))
    relayed.page_view(page("/1", MINUTE, wants=True))
    assert paths(relayed) == ["/parent", "/1"]
    before = relay.connections
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_child, args=(relayed, answers))
    child.start()
    assert answers.get(timeout=LONG) != FIRST
    child.join(LONG)
    assert relayed.page_view(page("/2", MINUTE, wants=True))[0].number == FIRST
    assert sorted(paths(relayed)) == ["/1", "/2", "/child", "/parent"]
    assert relay.connections == before + 2  # the child's two threads


class Garbage(BaseHTTPRequestHandler):
    """Answers what no tracking server answers, as ``path`` of the URL says."""

    protocol_version = "HTTP/1.1"
    status, body, headers_more = 200, b"", ()
    asked: list[str] = []  # noqa: RUF012  one for the test

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.asked.append(self.path)
        self.send_response(self.status)
        for name, value in (("Content-Length", str(len(self.body))), *self.headers_more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>Please log in</html>", ()),
        (200, b'{"assignments": []}', ()),
        (200, b'{"assignments": [[{"target": 1}]]}', ()),
        (200, b"", ()),
        (204, b"", ()),
        (302, b"", (("Location", "/stolen"),)),
        (404, b"Not Found", ()),
        (502, b"<h1>Bad Gateway</h1>", ()),
        (503, b"{", (("Retry-After", "0"), ("Content-Type", "application/problem+json"))),
        (500, b"", ()),
        (429, b"", (("Retry-After", "soon"),)),
    ],
)
def test_what_is_no_answer_of_a_tracking_server_is_an_outage(
    status: int, body: bytes, headers: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    handler = type("Handler", (Garbage,), {"status": status, "body": body, "headers_more": headers})
    handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{httpd.server_port}"
        with closing(open_client(url, token="cg_any", state=tmp_path)) as client:
            with pytest.raises(TrackerUnavailable) as unavailable:
                client.page_view(view("a"), deadline=time.monotonic() + LONG)
            assert url in str(unavailable.value)
            with pytest.raises(TrackerUnavailable):
                client.secret()
        httpd.shutdown()
    assert set(handler.asked) <= {"/v1/page-views", "/v1/secret"}


def test_no_token_and_no_caller_is_told_in_a_log(
    server: TrackingServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(again(server, tmp_path)) as client:
        client.secret()
        client.take_call(rings(FIRST, NOON, caller="+442079460001"))
        server.stop()
        client.take_call(rings(FIRST, NOON, call="call-2", caller="+442079460001"))
        with pytest.raises(TrackerUnavailable) as unavailable:
            client.page_view(view("a"))
        told = f"{caplog.text}{unavailable.value!r}{unavailable.value.__cause__!r}{vars(client)!r}"
    assert server.token not in told
    assert "+442079460001" not in told
    assert "is left alone for a while" in caplog.text


def test_an_event_that_the_server_never_takes_does_not_stop_the_others(
    server: TrackingServer, remote: TrackingClient, tmp_path: Path
) -> None:
    server.stop()
    remote.take_call(rings("no number at all", NOON, call="bad"))
    remote.take_call(rings(FIRST, NOON, call="good"))
    server.start()
    answers_again(remote)
    wait_for(lambda: not spooled(tmp_path))
    assert [each.call for each in remote.calls("okna")] == ["good"]


def test_items_of_a_spool_are_told_by_their_key(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool.db")) as spool:
        item = Item(kind="call", site="okna", key="1", body=b"{}")
        spool.put([item, item])
        assert len(spool.oldest(10)) == 1


def test_what_a_token_is_not_good_for_waits_and_stops_nothing_else(
    server: TrackingServer, tmp_path: Path
) -> None:
    _, token = issue(server.store, name="door", scopes=(Scope.DOOR,), at=NOON)
    with closing(open_client(server.url, token=token, state=tmp_path / "state")) as client:
        client.secret()
        call = client.take_call(rings(FIRST, NOON))
        assert call.attribution.method == "none"
        client.page_view(page("/1"))
        client.page_view(page("/2"))
        with closing(again(server, tmp_path)) as reader:
            wait_for(lambda: paths(reader) == ["/1", "/2"])
            # This one's token is good for it, and it sends what is on the disk of both.
            wait_for(lambda: [each.id for each in reader.calls("okna")] == [call.id])


class Dripping(Garbage):
    """Sends its answer a byte every hundredth of a second."""

    over = Event()

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        with suppress(OSError):
            while not self.over.wait(0.01):
                self.wfile.write(b" ")

    do_POST = answer


def test_an_answer_in_drops_costs_a_page_no_more_than_its_deadline(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as httpd:
        Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{httpd.server_port}"
        with closing(open_client(url, token="cg_any", state=tmp_path)) as client:
            began = time.monotonic()
            with pytest.raises(TrackerUnavailable):
                client.page_view(view("a"), deadline=time.monotonic() + 0.1)
            assert time.monotonic() - began < 1.0
        Dripping.over.set()
        httpd.shutdown()
