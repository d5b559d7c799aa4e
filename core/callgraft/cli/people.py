"""``callgraft export``, ``forget`` and ``purge``: people's data."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime

import click

from callgraft import phone
from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import duration, print_json
from callgraft.client import TrackingClient
from callgraft.errors import NotANumber
from callgraft.identity import COOKIE, Seal
from callgraft.site import Site
from callgraft.tracking.records import Purged

_VISITOR = "The visitor's id, as a call's record has it."
_COOKIE = f"The value of the visitor's cookie {COOKIE!r}, in place of the id."


@click.command()
@site_option
@backend_option
@click.option("--visitor", default="", help=_VISITOR)
@click.option("--cookie", default="", help=_COOKIE)
def export(site_path: str, backend: str, visitor: str, cookie: str) -> None:
    """
    Print all that is known of a visitor, as JSON.

    It holds nothing of other people, and may be handed over. Exit code 1 when nothing is known.

    Example: callgraft export --site okna.toml --visitor 3q2-7wAAAAA
    """
    if bool(visitor) == bool(cookie):
        raise click.UsageError("Name one of --visitor and --cookie.")
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        visitor = visitor or _visitor_of(cookie, client)
        record = client.visitor_record(site.key, visitor)
    if record is None:
        click.echo(f"Nothing is known of the visitor {visitor} of {site.key}.", err=True)
        raise SystemExit(1)
    print_json(record)


@click.command()
@site_option
@backend_option
@click.option("--visitor", default="", help=_VISITOR)
@click.option("--cookie", default="", help=_COOKIE)
@click.option("--caller", default="", help="The number of somebody who rang.")
@json_option
def forget(
    site_path: str, backend: str, visitor: str, cookie: str, caller: str, as_json: bool
) -> None:
    """
    Delete what is known of a visitor or a caller, for good.

    A visitor's sessions, pages and signs of life are deleted. The visitor's leases become
    nobody's, so that the number is still not given to two people at one time. Calls stay, with
    their source, and without the visitor or the caller. A cookie in the visitor's browser is not
    reached from here: with it the next visit begins a new record, unless consent is declined.

    Backups are not reached, and neither are logs of your web server: what a backup brings back has
    to be forgotten again. With a tracking server as the backend, what waits on this machine's disk
    is deleted too; do the same on each door that was cut off from the server.

    Example: callgraft forget --site okna.toml --caller "+7 916 000-00-01"
    """
    if [bool(visitor), bool(cookie), bool(caller)].count(True) != 1:
        raise click.UsageError("Name one of --visitor, --cookie and --caller.")
    site = load_site(site_path, backend=backend)
    number = _number(caller, site) if caller else ""
    with closing(open_existing(backend)) as client:
        visitor = _visitor_of(cookie, client) if cookie else visitor
        done = client.forget(site.key, visitor=visitor, caller=number, at=datetime.now(UTC))
    if as_json:
        print_json(done)
        return
    if not any(asdict(done).values()):
        click.echo("Nothing was known.")
    elif visitor:
        click.echo(
            f"Deleted: sessions {done.sessions}, pages {done.visits}, signs of life {done.signs}."
            f" Nobody's now: leases {done.leases}. Without the visitor now: calls {done.calls}."
        )
    else:
        click.echo(f"Without the caller now: calls {done.calls}, their events {done.events}.")


@click.command()
@site_option
@backend_option
@json_option
def purge(site_path: str, backend: str, as_json: bool) -> None:
    """
    Delete what the site's document says may be kept no longer.

    Doors and tracking servers do so by themselves, once an hour.

    Example: callgraft purge --site okna.toml
    """
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        purged = client.purge(site, at=datetime.now(UTC))
    if purged is None:
        click.echo("The tracking server does that by itself, once an hour.")
        return
    if as_json:
        print_json(purged)
    else:
        _tell(site, purged)


COMMANDS = (export, forget, purge)


def _tell(site: Site, purged: Purged) -> None:
    keep = site.privacy
    for count, what, span in (
        (purged.sessions, "sessions", keep.keep_visits),
        (purged.calls, "calls", keep.keep_calls),
        (purged.callers, "callers' numbers", keep.keep_callers),
    ):
        click.echo(f"Deleted {count} {what} older than {duration(span)}.")


def _visitor_of(cookie: str, client: TrackingClient) -> str:
    own = os.environ.get("CALLGRAFT_SECRET", "").encode()
    identity = Seal((own,) if own else (client.secret(),)).open(cookie)
    if identity is None:
        problem = "was not signed here."
        raise click.BadParameter(problem, param_hint="--cookie")
    return identity.visitor


def _number(written: str, site: Site) -> str:
    try:
        return phone.read(written, site.region).e164
    except NotANumber as exc:
        raise click.BadParameter(str(exc), param_hint="--caller") from exc
