"""``callgraft backup``: a good copy at any time, made while the store serves."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from callgraft.cli import main
from callgraft.client import open_client
from callgraft.errors import StoreUnavailable
from callgraft.stores.backup import back_up
from tests.core.tracked import site, view

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(site(), at=NOON)
        yield client


def run(*arguments):
    return CliRunner().invoke(main, ["backup", *arguments])


def sessions(path):
    with closing(sqlite3.connect(path)) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM sessions")
    return count


def test_a_backup_is_a_store_that_can_be_opened(client, tmp_path):
    client.page_view(view("a", NOON))
    done = run("copy.db")
    assert done.exit_code == 0, done.output
    assert "copy.db: 0." in done.output
    assert done.output.endswith(" MB, checked.\n")
    with closing(open_client("sqlite:///copy.db")) as copy:
        assert copy.visitor_record("okna", "visitor of a") == client.visitor_record(
            "okna", "visitor of a"
        )


def test_only_its_owner_can_read_a_backup_and_nothing_else_is_left_behind(client, tmp_path):
    run("copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.glob("*copy.db*")) == ["copy.db"]


def test_a_backup_while_others_write_is_whole_and_of_one_moment(client, tmp_path):
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            client.page_view(view(f"s{len(written)}", NOON))
            written.append(1)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for turn in range(5):
            before = len(written)
            back_up("sqlite:///callgraft.db", tmp_path / f"copy{turn}.db")
            assert before <= sessions(tmp_path / f"copy{turn}.db") <= len(written) + 1
    finally:
        stop.set()
        writing.join()
    assert len(written) > 5


def test_a_second_backup_takes_the_place_of_the_first(client, tmp_path):
    run("copy.db")
    client.page_view(view("a", NOON))
    run("copy.db")
    assert sessions(tmp_path / "copy.db") == 1


def test_a_damaged_store_does_not_cost_the_last_good_backup(client, tmp_path):
    client.page_views([view(f"s{place}", NOON) for place in range(300)])
    run("copy.db")
    client.close()
    good = (tmp_path / "copy.db").read_bytes()
    store = tmp_path / "callgraft.db"
    content = bytearray(store.read_bytes())
    content[-10 * 4096 :] = b"\xa5" * (10 * 4096)  # rows, which nobody reads who copies pages
    store.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="damaged and was not kept"):
        back_up("sqlite:///callgraft.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == good
    assert list(tmp_path.glob(".copy*")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("callgraft.db",), "is the store itself"),
        (("note.txt",), "is there, and is no backup"),
        (("nowhere/copy.db",), "cannot be written"),
        (("x.db", "--backend", "postgresql://u:hunter2@h/d"), "with its own tools, like pg_dump"),
        (("x.db", "--backend", "https://tracker.example"), "on the tracking server's machine"),
        (("x.db", "--backend", "memory:"), "there is nothing to keep"),
        (("x.db", "--backend", "sqlite:///typo.db"), "is not there"),
    ],
)
def test_what_cannot_be_backed_up_is_refused_with_the_cure(client, tmp_path, arguments, words):
    (tmp_path / "note.txt").write_text("remember the milk")
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert "hunter2" not in done.output
    assert (tmp_path / "note.txt").read_text() == "remember the milk"
