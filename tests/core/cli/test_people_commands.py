"""``callgraft export``, ``forget`` and ``purge``."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from callgraft.identity import Seal, set_cookie
from tests.core.tracked import FIRST, rings, view

DOCUMENT = """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]

[privacy]
keep_visits = "10d"
keep_calls = "1000d"
"""
CALLER = "+79160001234"


def run(*arguments):
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A store with two visitors, one of them of long ago, and a call."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    now = datetime.now(UTC)
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(read_site(DOCUMENT), at=now)
        client.page_view(view("old", now - timedelta(days=11)))
        client.page_view(view("new", now - timedelta(minutes=2)))
        client.take_call(rings(FIRST, now - timedelta(minutes=1), caller=CALLER, raw=b"x"))


def test_all_that_is_known_of_a_visitor_is_exported_as_json():
    record = json.loads(run("export", "--visitor", "visitor of new").output)
    assert [each["session"] for each in record["sessions"]] == ["new"]
    assert record["sessions"][0]["touch"]["source"] == "yandex"
    assert record["leases"][0]["session"] == "new"


def test_a_visitor_is_known_by_the_cookie_too():
    with closing(open_client("sqlite:///callgraft.db")) as client:
        who = view("new", datetime.now(UTC)).identity
        field = set_cookie(who, Seal((client.secret(),)), True)
    value = field.partition(";")[0].removeprefix("callgraft=")
    record = json.loads(run("export", "--cookie", value).output)
    assert record["visitor"] == "visitor of new"
    assert "sessions 1" in run("forget", "--cookie", value).output


def test_an_export_of_nobody_fails():
    done = run("export", "--visitor", "nobody")
    assert done.exit_code == 1
    assert "Nothing is known of the visitor nobody of okna." in done.output


def test_a_visitor_is_forgotten_and_the_command_says_what_it_did():
    done = run("forget", "--visitor", "visitor of new")
    assert done.exit_code == 0
    assert "Deleted: sessions 1, pages 1, signs of life 0. Nobody's now: leases 1." in done.output
    assert run("export", "--visitor", "visitor of new").exit_code == 1
    assert run("forget", "--visitor", "visitor of new").output == "Nothing was known.\n"


@pytest.mark.parametrize("written", ["+7 916 000-12-34", "8 (916) 000-12-34"])
def test_a_caller_is_forgotten_in_whatever_notation(written):
    done = run("forget", "--caller", written, "--json")
    told = json.loads(done.output)
    assert (told["calls"], told["events"]) == (1, 1)
    assert json.loads(run("calls", "--json", "--show-callers").output)[0]["caller"] == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name one of --visitor, --cookie and --caller."),
        (("--cookie", "1.W10.c2k"), "was not signed here"),
        (("--visitor", "a", "--caller", "+7 916 000-12-34"), "Name one of"),
        (("--caller", "nobody"), "is no phone number"),
    ],
)
def test_whom_to_forget_must_be_clear(arguments, words):
    done = run("forget", *arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_what_is_too_old_is_purged_and_the_command_says_so():
    done = run("purge")
    assert "Deleted 1 sessions older than 10d." in done.output
    old = json.loads(run("export", "--visitor", "visitor of old").output)
    assert (old["sessions"], old["leases"]) == ([], [])  # a call still says who else it may be
    assert json.loads(run("purge", "--json").output) == {"sessions": 0, "calls": 0, "callers": 0}
    assert run("export", "--visitor", "visitor of new").exit_code == 0


def test_the_ids_of_sessions_are_not_forgotten_by_half():
    """A second session of a visitor goes as well."""
    now = datetime.now(UTC)
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.page_view(replace(view("newer", now, visitor="visitor of new")))
    done = run("forget", "--visitor", "visitor of new", "--json")
    assert json.loads(done.output)["sessions"] == 2
