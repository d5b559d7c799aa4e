"""``callgraft site``: what was published, by whom, and back again."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = """\
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"

[[rules]]
name = "Yandex"
target = "main"
when = { source = "yandex" }
pool = "direct"
"""
SECOND = FIRST.replace('-02"]', '-02", "+7 499 000-00-03"]')
THIRD = SECOND.replace('"yandex"', '"google"').replace('region = "RU"', 'region = "KZ"')


def run(*arguments):
    return CliRunner().invoke(main, ["site", *arguments])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a store in which three editions were published."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    with closing(open_client("sqlite:///callgraft.db")) as client:
        for hours, (document, by) in enumerate(((FIRST, "anna"), (SECOND, "a door"), (THIRD, ""))):
            client.publish(read_site(document), at=NOON + timedelta(hours=hours), by=by)
    return tmp_path


def test_the_history_says_who_changed_what_and_when(folder):
    told = json.loads(run("history", "okna", "--json").output)
    assert [(each["edition"], each["by"], each["changes"]) for each in told] == [
        (3, "", ["region: changed", "rule 'Yandex': changed"]),
        (2, "a door", ["pools.direct: 1 number added"]),
        (1, "anna", ["the first edition"]),
    ]
    assert told[0]["published_at"] == "2026-03-02T14:00:00+00:00"
    shown = run("history", "okna").output
    assert "2026-03-02 13:00:00" in shown
    assert "pools.direct: 1 number added" in shown


def test_a_short_history_knows_what_came_before_it(folder):
    told = json.loads(run("history", "okna", "--limit", "1", "--json").output)
    assert [each["changes"] for each in told] == [["region: changed", "rule 'Yandex': changed"]]


def test_any_edition_is_shown_as_it_was_written(folder):
    assert run("show", "okna", "1").output == FIRST
    assert run("show", "okna").output == THIRD


def test_two_editions_are_compared_line_by_line(folder):
    done = run("diff", "okna", "1", "2")
    assert done.exit_code == 1
    assert '+numbers = ["+7 499 000-00-01", "+7 499 000-00-02", "+7 499 000-00-03"]' in done.output
    assert "--- okna, edition 1" in done.output
    assert '+region = "KZ"' in run("diff", "okna").output
    done = run("diff", "okna", "2", "2")
    assert (done.exit_code, done.output) == (0, "")


def test_a_rollback_publishes_the_older_edition_anew(folder):
    done = run("rollback", "okna", "1", "--by", "boris")
    assert done.output == "Edition 1 of okna is in force again, as edition 4.\n"
    assert run("show", "okna").output == FIRST
    newest = json.loads(run("history", "okna", "--json").output)[0]
    assert (newest["edition"], newest["by"]) == (4, "boris")


def test_publishing_says_what_it_changes(folder):
    (folder / "okna.toml").write_text(FIRST.replace("direct", "ads"), encoding="utf-8")
    done = run("publish", "okna.toml", "--by", "boris")
    assert done.output.splitlines() == [
        "Edition 4 of okna is in force. What it changes:",
        "  region: changed",
        "  pools.direct: removed",
        "  pools.ads: added",
        "  rule 'Yandex': changed",
    ]
    done = run("publish", "okna.toml")
    assert "is in force already" in done.output
    assert len(json.loads(run("history", "okna", "--json").output)) == 4


def test_a_faulty_document_is_not_published(folder):
    (folder / "okna.toml").write_text(FIRST.replace("target =", "taget ="), encoding="utf-8")
    done = run("publish", "okna.toml")
    assert done.exit_code == 2
    assert "taget" in done.output
    assert json.loads(run("list", "--json").output)[0]["edition"] == 3


def test_the_sites_of_a_store_are_listed(folder):
    [told] = json.loads(run("list", "--json").output)
    assert (told["site"], told["edition"], told["version"]) == ("okna", 3, read_site(THIRD).version)
    assert "okna" in run("list").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "pvc"), "KEY = 'pvc': was never published. The tracking store has: okna."),
        (("show", "okna", "9"), "EDITION = 9: was never published. There are 1 to 3"),
        (("rollback", "okna", "9"), "EDITION = 9"),
        (("history", "pvc"), "was never published"),
        (("show", "okna", "--backend", "sqlite:///typo.db"), "is not there"),
    ],
)
def test_what_is_not_there_is_said_with_the_cure(folder, arguments, words):
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_commands_read_the_document_in_force_where_there_is_no_file(folder):
    done = CliRunner().invoke(main, ["pool", "--site", "store:okna", "--json"])
    assert [state["total"] for state in json.loads(done.output)] == [3]
    done = CliRunner().invoke(main, ["pool", "--site", "store:pvc"])
    assert done.exit_code == 2
    assert "The tracking store has: store:okna." in done.output


@pytest.mark.parametrize("name", ["list", "publish", "history", "show", "diff", "rollback"])
def test_every_command_of_the_group_has_help_with_an_example(name):
    done = run(name, "--help")
    assert done.exit_code == 0
    assert "Example: callgraft site" in done.output
