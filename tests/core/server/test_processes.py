"""Tracking servers as operators run them: real processes, which end when they are told to."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from callgraft.client import open_client
from callgraft.server.issuing import Scope, issue
from callgraft.stores import open_store
from tests.certificates import certificate
from tests.core.served import now
from tests.core.server.api import DOCUMENT, Api
from tests.core.tracked import FIRST, NOON, view

CALLGRAFT = Path(sysconfig.get_path("scripts")) / "callgraft"
WAITED_FOR = "/v1/sites/okna/document?wait=25"


@dataclass
class Running:
    process: subprocess.Popen[str]
    api: Api

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Running]:
    """``callgraft serve`` on a free port, with a token for everything."""
    store = open_store(f"sqlite:///{folder / 'callgraft.db'}")
    _, secret = issue(store, name="test", scopes=(Scope.ADMIN,), at=NOON)
    store.close()
    command = [CALLGRAFT, "serve", "--port", "0", "--verbose", *words]
    log = (folder / "log.txt").open("w+")
    process = subprocess.Popen(command, cwd=folder, stderr=log, text=True)
    try:
        yield Running(process, Api(_url(process, folder / "log.txt"), secret))
    finally:
        process.kill()
        process.wait()
        log.close()


def _url(process: subprocess.Popen[str], log: Path) -> str:
    """The address that the server's first line tells."""
    while process.poll() is None:
        told = log.read_text()
        if " at http" in told and "\n" in told:
            return told.partition(" at ")[2].partition(",")[0]
    raise AssertionError(log.read_text())


def test_a_server_with_a_certificate_serves_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path)
    with serving(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key)) as running:
        assert running.api.url.startswith("https://127.0.0.1:")
        with pytest.raises(requests.exceptions.SSLError):
            running.api.get("/health")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
        running.api.publish(DOCUMENT)
        door = open_client(running.api.url, token=running.api.secret, state=tmp_path / "door")
        assert [each.number for each in door.page_view(view("a", now()))] == [FIRST]
        door.close()


def test_a_certificate_without_its_key_is_refused_before_anything_is_served(
    tmp_path: Path,
) -> None:
    cert, _ = certificate(tmp_path)
    done = subprocess.run(
        [CALLGRAFT, "serve", "--port", "0", "--tls-cert", str(cert)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "--tls-cert" in done.stderr
    assert "--tls-key" in done.stderr


def test_all_workers_together_admit_what_a_token_may_ask(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2", "--rate", "0.02", "--burst", "8") as running:
        answers = [Api(running.api.url, running.api.secret).get("/v1/sites") for _ in range(40)]
        statuses = [each.status_code for each in answers]
        assert set(statuses) == {200, 429}
        assert 4 <= statuses.count(200) <= 8


def test_requests_under_way_are_answered_when_the_server_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        api = running.api
        version = api.publish(DOCUMENT).headers["ETag"]
        answered: dict[str, requests.Response] = {}
        arrived = threading.Barrier(3)

        def ask(name: str, request) -> None:
            own = Api(api.url, api.secret)
            own.get("/health")  # the connection is there
            arrived.wait()
            answered[name] = request(own)

        threads = [
            threading.Thread(target=ask, args=("view", lambda own: own.show(view("a", now())))),
            threading.Thread(
                target=ask,
                args=("poll", lambda own: own.get(WAITED_FOR, If_None_Match=version)),
            ),
        ]  # fmt: skip
        with sqlite3.connect(tmp_path / "callgraft.db") as other:
            other.execute("BEGIN IMMEDIATE")  # the page view has to wait for this
            for each in threads:
                each.start()
            arrived.wait()
            while requests_under_way(api) < 3:  # the two, and this look
                pass
            running.process.send_signal(signal.SIGTERM)
            threads[1].join()
            assert answered["poll"].status_code == 304
            assert running.process.poll() is None
            other.rollback()
        threads[0].join()
        assert answered["view"].json()["assignments"][0][0]["number"] == FIRST
        assert running.process.wait(30) == 0
        with pytest.raises(requests.ConnectionError):
            api.get("/health")
    assert seen_by(tmp_path, FIRST) == ["a"]


def test_what_was_acknowledged_is_kept_when_the_server_ends_in_the_middle(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as running:
        running.api.publish(DOCUMENT)
        acknowledged: list[str] = []
        begun = threading.Barrier(5)

        def hammer(name: str) -> None:
            own = Api(running.api.url, running.api.secret)
            for place in range(10_000):
                session = f"{name}-{place}"
                try:
                    shown = own.show(view(session, now()))
                except requests.ConnectionError:
                    return
                assert shown.status_code == 200
                acknowledged.append(session)
                if place == 3:
                    begun.wait()

        threads = [threading.Thread(target=hammer, args=(name,)) for name in "abcd"]
        for each in threads:
            each.start()
        begun.wait()
        assert running.end() == 0
        for each in threads:
            each.join()
    assert len(acknowledged) >= 16
    store = open_store(f"sqlite:///{tmp_path / 'callgraft.db'}")
    kept = store.read(lambda journal: journal.stays("okna", acknowledged))
    store.close()
    assert set(kept) == set(acknowledged)


def test_workers_share_a_port_their_tokens_and_their_counters(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as running:
        api = running.api
        api.publish(DOCUMENT)
        for _ in range(20):
            fresh = Api(api.url, api.secret)
            assert fresh.get("/v1/sites").status_code == 200
            fresh.session.close()
        counted = samples(api, "callgraft_requests_total", "/v1/sites")
        assert counted == 20
        assert running.end() == 0


def test_a_revoked_token_is_refused_by_a_running_server_within_five_seconds(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as running:
        assert running.api.get("/v1/sites").status_code == 200
        store = open_store(f"sqlite:///{tmp_path / 'callgraft.db'}")
        [token] = store.read(lambda transaction: transaction.tokens())
        store.write(lambda transaction: transaction.revoke_token(token.token, at=NOON))
        store.close()
        revoked_at = time.monotonic()
        while running.api.get("/v1/sites").status_code == 200:
            assert time.monotonic() - revoked_at < 5
        assert running.api.get("/v1/sites").status_code == 401


def requests_under_way(api: Api) -> float:
    return samples(api, "callgraft_requests_under_way")


def samples(api: Api, name: str, route: str = "") -> float:
    """The sum of these samples."""
    told = api.get("/metrics").text
    return sum(
        sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
        if sample.name == name and sample.labels.get("route", "") == route
    )


def seen_by(folder: Path, number: str) -> list[str]:
    store = open_store(f"sqlite:///{folder / 'callgraft.db'}")
    try:
        found = store.read(lambda book: book.leases_on("okna", number, limit=10))
        return [lease.session for lease in found]
    finally:
        store.close()
