"""How many calls a session in a state still makes is learned as its formula says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callgraft.source import Touch
from callgraft.tracking.learned import read_tables, text_of
from callgraft.tracking.learning_fit import fit, shares
from callgraft.tracking.learning_log import Heard, History, count, follow
from callgraft.tracking.states import Exposure, Sign
from callgraft.tracking.tables import DEFAULT

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
TOUCH = Touch(source="yandex", medium="cpc", channel="paid search")
SESSIONS, CALLERS = 40, 10
NUMBERS = tuple(f"+749900000{index:02}" for index in range(SESSIONS))


def shown(index: int) -> Exposure:
    """One page, and silence; every session has a number of its own."""
    return Exposure(
        number=NUMBERS[index],
        visitor=f"v{index}",
        session=f"s{index}",
        shown_at=NOON,
        touch=TOUCH,
        device="mobile" if index % 2 else "desktop",
        log=(Sign(at=NOON),),
    )


def test_worth_is_the_calls_of_a_day_by_sessions_that_passed_the_cell() -> None:
    # After 90 seconds: the session has been in the first four bins of a silent session's clock.
    calls = [
        Heard(number=number, rang_at=NOON + timedelta(seconds=90)) for number in NUMBERS[:CALLERS]
    ]
    until = NOON + timedelta(hours=30)
    history = History(
        since=NOON,
        until=until,
        numbers=NUMBERS,
        exposures=[shown(index) for index in range(SESSIONS)],
        calls=calls,
    )
    counted = count(follow(history.exposures), history, since=NOON, until=until)
    tables = fit(counted)
    given = dict(
        zip([call.call.number for call in counted.calls], shares(counted, tables), strict=True)
    )
    for device, odd in (("mobile", 1), ("other", 0)):
        for bin_ in range(14):
            f = {
                each: sum(given[NUMBERS[index]][0] for index in range(each, CALLERS, 2))
                if bin_ <= 3
                else 0.0
                for each in (0, 1)
            }
            c = SESSIONS / 2
            v = (f[0] + f[1] + 3 * DEFAULT.val["other"][7][bin_]) / (2 * c + 3)
            expected = (f[odd] + 20 * v) / (c + 20)
            assert tables.val[device][7][bin_] == pytest.approx(expected, abs=1e-12), bin_
    assert tables.val["mobile"][7][0] > 3 * DEFAULT.val["mobile"][7][0]
    # Where nobody was, and nobody called, it stays what it was.
    assert tables.val["other"][5][0] == pytest.approx(DEFAULT.val["other"][5][0])


def test_the_text_of_a_version_holds_what_sessions_are_worth() -> None:
    doubled = {
        device: tuple(tuple(2 * each for each in row) for row in rows)
        for device, rows in DEFAULT.val.items()
    }
    tables = replace(DEFAULT, version="learned-1", val=doubled)
    assert read_tables(text_of(tables)).val == doubled
