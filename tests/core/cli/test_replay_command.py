"""``callgraft replay``, as an operator uses it."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from callgraft.cli import main
from callgraft.client import open_client
from callgraft.stores import open_store
from callgraft.tracking.learned import text_of
from callgraft.tracking.tables import DEFAULT
from tests.core.replay.logged import AGENT, DOCUMENT, MINUTE, NOON, OVERFLOW, site, steady


@pytest.fixture
def site_path(tmp_path: Path) -> str:
    path = tmp_path / "okna.toml"
    path.write_text(DOCUMENT.format(more=OVERFLOW))
    return str(path)


def lines(count: int = 40) -> str:
    told = (
        f'{each.address} - - [{each.at:%d/Jun/2025:%H:%M:%S} +0000] "GET {each.target} HTTP/1.1"'
        f' 200 512 "-" "{AGENT}"'
        for each in steady(count, every=MINUTE)
    )
    return "\n".join(told) + "\n"


@pytest.fixture
def log_path(tmp_path: Path) -> str:
    path = tmp_path / "access.log"
    path.write_text(lines())
    return str(path)


def replayed(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["replay", *arguments], input=stdin)


def test_it_tells_coverage_and_matches_for_multiples_of_the_pool(
    site_path: str, log_path: str
) -> None:
    result = replayed(log_path, "--site", site_path)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[:2] for row in rows if row[1:2] == ["10m"] and "%" in " ".join(row)] == [
        [count, "10m"] for count in ("1", "2", "4", "8")
    ]
    assert "40 sessions that want a number" in result.stdout
    assert "1 to 3 points better" in " ".join(result.stdout.split())
    assert "█" in result.stdout


def test_scripts_read_json(site_path: str, log_path: str) -> None:
    result = replayed(
        log_path, "--site", site_path, "--numbers", "20,2", "--hold", "3m,10m", "--json"
    )
    told = json.loads(result.stdout)
    assert [(pool["numbers"], pool["hold"]) for pool in told["pools"]] == [
        (2, 180),
        (20, 180),
        (2, 600),
        (20, 600),
    ]
    assert [pool["coverage"] for pool in told["pools"]][1::2] == [1.0, 1.0]
    assert told["sessions"] == 40


def test_rotated_logs_and_a_pipe_are_one_log(site_path: str, tmp_path: Path) -> None:
    text = lines().splitlines(keepends=True)
    older = tmp_path / "access.log.1.gz"
    older.write_bytes(gzip.compress("".join(text[:60]).encode()))
    newer = tmp_path / "access.log"
    newer.write_text("".join(text[60:]))
    both = replayed(str(newer), str(older), "--site", site_path, "--json")
    piped = replayed("-", "--site", site_path, "--json", stdin="".join(text).encode())
    assert both.exit_code == piped.exit_code == 0
    assert json.loads(both.stdout) == json.loads(piped.stdout)


def test_the_report_needs_nothing_from_elsewhere(
    site_path: str, log_path: str, tmp_path: Path
) -> None:
    html = tmp_path / "report.html"
    result = replayed(log_path, "--site", site_path, "--html", str(html))
    assert result.exit_code == 0, result.output
    page = html.read_text()
    assert "http" not in page
    assert "<script" not in page
    charts = page.split("<svg")[1:]
    assert len(charts) == 2 + 6, "a curve, a week and six colours that mean something"
    for chart in charts:
        ElementTree.fromstring("<svg" + chart.partition("</svg>")[0] + "</svg>")
    assert "prefers-color-scheme: dark" in page


def test_calls_of_a_list_are_weighed(site_path: str, log_path: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "Time;Number;Phone\n"
        "2025-06-02 12:10:00+00:00;+7 495 123-45-67;+7 916 000-00-01\n"
        "2025-06-02T12:12:00Z;;+7 916 000-00-01\n"
        "2025-06-02T12:14:00Z;+7 499 000-00-55;\n"
        "2025-06-02 12:20:00+00:00;;\n"
    )
    result = replayed(log_path, "--site", site_path, "--calls", str(calls))
    assert result.exit_code == 0, result.output
    assert "2 calls of the list rang." in result.stdout
    assert "1 of 4 calls are left out: their phone rang before" in result.stderr
    assert "1 of 4 calls are left out: they were to other numbers." in result.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who;what\n1;2\n", "has no column for the time."),
        ("time\nsoon\n", "line 2: 'soon' is no time."),
    ],
)
def test_a_list_that_cannot_be_read_says_how_to_write_it(
    site_path: str, log_path: str, tmp_path: Path, text: str, told: str
) -> None:
    calls = tmp_path / "calls.csv"
    calls.write_text(text)
    result = replayed(log_path, "--site", site_path, "--calls", str(calls))
    assert result.exit_code == 2
    assert told in result.stderr


def test_what_cannot_be_read_is_counted(site_path: str, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(lines() + "odd\n" + lines().splitlines()[0].replace("2025", "1999") + "\n")
    result = replayed(str(path), "--site", site_path)
    assert result.exit_code == 0
    assert "1 of 122 lines are in no format we know." in result.stderr
    assert "1 of 122 lines stand far from those around them in time" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty."),
        (b"odd\n", "has no page of a person for any pool."),
        (gzip.compress(lines().encode())[:200], "is packed, and cut short. Copy it again"),
        (b"\x1f\x8bnothing of the kind, and long enough", "cannot be read: "),
    ],
)
def test_a_log_of_which_nothing_comes_says_what_to_do(
    site_path: str, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(content)
    result = replayed(str(path), "--site", site_path)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--numbers", "0"], "must be counts from 1 to 10,000. Write them like 10,20,50."),
        (["--numbers", "ten"], "must be counts from 1 to 10,000."),
        (["--hold", "5m,soon"], "'soon' is no duration. Write it like 30m or 1h30m."),
        (["--geo", "nowhere.mmdb"], "geo"),
        (["--calls", "nowhere.csv"], "cannot be read: No such file or directory."),
        (["--html", "nowhere/report.html"], "cannot be written: No such file or directory."),
    ],
)
def test_a_wrong_option_is_told_before_the_log_is_read(
    site_path: str, log_path: str, arguments: list[str], told: str
) -> None:
    result = replayed(log_path, "--site", site_path, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_published_site_is_replayed_with_what_it_learned(log_path: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callgraft.db'}"
    learned = replace(DEFAULT, version="learned-1")
    with closing(open_client(url)) as client:
        client.publish(site(), at=NOON)
    with closing(open_store(url)) as store:
        store.write(lambda here: here.put_tables("okna", "learned-1", text_of(learned)))
    result = replayed(log_path, "--site", "store:okna", "--backend", url, "--json")
    assert json.loads(result.stdout)["tables"] == "learned-1"


def test_a_log_that_is_not_there_is_named(site_path: str, tmp_path: Path) -> None:
    result = replayed(str(tmp_path / "no.log"), "--site", site_path)
    assert result.exit_code == 2
    assert "no.log" in result.stderr
    result = replayed(str(tmp_path), "--site", site_path)
    assert result.exit_code == 2
    assert "Is a directory" in result.stderr


def test_a_site_without_a_pool_is_told_so(log_path: str, tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text(
        '[site]\nkey = "okna"\nregion = "RU"\n[targets.main]\nnumber = "+74951234567"\n'
    )
    result = replayed(log_path, "--site", str(path))
    assert result.exit_code == 2
    assert "has no pool." in result.stderr
