"""``callgraft report``: on a terminal, as JSON, as CSV, as a page."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from callgraft.source import Touch
from callgraft.tracking.values import CallState
from tests.core.backends import fresh
from tests.core.tracked import FIRST, OVERFLOW, SECOND, rings, view

DOCUMENT = """
[site]
key = "okna"
region = "RU"
timezone = "Europe/Moscow"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
source = "yandex"
"""
CALLER = "+74991239999"
EVIL = Touch(source="vk", medium="social", channel="social", campaign="=cmd|'<b>\x1b[31m")
NOW = datetime.now(UTC).replace(microsecond=0)


def run(*arguments, width=130):
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(main, ["report", *arguments])
    assert "Traceback" not in done.output
    return done


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Three sessions for two numbers, and four calls: of two sessions, of overflow, and missed."""
    monkeypatch.chdir(tmp_path)
    with fresh("sqlite", tmp_path) as backend:  # making its tables takes ten times as long
        Path(backend.url.removeprefix("sqlite:///")).rename(tmp_path / "callgraft.db")
    (tmp_path / "callgraft.toml").write_text(DOCUMENT, encoding="utf-8")
    with closing(open_client("sqlite:///callgraft.db")) as client:
        client.publish(read_site(DOCUMENT), at=NOW - timedelta(days=1))
        for session, touch in (("a", None), ("b", EVIL), ("c", None)):
            page = view(session, NOW - timedelta(minutes=9), path="/contacts", is_contact=True)
            who = replace(page.identity, touch=touch) if touch else page.identity
            client.page_view(replace(page, identity=who))
        ended = {"state": CallState.ENDED, "caller": CALLER}
        talked = {**ended, "talk": timedelta(seconds=90)}
        client.take_call(rings(FIRST, NOW - timedelta(minutes=8), call="1", **talked))
        client.take_call(rings(SECOND, NOW - timedelta(minutes=8), call="2", state=CallState.ENDED))
        client.take_call(rings(OVERFLOW, NOW - timedelta(minutes=7), call="3", **talked))
        client.take_call(rings(SECOND, NOW - timedelta(minutes=6), call="4", missed=True, **ended))


def test_calls_are_told_by_source_with_bars_and_marks():
    done = run()
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("Calls of okna, ")
    assert lines[0].endswith("(Europe/Moscow), last non direct")
    [yandex] = [line for line in lines if line.strip().startswith("yandex")]
    assert "█" in yandex
    assert "How sure who rang: " in done.output
    assert "4.0 calls; source known of " in done.output


def test_a_narrow_terminal_keeps_what_matters():
    lines = run("--by", "source,campaign", "--compare", width=80).output.splitlines()
    assert any("yandex" in line and "new" in line for line in lines)
    assert max(map(len, lines[:6])) <= 80


def test_signs_that_a_terminal_obeys_are_not_printed():
    assert "\x1b" not in run("--by", "campaign").output


def test_json_is_the_report_itself():
    found = json.loads(run("--by", "pool", "--json", "--compare").output)
    assert {row["values"][0]: row["calls"] for row in found["rows"]} == {
        "direct": 3.0,
        "direct (overflow)": 1.0,
    }
    assert (found["counted"], found["counted_before"]) == (4, 0)


def test_csv_has_no_formula_of_a_stranger():
    rows = list(csv.DictReader(io.StringIO(run("--by", "campaign", "--csv").output)))
    [evil] = [row for row in rows if "cmd" in row["campaign"]]
    assert evil["campaign"].startswith("'=cmd")
    assert float(evil["calls"]) > 0
    numbers = list(csv.DictReader(io.StringIO(run("--by", "number", "--csv").output)))
    assert {row["number"]: row["calls"] for row in numbers} == {
        SECOND: "2",
        FIRST: "1",
        OVERFLOW: "1",
    }


def test_the_page_needs_nothing_from_elsewhere(tmp_path):
    done = run("--by", "campaign", "--compare", "--html", "report.html")
    assert done.output == "report.html was written.\n"
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>\x1b" not in page and "=cmd|&#x27;&lt;b&gt;" in page
    assert "http" not in page and "<script" not in page
    assert page.count("<svg") == 2
    refused = run("--html", "no/such/folder.html")
    assert refused.exit_code == 2
    assert "cannot be written" in refused.output


def test_filters_marks_and_models_are_taken():
    assert json.loads(run("--where", "pool=direct", "--json").output)["counted"] == 3
    assert json.loads(run("--mark", "missed", "--json").output)["counted"] == 1
    assert json.loads(run("--without", "missed,service", "--json").output)["counted"] == 3
    for model in ("time_decay", "markov", "shapley"):
        done = run("--model", model, "--half-life", "3d", "--json")
        assert json.loads(done.output)["model"] == model


def test_a_day_is_one_of_the_site():
    today = f"{NOW.astimezone(read_site(DOCUMENT).timezone):%Y-%m-%d}"
    found = json.loads(run("--from", "2025-01-01", "--to", today, "--json").output)
    assert found["since"] == "2025-01-01T00:00:00+03:00"
    assert found["until"].endswith("T00:00:00+03:00")
    assert found["counted"] == 4
    earlier = run("--from", "2025-01-01", "--to", "2025-01-31")
    assert "No call was found" in earlier.output


def test_missed_calls_are_listed_until_somebody_answered():
    done = run("--missed")
    assert "1 phone to call back" in done.output
    assert CALLER not in done.output.replace(" ", "").replace("-", "")
    shown = json.loads(run("--missed", "--json", "--show-callers").output)
    assert [each["caller"] for each in shown["callers"]] == [CALLER]
    [row] = csv.DictReader(io.StringIO(run("--missed", "--csv", "--show-callers").output))
    assert (row["caller"], row["times"]) == (CALLER, "1")


def test_coverage_tells_the_cure_of_a_dry_pool():
    done = run("--coverage")
    assert done.exit_code == 0, done.output
    assert "66.6 %" in done.output
    assert "2 own, 1 overflow" in done.output
    assert "had no free number for 1 of 3 sessions" in done.output
    assert "Accuracy, estimated: " in done.output
    assert json.loads(run("--coverage", "--json").output)["alerts"][0]["kind"] == "dry"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "sauce"], "by = 'sauce'"),
        (["--where", "source"], "is no filter"),
        (["--where", "sauce=1"], "is unknown"),
        (["--mark", "best"], "mark = 'best'"),
        (["--from", "yesterday"], "Write it like 2026-03-31"),
        (["--from", "2025-02-02", "--to", "2025-01-01"], "is after the end"),
        (["--model", "markov", "--by", "city"], "one property of touches"),
        (["--missed", "--coverage"], "two reports"),
        (["--json", "--csv"], "two formats"),
        (["--csv", "--coverage"], "take --json"),
        (["--html", "a.html", "--json"], "of calls alone"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, told):
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in done.output
