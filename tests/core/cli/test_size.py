"""``callgraft size``, as an operator uses it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import open_client
from callgraft.tracking.limits import wanted_of
from tests.core.tracked import rings, view

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
SITE = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"
[targets.main]
number = "+7 495 123-45-67"
[pools.direct]
numbers = ["+7 499 000-00-01"]
overflow = "+7 499 000-00-99"
hold = "10m"
[pools.rest]
numbers = ["+7 499 000-00-02"]
overflow = "+7 499 000-00-98"
[[rules]]
name = "direct"
target = "main"
when = { source = "yandex", medium = "cpc" }
pool = "direct"
[[rules]]
name = "rest"
target = "main"
pool = "rest"
"""


def size(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["size", *arguments])


def log_at(folder: Path, *, others: str = "") -> str:
    lines = []
    for index in range(600):
        at = (NOON + timedelta(seconds=30 * index)).strftime("%d/Jun/2025:%H:%M:%S +0000")
        target = "/?utm_source=yandex&utm_medium=cpc" if index % 3 == 0 else "/"
        address = f"198.51.{index // 250}.{index % 250}"
        lines.append(f'{address} - - [{at}] "GET {target} HTTP/1.1" 200 512 "-" "{AGENT}"')
    path = folder / "access.log"
    path.write_text("\n".join(lines) + others)
    return str(path)


def test_it_tells_the_numbers_for_each_coverage_and_their_cost() -> None:
    result = size("--per-day", "3000", "--price", "2.50")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["90%", "93", "94", "235.00", "97"] in rows
    assert ["30m", "93"] in rows
    assert "sessions ÷ 100 + 1 is 31" in result.stdout


def test_scripts_read_json() -> None:
    told = json.loads(size("--per-day", "3000", "--hold", "5m", "--json").stdout)["all visitors"]
    assert told["numbers"] == {"0.80": 17, "0.90": 21, "0.95": 24, "0.99": 29}
    assert told["hold"] == 300


def test_a_log_is_counted(tmp_path: Path) -> None:
    told = json.loads(size("--log", log_at(tmp_path), "--json").stdout)["all visitors"]
    assert told["sessions_per_day"] == 600
    assert told["busiest_hour"] == 120


def test_the_rules_of_a_site_share_a_log_out_to_its_pools(tmp_path: Path) -> None:
    site = tmp_path / "okna.toml"
    site.write_text(SITE)
    told = json.loads(size("--log", log_at(tmp_path), "--site", str(site), "--json").stdout)
    assert {pool: each["sessions_per_day"] for pool, each in told.items()} == {
        "direct": 200,
        "rest": 400,
    }
    assert [told[pool]["hold"] for pool in told] == [600, 1800], "each pool's own hold"


def test_lines_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    result = size("--log", log_at(tmp_path, others="\nodd\nodder\n"))
    assert result.exit_code == 0
    assert "2 of 602 lines are in no format we know." in result.stderr


def test_a_log_without_people_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "empty.log"
    path.write_text("")
    result = size("--log", str(path))
    assert result.exit_code == 2
    assert "is empty. Name one of a day with visitors." in result.stderr
    robot = Path(log_at(tmp_path)).read_text().replace("Mozilla/5.0", "Googlebot/2.1")
    path.write_text(robot)
    result = size("--log", str(path))
    assert result.exit_code == 2
    assert "has no page views of people." in result.stderr


def test_rotated_logs_are_counted_together(tmp_path: Path) -> None:
    lines = Path(log_at(tmp_path)).read_text().splitlines(keepends=True)
    older, newer = tmp_path / "access.log.1", tmp_path / "access.log"
    older.write_text("".join(lines[:300]))
    newer.write_text("".join(lines[300:]) + "\n" + lines[0].replace("2025", "1975"))
    result = size("--log", str(newer), "--log", str(older), "--json")
    assert json.loads(result.stdout)["all visitors"]["sessions_per_day"] == 600
    assert "1 of 601 lines stand far from those around them in time" in result.stderr


def test_one_way_to_count_must_be_chosen() -> None:
    for arguments in ([], ["--per-day", "10", "--log", "x"]):
        result = size(*arguments)
        assert result.exit_code == 2
        assert "Give either --per-day, or --log, or --site alone" in result.stderr


def test_a_document_or_a_place_is_of_use_with_a_log_only() -> None:
    result = size("--per-day", "10", "--geo", "cities.mmdb")
    assert result.exit_code == 2
    assert "--site and --geo ask who came: they need --log." in result.stderr


def test_a_log_with_a_wrong_date_is_refused_and_the_span_told(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    line = '203.0.113.{} - - [{} +0000] "GET / HTTP/1.1" 200 9 "-" "Mozilla/5.0 (Windows NT 10.0)"'
    days = ("01/Jan/1970:00:00:00", "22/Nov/2026:00:00:00")
    path.write_text("\n".join(line.format(host, day) for host, day in enumerate(days)))
    result = size("--log", str(path))
    assert result.exit_code == 2
    assert "goes from 1970-01-01 to 2026-11-22: 20,780 days." in result.stderr


def test_a_hold_in_no_known_notation_says_how_to_write_it() -> None:
    result = size("--per-day", "10", "--hold", "soon")
    assert result.exit_code == 2
    assert "Write it like 30m or 1h30m." in result.stderr


def kept_history(folder: Path, *, calls: int) -> str:
    """A store in which 60 sessions came within half a day, and so many of them rang."""
    url = f"sqlite:///{folder / 'callgraft.db'}"
    site = read_site(SITE, name="okna.toml")
    began = datetime.now(UTC) - timedelta(hours=12)
    with closing(open_client(url)) as client:
        client.publish(site, at=began)
        for each in range(60):
            at = began + timedelta(minutes=11 * each)
            page = replace(view(f"s{each}", at), wanted=(wanted_of(site.pools["direct"], "main"),))
            [assigned] = client.page_view(page)
            if each < calls and assigned.number:
                # The sooner ones ring after two minutes, the last quarter after four.
                after = timedelta(minutes=2 if each % 4 else 4)
                client.take_call(rings(assigned.number, at + after, call=f"call-{each}"))
    return url


def test_the_history_of_the_store_tells_numbers_and_the_hold_that_calls_ask_for(
    tmp_path: Path,
) -> None:
    url = kept_history(tmp_path, calls=60)
    result = size("--site", "store:okna", "--backend", url)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "direct: 60 sessions a day" in text
    assert "90% 4m" in text
    assert "Recommended hold: 4m, within which 90% of calls ring" in text
    told = json.loads(size("--site", "store:okna", "--backend", url, "--json").stdout)["direct"]
    assert told["time_to_call"]["recommended_hold"] == 240
    assert told["time_to_call"]["share_within_hold"] > 0.9
    assert told["time_to_call"]["rang_within"]["0.50"] == 120


def test_a_few_calls_recommend_nothing(tmp_path: Path) -> None:
    url = kept_history(tmp_path, calls=5)
    result = size("--site", "store:okna", "--backend", url, "--days", "3")
    assert result.exit_code == 0, result.output
    assert "Too few to go by: 30 are needed." in result.stdout
    told = json.loads(size("--site", "store:okna", "--backend", url, "--json").stdout)["direct"]
    assert told["time_to_call"]["recommended_hold"] is None


def test_a_store_without_history_says_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callgraft.db'}"
    with closing(open_client(url)) as client:
        client.publish(read_site(SITE, name="okna.toml"), at=NOON)
    result = size("--site", "store:okna", "--backend", url)
    assert result.exit_code == 2
    assert "has no session of 'okna' in 28 days." in result.stderr
    result = size("--site", "store:okna", "--backend", f"sqlite:///{tmp_path / 'none.db'}")
    assert result.exit_code == 2
    assert "is not there." in result.stderr


def test_a_pool_that_shares_is_told_to_fade_rather_than_to_run_dry(tmp_path: Path) -> None:
    site = tmp_path / "okna.toml"
    site.write_text(SITE.replace('overflow = "+7 499 000-00-98"\n', ""))
    log = log_at(tmp_path)
    result = size("--log", log, "--site", str(site), "--price", "1")
    assert result.stdout.count("it is never too small to work") == 1
    told = json.loads(size("--log", log, "--site", str(site), "--json").stdout)
    assert {pool: each["when_full"] for pool, each in told.items()} == {
        "direct": "overflow",
        "rest": "share",
    }


def test_options_that_do_not_belong_together_are_told() -> None:
    for arguments in (["--per-day", "10", "--days", "3"], ["--site", "x", "--geo", "y.mmdb"]):
        result = size(*arguments)
        assert result.exit_code == 2
        assert "--geo is of use with --log, --days with the store." in result.stderr
