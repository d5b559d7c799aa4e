"""Reports of calls, of missed ones, and of how tracking does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from callgraft.errors import SetupError
from callgraft.server.asked import Answer, Asked, told
from callgraft.server.endpoint import Endpoint, Parameter
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.server.refusal import invalid
from callgraft.site import Site
from callgraft.tracking.reports import (
    MissedCalls,
    Report,
    ReportQuery,
    ServiceReport,
    marks_named,
    of_site,
)

PATIENCE = 120.0
"""Seconds that a report may take: of a year of calls it takes half a minute."""
_MONTH = timedelta(days=30)
_DAY = timedelta(days=1)


async def tell_report(parts: Parts, asked: Asked) -> Answer:
    query = _query(asked, await parts.documents.site(asked.site))
    job = parts.work.run(lambda: parts.work.client.report(query), patience=PATIENCE)
    return told(await job)


async def tell_missed(parts: Parts, asked: Asked) -> Answer:
    since, until = _period(asked)
    found = await parts.work.run(
        lambda: parts.work.client.missed(asked.site, since=since, until=until), patience=PATIENCE
    )
    return told(found)


async def tell_service(parts: Parts, asked: Asked) -> Answer:
    site = await parts.documents.site(asked.site)
    since, until = _period(asked)
    at: datetime = asked.query["at"] or asked.at
    found = await parts.work.run(
        lambda: parts.work.client.service(site, since=since, until=until, at=at),
        patience=PATIENCE,
    )
    return told(found)


def _period(asked: Asked) -> tuple[datetime, datetime]:
    until: datetime = asked.query["until"] or asked.at
    since: datetime = asked.query["since"] or until - _MONTH
    if since >= until:
        raise invalid(("since", "it is not before until."))
    return since, until


def _query(asked: Asked, site: Site) -> ReportQuery:
    since, until = _period(asked)
    told = asked.query
    try:
        return ReportQuery(
            site=site.key,
            since=since,
            until=until,
            timezone=of_site(told["timezone"] or site.timezone.key).key,
            by=tuple(told["by"].split(",")),
            where=_where(told["where"]),
            marks=marks_named(told["marks"]),
            without=marks_named(told["without"]),
            model=told["model"],
            half_life=told["half_life"] * _DAY,
            lookback=told["lookback"] * _DAY,
            compared=bool(told["compared"]),
            limit=told["limit"],
        )
    except SetupError as exc:
        raise invalid((exc.key, f"{exc.problem} {exc.cure}")) from exc


def _where(written: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(written, keep_blank_values=True):
        found[name] = (*found.get(name, ()), value)
    return found


_SINCE = Parameter(
    name="since", kind=datetime, default=None, means="From when on; 30 days before, if left out."
)
_UNTIL = Parameter(name="until", kind=datetime, default=None, means="Until when; now, if left out.")

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/report",
        name="tell_report",
        does="Count the calls of a period by where they came from, as sums of probabilities.",
        handler=tell_report,
        scopes=(Scope.READ,),
        parameters=(
            _SINCE,
            _UNTIL,
            Parameter(name="by", default="source", most=100, means="Dimensions, with commas."),
            Parameter(
                name="where", most=4096, means="Filters, written like a query: source=vk&city=Tver."
            ),
            Parameter(name="marks", most=100, means="Marks, with commas; a call needs one."),
            Parameter(
                name="without",
                default="service,spam",
                most=100,
                means="Marks that a call may not have.",
            ),
            Parameter(
                name="model", default="last_non_direct", most=40, means="The attribution model."
            ),
            Parameter(
                name="half_life", kind=float, default=7.0, least=0, most=400, means="In days."
            ),
            Parameter(
                name="lookback",
                kind=float,
                default=90.0,
                least=0,
                most=400,
                means="How many days before a session touches count.",
            ),
            Parameter(
                name="compared", kind=int, default=0, least=0, most=1, means="1: the period before."
            ),
            Parameter(name="limit", kind=int, default=50, least=1, most=10000, means="Rows."),
            Parameter(name="timezone", most=64, means="That of the document, if left out."),
        ),
        gives=Report,
        statuses=((404, "No document of this site is in force."),),
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/missed",
        name="tell_missed",
        does="Tell the phones whose calls were missed, and not answered since.",
        handler=tell_missed,
        scopes=(Scope.READ,),
        parameters=(_SINCE, _UNTIL),
        gives=MissedCalls,
        has_etag=True,
    ),
    Endpoint(
        method="GET",
        path="/v1/sites/{site}/service",
        name="tell_service",
        does="Tell coverage by pool and hour, accuracy and recall, and what is wrong right now.",
        handler=tell_service,
        scopes=(Scope.READ,),
        parameters=(
            _SINCE,
            _UNTIL,
            Parameter(name="at", kind=datetime, default=None, means="Now, if left out."),
        ),
        gives=ServiceReport,
        has_etag=True,
    ),
)
