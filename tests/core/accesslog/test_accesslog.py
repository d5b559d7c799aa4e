"""Access logs: lines, files and the sessions in them."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.accesslog import Hit, InOrder, LogReader, Logs, read_line, sessions_of
from callgraft.errors import SetupError

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COMBINED = (
    '203.0.113.9 - - [02/Jun/2025:15:00:00 +0300] "GET /okna?utm_source=yandex HTTP/1.1" 200 5120'
    f' "https://yandex.ru/" "{AGENT}"'
)
EXPECTED = Hit(
    at=NOON,
    address="203.0.113.9",
    method="GET",
    target="/okna?utm_source=yandex",
    status=200,
    referrer="https://yandex.ru/",
    agent=AGENT,
)


def hit(at: datetime = NOON, target: str = "/", **more: object) -> Hit:
    told = {"address": "203.0.113.9", "method": "GET", "status": 200, "agent": AGENT} | more
    return Hit(at=at, target=target, **told)  # type: ignore[arg-type]  # the fields of Hit


def test_the_combined_format_is_read() -> None:
    assert read_line(COMBINED) == EXPECTED


def test_a_virtual_host_before_it_is_read_too() -> None:
    read = read_line(f"okna.example:443 {COMBINED}")
    assert read is not None and read.host == "okna.example"


def test_the_common_format_has_no_referrer_and_no_agent() -> None:
    read = read_line(COMBINED.partition(' "https')[0])
    assert read is not None and (read.referrer, read.agent) == ("", "")


def test_a_user_with_spaces_and_fields_behind_do_no_harm() -> None:
    line = COMBINED.replace(" - - ", " - Jane Doe ") + ' "0.004" rt=0.1'
    assert read_line(line) == EXPECTED


def test_quotes_in_a_field_are_those_that_were_sent() -> None:
    read = read_line(COMBINED.replace(AGENT, r"Odd \"one\" \x41"))
    assert read is not None and read.agent == 'Odd "one" A'


@pytest.mark.parametrize(
    "told",
    [
        {
            "time_iso8601": "2025-06-02T15:00:00+03:00",
            "remote_addr": "203.0.113.9",
            "request": "GET /okna?utm_source=yandex HTTP/1.1",
            "status": 200,
            "http_referer": "https://yandex.ru/",
            "http_user_agent": AGENT,
        },
        {
            "msec": "1748865600.000",
            "client_ip": "203.0.113.9",
            "method": "GET",
            "uri": "/okna?utm_source=yandex",
            "status": "200",
            "referrer": "https://yandex.ru/",
            "user_agent": AGENT,
        },
    ],
)
def test_objects_of_json_are_read_by_the_usual_names(told: dict[str, object]) -> None:
    assert read_line(json.dumps(told)) == EXPECTED


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "{}",
        "hello",
        COMBINED.replace("02/Jun", "32/Jun"),
        COMBINED.replace("Jun", "Foo"),
        '{"time": "yesterday", "ip": "203.0.113.9", "path": "/"}',
    ],
)
def test_a_line_in_no_known_format_is_none(line: str) -> None:
    assert read_line(line) is None


@given(st.text(max_size=300) | st.text(max_size=60).map(lambda odd: COMBINED.replace("GET", odd)))
def test_no_line_is_too_odd(line: str) -> None:
    read_line(line)


@pytest.mark.parametrize("packed", [False, True])
def test_a_log_is_read_packed_or_not_and_counts_what_it_cannot_read(
    tmp_path: Path, packed: bool
) -> None:
    path = tmp_path / "access.log"
    text = f"{COMBINED}\nodd\n{COMBINED}".encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    with closing(LogReader(str(path))) as log:
        assert list(log) == [EXPECTED, EXPECTED]
        assert (log.lines, log.unread) == (3, 1)
        assert log.done == log.size == path.stat().st_size


def test_a_log_that_is_cut_short_says_so(tmp_path: Path) -> None:
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(COMBINED.encode())[:-9])
    with pytest.raises(SetupError, match="cut short"), closing(LogReader(str(path))) as log:
        list(log)


def test_a_log_that_is_not_there_says_so() -> None:
    with pytest.raises(SetupError, match=r"nowhere\.log.*cannot be read"):
        LogReader("nowhere.log")


def test_pages_of_one_address_and_browser_are_one_session_until_it_is_idle() -> None:
    hits = [
        hit(),
        hit(NOON + 10 * MINUTE, "/kontakty.html"),
        hit(NOON + 11 * MINUTE, address="203.0.113.10"),
        hit(NOON + 41 * MINUTE, "/again"),
    ]
    found = sorted(sessions_of(hits), key=lambda session: session.first.at)
    assert [(each.first.target, each.stay, each.pages) for each in found] == [
        ("/", 10 * MINUTE, 2),
        ("/", timedelta(0), 1),
        ("/again", timedelta(0), 1),
    ]


@pytest.mark.parametrize(
    "other",
    [
        hit(target="/logo.png"),
        hit(target="/app.js?v=2"),
        hit(method="POST"),
        hit(method="HEAD"),
        hit(status=404),
        hit(status=500),
        hit(agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        hit(agent="curl/8.5.0"),
        hit(agent=""),
    ],
)
def test_what_is_no_page_of_a_person_is_no_session(other: Hit) -> None:
    assert list(sessions_of([other])) == []


def test_only_sessions_under_way_are_kept() -> None:
    day = (hit(NOON + index * MINUTE, address=f"203.0.113.{index % 250}") for index in range(600))
    ends = sessions_of(day)
    first = next(ends)
    assert first.first.at == NOON
    assert next(day).at == NOON + 32 * MINUTE, "it ended when it had been idle, not at the end"


def test_lines_far_from_those_around_them_are_left_out_and_counted() -> None:
    day = timedelta(days=1)
    moments = [NOON, NOON + MINUTE, NOON - 40 * 365 * day, NOON + 12 * 365 * day, NOON + 2 * MINUTE]
    ordered = InOrder([hit(at) for at in moments])
    assert [each.at for each in ordered] == [NOON, NOON + MINUTE, NOON + 2 * MINUTE]
    assert ordered.misdated == 2


def test_a_week_without_a_line_is_believed_when_what_follows_agrees() -> None:
    later = [NOON + timedelta(days=7) + MINUTE * each for each in range(40)]
    ordered = InOrder([hit(NOON), *(hit(at) for at in later)])
    assert [each.at for each in ordered] == [NOON, *later]
    assert ordered.misdated == 0


def test_days_of_a_short_log_may_lie_apart() -> None:
    moments = [NOON + timedelta(days=each) for each in range(0, 9, 3)]
    assert [each.at for each in InOrder([hit(at) for at in moments])] == moments


def test_several_logs_are_read_by_time_in_whatever_order_they_are_named(tmp_path: Path) -> None:
    line = COMBINED.encode() + b"\n"
    older, newer = tmp_path / "access.log.1.gz", tmp_path / "access.log"
    older.write_bytes(gzip.compress(line.replace(b"15:00", b"14:00") + line))
    newer.write_bytes(line.replace(b"15:00", b"14:30") + b"odd\n")
    with closing(Logs([str(newer), str(older)])) as logs:
        assert [each.at for each in logs] == [NOON - 60 * MINUTE, NOON - 30 * MINUTE, NOON]
        assert (logs.lines, logs.unread, logs.done) == (4, 1, logs.size)


def test_one_log_of_several_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(COMBINED)
    with pytest.raises(SetupError, match=r"access\.log\.2"):
        Logs([str(tmp_path / "access.log"), str(tmp_path / "access.log.2")])
