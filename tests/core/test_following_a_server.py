"""Doors behind a tracking server follow what is published there, and keep it through an outage."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import engine as engine_module
from callgraft import open_engine, read_site
from callgraft.client import EmbeddedClient
from callgraft.stores import open_store
from tests.core.client.serving import TrackingServer
from tests.core.test_following import ORIGINAL, PROMISED, document, number, shown, within


@pytest.fixture
def server():
    store = open_store("memory:")
    with TrackingServer(store, clock=lambda: datetime.now(UTC)) as server:
        yield server


@pytest.fixture
def published(server):
    """Publishes a document at the server's own store."""
    client = EmbeddedClient(server.store, clock=lambda: datetime.now(UTC))

    def publish(last):
        client.publish(read_site(document(last)), at=datetime.now(UTC), by="anna")

    return publish


@pytest.fixture
def door(server, tmp_path, monkeypatch):
    """Opens doors that know the server alone."""
    monkeypatch.setenv("CALLGRAFT_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(engine_module, "FOLLOW_EVERY", timedelta(seconds=0.1))

    def start(site="store:okna"):
        return closing(open_engine(site, backend=server.url, token=server.token))

    return start


def test_a_door_follows_what_is_published_at_the_server(published, door):
    published("01")
    with door() as engine:
        assert shown(engine) == number("01")
        published("02")
        assert within(PROMISED, lambda: shown(engine) == number("02"))


def test_a_door_with_a_file_publishes_it_at_the_server(server, door, tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(document("01"), encoding="utf-8")
    with door(str(path)) as engine:
        assert shown(engine) == number("01")
        path.write_text(document("02"), encoding="utf-8")
        assert within(3 * PROMISED, lambda: shown(engine) == number("02"))
    client = EmbeddedClient(server.store, clock=lambda: datetime.now(UTC))
    assert [each.edition for each in client.editions("okna")] == [2, 1]
    assert client.editions("okna")[0].by


def test_the_last_good_document_serves_through_an_outage_and_a_restart_of_the_door(
    server, published, door
):
    published("01")
    with door() as engine:
        assert shown(engine) == number("01")
        server.stop()
        assert shown(engine) == number("01")
    with door() as engine:
        assert within(PROMISED, lambda: shown(engine) == number("01"))
        published("02")
        server.start()
        assert within(3 * PROMISED, lambda: shown(engine) == number("02"))


def test_a_door_starts_before_its_server_and_serves_once_that_answers(server, door, tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(document("01"), encoding="utf-8")
    server.stop()
    with door(str(path)) as engine:
        assert shown(engine) == ORIGINAL
        server.start()
        assert within(5 * PROMISED, lambda: shown(engine) == number("01"))
