"""Reports are the same from a store and from a tracking server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callgraft.client import TrackingClient
from callgraft.tracking.reports import ReportQuery
from callgraft.tracking.values import CallMark, CallState
from tests.core.client.serving import SITE
from tests.core.tracked import FIRST, MINUTE, NOON, OVERFLOW, SECOND, rings, view

DAY = timedelta(days=1)


def calls(client: TrackingClient) -> None:
    for session in ("a", "b", "c"):
        client.page_view(view(session))
    told = {"caller": "+74991239999", "missed": True, "state": CallState.ENDED}
    client.take_call(rings(FIRST, NOON + MINUTE, call="1", **told))  # type: ignore[arg-type]
    client.take_call(rings(OVERFLOW, NOON + 2 * MINUTE, call="2"))


def query(**more: object) -> ReportQuery:
    asked = {"site": "okna", "since": NOON - DAY, "until": NOON + DAY, **more}
    return ReportQuery(**asked)  # type: ignore[arg-type]  # the fields of ReportQuery


def test_a_report_is_what_was_asked_for(either: TrackingClient) -> None:
    calls(either)
    found = either.report(query(by=("source", "campaign"), timezone="Europe/Moscow"))
    assert (found.counted, found.timezone, found.model) == (2, "Europe/Moscow", "last_non_direct")
    assert found.rows[0].values == ("yandex", "(unknown)")
    assert found.total.calls == pytest.approx(2)
    assert found.known.margin is not None
    again = either.report(
        query(
            by=("hour",),
            where={"source": ("yan*", "go&=o,gle"), "number": (FIRST,)},
            marks=(CallMark.MISSED,),
            without=(),
            model="time_decay",
            half_life=timedelta(hours=36),
            compared=True,
            limit=3,
        )
    )
    assert (again.counted, again.counted_before, len(again.rows)) == (1, 0, 24)
    assert again.rows[12].before == 0


def test_missed_calls_are_told_until_they_are_answered(either: TrackingClient) -> None:
    calls(either)
    [waiting] = either.missed("okna", since=NOON - DAY, until=NOON + DAY).callers
    assert (waiting.caller, waiting.times, waiting.number) == ("+74991239999", 1, FIRST)
    assert waiting.last_at == NOON + MINUTE
    assert "+7499" not in repr(waiting).replace(FIRST, "")
    answered = {"caller": "+74991239999", "talk": MINUTE, "state": CallState.ENDED}
    either.take_call(rings(SECOND, NOON + 9 * MINUTE, call="3", **answered))  # type: ignore[arg-type]
    found = either.missed("okna", since=NOON - DAY, until=NOON + 5 * MINUTE)
    assert (found.callers, found.returned, found.hidden) == ((), 1, 0)


def test_coverage_and_accuracy_are_told_with_what_is_wrong(either: TrackingClient) -> None:
    calls(either)
    either.page_view(view("c", NOON + MINUTE))  # the overflow number once more
    found = either.service(SITE, since=NOON - DAY, until=NOON + DAY, at=NOON + MINUTE)
    [pool] = found.pools
    assert (pool.pool, pool.sessions, pool.outcomes) == ("direct", 3, {"own": 2, "overflow": 1})
    assert pool.coverage == pytest.approx(2 / 3)
    assert [(each.hour, each.sessions, each.own) for each in pool.hours if each.sessions] == [
        (NOON.astimezone(SITE.timezone).hour, 3, 2)
    ]
    assert (found.accuracy.calls, found.accuracy.matched) == (1, 1)
    assert found.accuracy.estimated == found.accuracy.recall
    [alert] = found.alerts
    assert (alert.kind, alert.pool, alert.since) == ("dry", "direct", NOON)
