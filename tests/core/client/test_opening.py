"""One URL says where the tracking engine lives."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

from callgraft.client import open_client
from callgraft.errors import BackendError, StoreUnavailable
from callgraft.stores.database import Database
from callgraft.stores.schema import call_events
from callgraft.stores.urls import database_url
from tests.core.backends import Backend
from tests.core.tracked import FIRST, NOON, rings, site, view
from tests.servers import free_port


def test_every_backend_is_ready_at_once(backend: Backend) -> None:
    client = open_client(backend.url, leases=backend.leases)
    client.publish(site(), at=NOON)
    assert client.page_view(view("a"))[0].number == FIRST
    assert client.take_call(rings(FIRST, NOON)).attribution.session == "a"
    client.close()


def test_the_clock_tells_when_an_event_was_received(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callgraft.db'}"
    client = open_client(url, clock=lambda: NOON)
    client.take_call(rings(FIRST, NOON))
    database = Database(database_url(url))
    [event] = database.read(lambda here: list(here.execute(call_events.select())))
    assert event.received_at == NOON
    database.close()
    client.close()


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ("mysql://root@localhost/x", "sqlite:///callgraft.db"),
        ("callgraft.db", "sqlite:///callgraft.db"),
        ("", "sqlite:///callgraft.db"),
        ("redis://localhost", "sqlite:///callgraft.db"),
        ("sqlite://", "memory:"),
        ("sqlite:///:memory:", "memory:"),
        ("sqlite:////no/such/folder/callgraft.db", "Create /no/such/folder"),
    ],
)
def test_a_url_that_names_nothing_usable_is_refused_with_the_cure(wrong: str, cure: str) -> None:
    with pytest.raises(BackendError) as refused:
        open_client(wrong)
    assert refused.value.key == "backend"
    assert refused.value.value == wrong
    assert cure in refused.value.cure


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ("localhost:6379", "redis://host:6379/0"),
        ("http://localhost", "redis://host:6379/0"),
        ("redis://", "redis://host:6379/0"),
        ("redis://localhost:port/0", "redis://host/0"),
        ("redis://localhost:6379/0?socket_timeout=soon", "redis://host/0"),
    ],
)
def test_leases_that_name_no_redis_are_refused_with_the_cure(wrong: str, cure: str) -> None:
    with pytest.raises(BackendError) as refused:
        open_client("sqlite:///callgraft.db", leases=wrong)
    assert (refused.value.key, refused.value.value) == ("leases", wrong)
    assert cure in refused.value.cure


@pytest.mark.parametrize("url", ["memory:", "https://tracker.example"])
def test_leases_beside_something_that_is_no_database_are_refused(url: str) -> None:
    with pytest.raises(BackendError) as refused:
        open_client(url, leases="redis://:hunter2@localhost/0", token="cg_x")
    assert refused.value.key == "leases"
    assert "hunter2" not in f"{refused.value} {refused.value.args}"


def test_leases_in_a_redis_that_is_not_there_are_unavailable(tmp_path: Path) -> None:
    nowhere = f"redis://u:hunter2@127.0.0.1:{free_port()}/0"
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1") as refused:
        open_client(f"sqlite:///{tmp_path}/callgraft.db", leases=nowhere)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_redis_without_its_library_is_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(BackendError, match=r"callgraft\[redis\]"):
        open_client(f"sqlite:///{tmp_path}/callgraft.db", leases="redis://localhost/0")


def test_a_password_is_not_told() -> None:
    with pytest.raises(BackendError) as refused:
        open_client("mysql://root:hunter2@localhost/x")
    assert "hunter2" not in str(refused.value)


def test_the_secret_is_made_once_and_kept(sql_url: str) -> None:
    first, second = open_client(sql_url), open_client(sql_url)
    assert first.secret() == second.secret()
    assert len(first.secret()) == 32
    first.close()
    second.close()


def test_two_stores_in_memory_have_two_secrets() -> None:
    assert open_client("memory:").secret() != open_client("memory:").secret()


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@tracker.example",
        "https://hunter2@tracker.example",
        "https://tracker.example/?token=hunter2",
        "postgresql://u:hunter2@h:notaport/x",
        "postgresql://u:hunt/hunter2@h:notaport/x",
        "mysql://h/x?password=hunter2",
    ],
)
def test_no_secret_of_a_url_is_told_however_it_is_written(url: str) -> None:
    with pytest.raises(BackendError) as refused:
        open_client(url)
    assert "hunter2" not in f"{refused.value} {refused.value.value} {refused.value.args}"
    assert "***" in str(refused.value)
