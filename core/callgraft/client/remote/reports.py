"""Reports asked of a tracking server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from callgraft.client.remote.question import Question
from callgraft.client.remote.tracker import Tracker, path_of
from callgraft.tracking.reports import MissedCalls, Report, ReportQuery, ServiceReport

T = TypeVar("T")
_PATIENCE = 130.0
"""Seconds that a report may take; the server gives up a little sooner."""
_DAY = timedelta(days=1)


def ask_report(tracker: Tracker, query: ReportQuery) -> Report:
    where = [(name, each) for name, told in (query.where or {}).items() for each in told]
    return _ask(
        tracker,
        Report,
        path_of(query.site, "report"),
        {
            "since": query.since.isoformat(),
            "until": query.until.isoformat(),
            "by": ",".join(query.by),
            "where": urlencode(where),
            "marks": ",".join(query.marks),
            "without": ",".join(query.without),
            "model": query.model,
            "half_life": f"{query.half_life / _DAY:.9f}",
            "lookback": f"{query.lookback / _DAY:.9f}",
            "compared": int(query.compared),
            "limit": query.limit,
            "timezone": query.timezone,
        },
    )


def ask_missed(tracker: Tracker, site: str, since: datetime, until: datetime) -> MissedCalls:
    query = {"since": since.isoformat(), "until": until.isoformat()}
    return _ask(tracker, MissedCalls, path_of(site, "missed"), query)


def ask_service(
    tracker: Tracker, site: str, since: datetime, until: datetime, at: datetime
) -> ServiceReport:
    query = {"since": since.isoformat(), "until": until.isoformat(), "at": at.isoformat()}
    return _ask(tracker, ServiceReport, path_of(site, "service"), query)


def _ask(tracker: Tracker, kind: type[T], path: str, query: Mapping[str, object]) -> T:
    asked = f"{path}?{urlencode(query)}"
    return tracker.value(kind, tracker.ask(Question(method="GET", path=asked, patience=_PATIENCE)))
