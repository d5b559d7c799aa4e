"""``callgraft calls`` and ``migrate``: what the tracking store holds."""

from __future__ import annotations

import dataclasses
from contextlib import closing

import click
from rich.console import Console

from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import masked, moment, print_json, print_table, readable, short
from callgraft.client.protocol import TrackingClient
from callgraft.site import Site
from callgraft.stores.upkeep import check_migrations, migrate_store
from callgraft.tracking.shown import Certainty, shown_as
from callgraft.tracking.values import Call, CallMark


@click.command()
@click.argument("call_id", required=False)
@site_option
@backend_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--show-callers", is_flag=True, help="Print callers' whole numbers.")
@json_option
def calls(
    call_id: str | None,
    site_path: str,
    backend: str,
    limit: int,
    show_callers: bool,
    as_json: bool,
) -> None:
    """
    List the newest calls with their source, campaign and keyword; or explain one.

    CALL_ID may be cut short, as the list does.

    Example: callgraft calls --site okna.toml --limit 5
    """
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        found = list(client.calls(site.key, limit=limit if call_id is None else 1000))
        if call_id is not None:
            found = [each for each in found if each.id.startswith(call_id)]
            if len(found) != 1:
                raise click.UsageError(f"{len(found)} of the newest 1000 calls are {call_id!r}.")
        if not show_callers:
            found = [dataclasses.replace(each, caller=masked(each.caller)) for each in found]
        if as_json:
            print_json(found)
        elif call_id is not None:
            _explain(site, client, found[0])
        else:
            _list(site, found)


@click.command()
@backend_option
@click.option(
    "--check-schema", is_flag=True, help="Only check that the migrations give the schema in use."
)
def migrate(backend: str, check_schema: bool) -> None:
    """
    Bring the tracking store's tables to this version.

    Example: callgraft migrate --backend sqlite:///callgraft.db
    """
    if check_schema:
        differences = check_migrations()
        for difference in differences:
            click.echo(f"The migrations lack: {difference}", err=True)
        if differences:
            raise SystemExit(1)
        click.echo("The migrations give the schema in use.")
        return
    click.echo(migrate_store(backend))


_SHOWN_ID = 8
_WIDE = 100
"""From so many columns on a list has room for marks; one call's explanation always tells them."""

COMMANDS = (calls, migrate)


def _list(site: Site, found: list[Call]) -> None:
    is_wide = Console().width >= _WIDE
    columns = ("call", "rang", "number", "outcome", "marks", "sure", "came from")
    rows = (
        (
            *(each.id[:_SHOWN_ID], short(each.rang_at), readable(each.number), outcome(each)),
            *(_told_marks(each) if is_wide else "", sureness(each), _came_from(each)),
        )
        for each in found
    )
    print_table(columns, rows, title=f"Calls of {site.key} (times in UTC)")


def _told_marks(call: Call) -> str:
    """The marks that the outcome does not tell already."""
    return ", ".join(mark for mark in call.marks if mark is not CallMark.MISSED)


def _came_from(call: Call) -> str:
    told = (_source(call), call.attribution.campaign, call.attribution.keyword)
    return ", ".join(part for part in told if part)


def _explain(site: Site, client: TrackingClient, call: Call) -> None:
    attribution = call.attribution
    facts = (
        ("rang (UTC)", moment(call.rang_at)),
        ("state", outcome(call)),
        ("marks", ", ".join(call.marks)),
        ("tracking number", readable(call.number)),
        ("caller", call.caller),
        ("caller's region", call.region),
        ("source / medium", _source(call)),
        ("campaign", attribution.campaign),
        ("keyword", attribution.keyword),
        ("method", attribution.method),
        ("shown as", shown_as(call).words),
        ("probability", sureness(call)),
        ("stranger", percent(attribution.stray) if attribution.candidates else ""),
        ("visitor", attribution.visitor or "unknown"),
        ("session", attribution.session or "unknown"),
        ("why", attribution.because),
        ("attributed again", moment(call.rescored_at) if call.rescored_at else ""),
    )
    print_table(("", ""), facts, title=f"Call {call.id}")
    _tell_earlier(call)
    candidates = (
        (each.session, percent(each.probability), each.source, each.because)
        for each in attribution.candidates
    )
    print_table(("session", "probability", "source", "because"), candidates, title="Candidates")
    history = client.number_history(site.key, call.number, limit=10)
    rows = (
        (
            each.session,
            moment(each.shown_at),
            moment(each.seen_at),
            moment(each.released_at),
            each.released_why or each.state,
        )
        for each in history
    )
    columns = ("session", "shown", "last seen", "released", "state")
    print_table(columns, rows, title=f"Who was shown {readable(call.number)} (times in UTC)")


def _tell_earlier(call: Call) -> None:
    """ "was b .61 until 12:04, then a .99 because of a promo code"."""
    if not call.earlier:
        return
    found = call.attribution
    now = (found.session, found.visitor, found.source, found.probability)
    verdicts = [
        *((each.session, each.visitor, each.source, each.probability) for each in call.earlier),
        now,
    ]
    rows = (
        (_verdict(*verdict), moment(earlier.until), _verdict(*following), earlier.why)
        for verdict, following, earlier in zip(verdicts, verdicts[1:], call.earlier, strict=False)
    )
    columns = ("was", "until", "then", "because of")
    print_table(columns, rows, title="What was told before (times in UTC)")


def _verdict(session: str, visitor: str, source: str, probability: float) -> str:
    if not visitor:
        return source or "unknown"
    return " ".join(filter(None, (session or visitor, percent(probability), source)))


def _source(call: Call) -> str:
    found = call.attribution
    return " / ".join(part for part in (found.source, found.medium) if part) or "unknown"


def sureness(call: Call) -> str:
    """The probability for people: never "100 %", and nothing where only the source is known."""
    shown = shown_as(call)
    if shown.visitor:
        return percent(call.attribution.probability)
    return "several" if shown.certainty is Certainty.SEVERAL else "–"


def percent(probability: float) -> str:
    """A probability for people: never "100 %"."""
    return f"{min(probability, 0.99):.0%}"


def outcome(call: Call) -> str:
    """What became of a call: ringing, answered, missed, or how long people talked."""
    if call.missed:
        return "missed"
    if call.talk is not None:
        return f"{call.talk.total_seconds():.0f} s talk"
    return call.state.value
