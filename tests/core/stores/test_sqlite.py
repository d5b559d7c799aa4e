"""The SQLite store in the wild: locked, deleted, replaced, full, forked, opened by many at once."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import traceback
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from callgraft.client import EmbeddedClient, open_client
from callgraft.errors import BackendError, StoreUnavailable
from callgraft.stores.database import Database
from callgraft.stores.sql import SqlStore
from callgraft.stores.urls import database_url
from tests.core.stores.racing import in_processes
from tests.core.tracked import FIRST, MINUTE, NOON, SECOND, numbers_shown, rings, site, view

SOON = timedelta(milliseconds=50)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "callgraft.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def _impatient(url: str) -> EmbeddedClient:
    client = EmbeddedClient(SqlStore(url, patience=SOON), clock=lambda: NOON)
    client.publish(site(), at=NOON)
    return client


def test_connections_are_set_up_for_several_processes(url: str) -> None:
    database = Database(database_url(url))
    assert database.read(lambda here: _pragma(here, "journal_mode")) == "wal"
    assert database.read(lambda here: _pragma(here, "foreign_keys")) == 1
    database.close()


def test_what_was_taken_for_good_is_forced_to_the_disk(url: str) -> None:
    database = Database(database_url(url))
    normal, full = 1, 2
    assert database.write(lambda here: _pragma(here, "synchronous"), for_good=True) == full
    assert database.write(lambda here: _pragma(here, "synchronous")) == normal
    database.close()


def _pragma(connection: Connection, name: str) -> object:
    return connection.scalar(text(f"PRAGMA {name}"))


def test_first_starts_that_race_on_one_file_make_one_store(url: str) -> None:
    secrets = in_processes(6, _open, url)
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 32


def _open(_index: int, url: str) -> bytes:
    client = open_client(url)
    client.publish(site(), at=NOON)
    secret = client.secret()
    client.close()
    return secret


def test_a_locked_store_is_unavailable_and_comes_back(url: str, file: Path) -> None:
    client = _impatient(url)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        client.page_view(view("a"))
    assert client.calls("okna") == []  # whoever reads is not in anybody's way
    other.execute("ROLLBACK")
    other.close()
    assert numbers_shown(client, view("a")) == [FIRST]


def test_a_deleted_store_is_unavailable_and_not_made_anew(url: str, file: Path) -> None:
    client = _impatient(url)
    client.page_view(view("a"))
    file.unlink()
    with pytest.raises(StoreUnavailable, match="is gone"):
        client.page_view(view("b"))
    with pytest.raises(StoreUnavailable, match="is gone"):
        client.calls("okna")
    assert not file.exists()


def test_a_store_that_is_put_back_goes_on(url: str, file: Path, tmp_path: Path) -> None:
    client = _impatient(url)
    client.page_view(view("a"))
    away = tmp_path / "away"
    away.mkdir()
    for part in tmp_path.glob("callgraft.db*"):
        shutil.move(part, away / part.name)
    with pytest.raises(StoreUnavailable):
        client.page_view(view("b"))
    for part in away.iterdir():
        shutil.copy(part, tmp_path / part.name)
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [SECOND]
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_a_file_put_in_place_of_the_store_is_the_store(url: str, file: Path) -> None:
    client = _impatient(url)
    client.page_view(view("a"))
    for part in file.parent.glob("callgraft.db*"):
        part.unlink()
    another = _impatient(url)
    assert numbers_shown(client, view("b")) == [FIRST]
    assert [lease.session for lease in another.number_history("okna", FIRST)] == ["b"]


def test_a_store_of_a_newer_version_put_in_place_is_unavailable(url: str, file: Path) -> None:
    client = _impatient(url)
    _make_newer(file)
    newer = file.rename(file.with_name("newer.db"))
    for part in file.parent.glob("callgraft.db*"):
        part.unlink()
    shutil.copy(newer, file)
    with pytest.raises(StoreUnavailable, match="newer version"):
        client.page_view(view("a"))


def test_a_file_that_is_no_database_is_unavailable(url: str, file: Path) -> None:
    file.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqlStore(url, patience=SOON)


def test_a_store_of_a_newer_version_is_refused_with_the_cure(url: str, file: Path) -> None:
    open_client(url).close()
    _make_newer(file)
    with pytest.raises(BackendError, match=r"newer version .* Update callgraft"):
        open_client(url)


def _make_newer(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_a_full_disk_makes_the_store_unavailable_and_loses_nothing(url: str) -> None:
    [written] = in_processes(1, _fill_the_disk, url)
    client = _impatient(url)
    sessions = client.number_history("okna", FIRST, limit=10_000)
    sessions += client.number_history("okna", SECOND, limit=10_000)
    assert len(sessions) == written
    client.page_view(view("later", NOON + 10_000 * MINUTE))


def _fill_the_disk(_index: int, url: str) -> int:
    """Let sessions come until the file may grow no more; return how many got a number."""
    client = _impatient(url)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    for index in range(5_000):
        try:
            [shown] = client.page_view(view(f"s{index}", NOON + 60 * index * MINUTE))
        except StoreUnavailable:
            return index
        assert shown.lease is not None
    raise AssertionError("The disk was never full.")


def test_forked_processes_share_the_store_of_their_parent(url: str) -> None:
    client = EmbeddedClient(SqlStore(url), clock=lambda: NOON)
    client.publish(site(), at=NOON)
    client.page_view(view("a"))
    with get_context("fork").Pool(4, initializer=_inherit, initargs=(client,)) as forks:
        shown = forks.map(_view_in_fork, ["a", "b", "a", "b"] * 5)
    assert shown == [[FIRST], [SECOND], [FIRST], [SECOND]] * 5
    assert numbers_shown(client, view("b")) == [SECOND]


_inherited: list[EmbeddedClient] = []


def _inherit(client: EmbeddedClient) -> None:
    _inherited.append(client)


def _view_in_fork(session: str) -> list[str | None]:
    return numbers_shown(_inherited[0], view(session))


def test_strange_folder_names_are_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "100 % моё %(here)s"
    folder.mkdir()
    client = _impatient(f"sqlite:///{folder}/callgraft.db")
    assert numbers_shown(client, view("a")) == [FIRST]


def test_a_relative_file_stays_the_same_file_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = open_client("sqlite:///callgraft.db")
    monkeypatch.chdir("/")
    client.publish(site(), at=NOON)
    assert (tmp_path / "callgraft.db").exists()
    client.close()


def test_only_its_owner_can_read_a_store(url: str, file: Path) -> None:
    before = os.umask(0)
    try:
        client = _impatient(url)
        client.page_view(view("a"))
    finally:
        os.umask(before)
    modes = {part.name: part.stat().st_mode & 0o777 for part in file.parent.glob("callgraft.db*")}
    assert modes == {
        "callgraft.db": 0o600,
        "callgraft.db-wal": 0o600,
        "callgraft.db-shm": 0o600,
    }


def test_a_store_that_is_damaged_while_it_is_open_is_unavailable(url: str, file: Path) -> None:
    client = _impatient(url)
    client.take_call(rings(FIRST, NOON))
    for part in file.parent.glob("callgraft.db*"):
        with part.open("r+b") as damaged:
            damaged.write(b"\xff" * min(part.stat().st_size, 16_384))
    with pytest.raises(StoreUnavailable):
        client.take_call(rings(FIRST, NOON, call="call-2"))
    with pytest.raises(StoreUnavailable):
        client.page_view(view("a"))
    with pytest.raises(StoreUnavailable):
        client.calls("okna")


def test_errors_name_no_caller(url: str, file: Path) -> None:
    client = _impatient(url)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("DROP TABLE call_events")
    other.close()
    event = rings(FIRST, NOON, caller="+79160000001", raw=b'{"caller": "+79160000001"}')
    with pytest.raises(StoreUnavailable) as refused:
        client.take_call(event)
    told = "".join(traceback.format_exception(refused.value)) + repr(event)
    assert "call_events" in told
    assert "9160000001" not in told
