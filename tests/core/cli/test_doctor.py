"""``callgraft doctor``: each line ok, warn or fail, with a cure."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from callgraft.doctor.store import examine_clock
from callgraft.stores.upkeep import StoreFacts
from tests.core.tracked import view, wanted
from tests.servers import Redis

NOW = datetime.now(UTC)
DOCUMENT = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01"]
overflow = "+7 499 000-00-99"
"""
SECRET = '\n[providers.generic]\nsecret = "env:CALLGRAFT_WEBHOOK_SECRET"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A healthy installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLGRAFT_WEBHOOK_SECRET", raising=False)
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(read_site(DOCUMENT), at=NOW)
    return tmp_path


def examined(*arguments):
    """The exit code, and each finding that is not ok, by what was looked at."""
    done = CliRunner().invoke(main, ["doctor", "--json", *arguments])
    found = json.loads(done.output)
    told = {each["check"]: each for each in found if each["level"] != "ok"}
    assert all(each["cure"] for each in told.values())
    return done.exit_code, told


def test_a_healthy_installation_has_nothing_to_be_told_of(folder):
    assert examined() == (0, {})
    shown = CliRunner().invoke(main, ["doctor"]).output
    assert shown.endswith("7 ok\n")
    assert "ok   editions: Edition 1 of okna" in shown


def test_a_store_that_is_not_there_fails(folder):
    code, told = examined("--backend", "sqlite:///typo.db")
    assert (code, list(told)) == (1, ["store"])
    assert not (folder / "typo.db").exists()


def test_a_store_that_does_not_answer_fails_without_its_password(folder):
    code, told = examined("--backend", "postgresql://okna:hunter2@127.0.0.1:1/okna")
    assert (code, told["store"]["level"]) == (1, "fail")
    assert "hunter2" not in str(told)


def test_older_tables_are_told_of_and_not_migrated(folder):
    with closing(sqlite3.connect(folder / "callgraft.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0005'")
        connection.commit()
    for _ in range(2):
        code, told = examined()
        assert (code, told["tables"]["level"]) == (0, "warn")
        assert "callgraft migrate" in told["tables"]["cure"]


def test_tables_of_a_newer_version_fail(folder):
    with closing(sqlite3.connect(folder / "callgraft.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    code, told = examined()
    assert (code, told["tables"]["level"]) == (1, "fail")


def test_a_file_that_is_not_what_is_in_force_is_told_of(folder):
    (folder / "callgraft.toml").write_text(DOCUMENT + "# mine\n", encoding="utf-8")
    code, told = examined()
    assert (code, told["editions"]["level"]) == (0, "warn")
    assert "the file is another" in told["editions"]["told"]
    assert "callgraft site publish" in told["editions"]["cure"]


def test_a_site_that_nobody_published_is_told_of(folder):
    (folder / "callgraft.toml").write_text(DOCUMENT.replace("okna", "pvc"), encoding="utf-8")
    _, told = examined()
    assert "No door has published the site pvc" in told["editions"]["told"]


def test_every_mistake_of_the_document_fails(folder):
    (folder / "callgraft.toml").write_text(DOCUMENT.replace("overflow", "overfow"))
    code, told = examined()
    assert (code, told["document"]["level"]) == (1, "fail")
    assert "pools.direct.overfow" in told["document"]["told"]


def test_a_document_that_is_not_there_fails_and_one_of_the_store_needs_no_file(folder):
    (folder / "callgraft.toml").unlink()
    code, told = examined()
    assert (code, list(told)) == (1, ["document"])
    assert examined("--site", "store:okna") == (0, {})


def test_secrets_that_are_not_set_fail(folder, monkeypatch):
    (folder / "callgraft.toml").write_text(DOCUMENT + SECRET, encoding="utf-8")
    monkeypatch.setenv("CALLGRAFT_SECRET", "short")
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 1
    assert "→ Set CALLGRAFT_WEBHOOK_SECRET" in done.output
    assert "CALLGRAFT_SECRET is too short" in done.output
    assert "short\n" not in done.output


def test_an_edition_that_this_version_cannot_read_is_told_of(folder):
    with closing(sqlite3.connect(folder / "callgraft.db")) as connection:
        connection.execute("UPDATE sites SET document = document || '[newer]', version = 'x'")
        connection.commit()
    _, told = examined("--site", "store:okna")
    assert "cannot be served by this version" in told["editions"]["told"]


def test_a_pool_that_had_no_number_for_somebody_is_told_with_the_cure(folder):
    with closing(open_client("sqlite:///callgraft.db")) as client:
        pool = read_site(DOCUMENT).pools["direct"]
        for session in "abc":
            client.page_view(view(session, datetime.now(UTC), wanted(pool)))
    _, told = examined()
    assert told["service"]["level"] == "warn"
    assert "had no free number for 2 of 3 sessions of the last day" in told["service"]["told"]
    assert told["service"]["cure"]


def test_a_dry_pool_is_told_of(folder):
    pool = read_site(DOCUMENT).pools["direct"]
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.page_view(view("a", datetime.now(UTC), wanted(pool)))
    _, told = examined()
    assert told["pools"]["told"] == (
        "The pool direct of okna is dry (1 number): its overflow number is shown."
    )


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [
        (0.5, "ok", "0.5 s ahead of"),
        (-1.5, "ok", "1.5 s behind"),
        (-30, "warn", "30.0 s behind"),
        (90, "fail", "90.0 s ahead of"),
    ],
)
def test_a_clock_that_is_off_is_told_of(seconds, level, words):
    facts = StoreFacts(found="0006", newest="0006", is_known=True, ahead=timedelta(seconds=seconds))
    [finding] = examine_clock(facts)
    assert (finding.level, words in finding.told) == (level, True)


def test_redis_that_does_not_answer_fails(folder):
    code, told = examined("--leases", "redis://:hunter2@127.0.0.1:1")
    assert (code, told["leases"]["level"]) == (1, "fail")
    assert "hunter2" not in str(told)


def test_redis_is_looked_at(folder):
    with closing(Redis()) as server:
        server.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        code, told = examined("--leases", server.url)
        # No door has used this one.
        assert (code, told["leases"]["level"]) == (0, "warn")
        assert "must name the same one" in told["leases"]["cure"]
        pool = read_site(DOCUMENT).pools["direct"]
        with closing(open_client("sqlite:///callgraft.db", leases=server.url)) as client:
            client.page_view(view("a", datetime.now(UTC), wanted(pool)))
        _, told = examined("--leases", server.url)
        assert "maxmemory-policy noeviction" in told["leases"]["cure"]
        server.tell("CONFIG", "SET", "maxmemory", "100mb")
        code, told = examined("--leases", server.url)
        assert (code, told["leases"]["level"]) == (1, "fail")
        server.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
        _, told = examined("--leases", server.url)
        assert "leases" not in told
