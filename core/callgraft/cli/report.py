"""``callgraft report``: what calls came of, whom to call back, and how tracking does."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import masked, print_json, share_done
from callgraft.cli.periods import period_of
from callgraft.cli.report_csv import csv_of
from callgraft.cli.report_page import report_page
from callgraft.cli.report_text import show_missed, show_report, show_service
from callgraft.cli.spans import Span
from callgraft.client import TrackingClient
from callgraft.errors import SetupError
from callgraft.site import Site
from callgraft.tracking.reports import DIMENSIONS, MODELS, Report, ReportQuery, marks_named
from callgraft.tracking.values import CallMark

_MARKS = ", ".join(CallMark)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is to be printed, and how."""

    is_missed: bool
    is_coverage: bool
    as_json: bool
    as_csv: bool
    html_path: str | None
    shows_callers: bool


@click.command("report")
@site_option
@backend_option
@click.option(
    "--by",
    default="source",
    show_default=True,
    help=f"Up to three of {', '.join(DIMENSIONS)}; with commas.",
)
@click.option("--from", "first", metavar="DATE", help="First day.  [default: 30 days ago]")
@click.option("--to", "last", metavar="DATE", help="Last day.  [default: today]")
@click.option(
    "--where",
    "filters",
    multiple=True,
    metavar="NAME=PATTERN",
    help="Only calls, or the part of them, for which that holds: source=yandex, campaign=okna*.",
)
@click.option("--mark", "marks", default="", help=f"Only calls with one of {_MARKS}; with commas.")
@click.option(
    "--without", default="service,spam", show_default=True, help="No calls with one of these marks."
)
@click.option("--model", type=click.Choice(MODELS), default="last_non_direct", show_default=True)
@click.option("--half-life", type=Span(), default="7d", show_default=True, help="Of time_decay.")
@click.option("--compare", is_flag=True, help="Also the period before, which is as long.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=25, show_default=True)
@click.option("--missed", "is_missed", is_flag=True, help="Whom to call back, instead.")
@click.option("--coverage", "is_coverage", is_flag=True, help="Pools and accuracy, instead.")
@click.option("--show-callers", is_flag=True, help="Print callers' whole numbers.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
@click.option("--html", "html_path", metavar="FILE", help="Write a page with charts there.")
@json_option
def report(
    site_path: str,
    backend: str,
    by: str,
    first: str | None,
    last: str | None,
    filters: tuple[str, ...],
    marks: str,
    without: str,
    model: str,
    half_life: timedelta,
    compare: bool,
    limit: int,
    is_missed: bool,
    is_coverage: bool,
    show_callers: bool,
    as_csv: bool,
    html_path: str | None,
    as_json: bool,
) -> None:
    """
    Tell where calls came from, whom to call back, or how tracking does.

    Totals are sums of probabilities, with what they may be off by in 95 of 100 cases: a call that
    is one visitor's with 70 % counts .7 for that visitor's source. Days are those of the site's
    time zone. The attribution model can be another one each time; the past is counted anew.

    Example: callgraft report --by source,campaign --from 2026-03-01 --to 2026-03-31 --compare
    """
    wish = _Wish(
        is_missed=is_missed,
        is_coverage=is_coverage,
        as_json=as_json,
        as_csv=as_csv,
        html_path=html_path,
        shows_callers=show_callers,
    )
    _check(wish)
    site = load_site(site_path, backend=backend)
    now = datetime.now(UTC)
    since, until = period_of(first, last, zone=site.timezone, now=now)
    query = ReportQuery(
        site=site.key,
        since=since,
        until=until,
        timezone=site.timezone.key,
        by=tuple(each.strip() for each in by.split(",")),
        where=_where(filters),
        marks=marks_named(marks),
        without=marks_named(without),
        model=model,
        half_life=half_life,
        compared=compare,
        limit=limit,
    )
    with closing(open_existing(backend)) as client:
        if is_missed:
            _missed(client, query, wish)
        elif is_coverage:
            _coverage(client, site, query, wish, now)
        else:
            _calls(client, query, wish)


COMMANDS = (report,)


def _check(wish: _Wish) -> None:
    if wish.is_missed and wish.is_coverage:
        raise click.UsageError("--missed and --coverage are two reports: name one.")
    if wish.as_json and wish.as_csv:
        raise click.UsageError("--json and --csv are two formats: name one.")
    if wish.html_path and (wish.is_missed or wish.is_coverage or wish.as_json or wish.as_csv):
        raise click.UsageError("--html is the report of calls alone.")
    if wish.as_csv and wish.is_coverage:
        raise click.UsageError("--coverage has no CSV: take --json.")


def _calls(client: TrackingClient, query: ReportQuery, wish: _Wish) -> None:
    found = _counted(client, query)
    if wish.html_path:
        days = _counted(client, replace(query, by=("day",), compared=False, model=_plain(query)))
        hours = _counted(client, replace(query, by=("hour",), compared=False, model=_plain(query)))
        _write(wish.html_path, report_page(found, days=days, hours=hours))
        click.echo(f"{wish.html_path} was written.")
    elif wish.as_json:
        print_json(found)
    elif wish.as_csv:
        click.echo(csv_of(found), nl=False)
    else:
        show_report(found)


def _counted(client: TrackingClient, query: ReportQuery) -> Report:
    with share_done("Counting calls") as step:
        return client.report(query, step=lambda done, whole: step(int(done), int(whole)))


def _plain(query: ReportQuery) -> str:
    """Days and hours are the same in all models that tell of one journey."""
    return "last_non_direct" if query.model == "markov" else query.model


def _missed(client: TrackingClient, query: ReportQuery, wish: _Wish) -> None:
    found = client.missed(query.site, since=query.since, until=query.until)
    if not wish.shows_callers:
        hidden = tuple(replace(one, caller=masked(one.caller)) for one in found.callers)
        found = replace(found, callers=hidden)
    if wish.as_json:
        print_json(found)
    elif wish.as_csv:
        click.echo(csv_of(found), nl=False)
    else:
        show_missed(found, query.timezone)


def _coverage(
    client: TrackingClient, site: Site, query: ReportQuery, wish: _Wish, now: datetime
) -> None:
    found = client.service(site, since=query.since, until=query.until, at=now)
    if wish.as_json:
        print_json(found)
    else:
        show_service(found)


def _where(filters: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    where: dict[str, tuple[str, ...]] = {}
    for each in filters:
        name, is_told, pattern = each.partition("=")
        if not is_told:
            raise SetupError("--where", each, "is no filter.", "Write it like source=yandex.")
        where[name] = (*where.get(name, ()), pattern)
    return where


def _write(path: str, page: str) -> None:
    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as exc:
        cure = "Name a file in a folder that is there and may be written to."
        raise SetupError("--html", path, f"cannot be written: {exc.strerror}.", cure) from exc
