"""``callgraft promo``: whose code a caller read out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime

import click

from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import moment, print_json, print_table
from callgraft.tracking.promo_values import PromoVisit
from callgraft.tracking.records import SessionRecord
from callgraft.tracking.values import Call, Proof, ProofKind


@click.command()
@click.argument("code")
@site_option
@backend_option
@click.option("--call", "call_id", default="", help="The id of the call in which it was read out.")
@json_option
def promo(code: str, site_path: str, backend: str, call_id: str, as_json: bool) -> None:
    """
    Tell whose promo CODE it is: the visit, whence it came, and its pages.

    With --call the call is tied to that visit for good: the code is proof of who rang. Exit code 1
    when nobody has the code; a code that was misheard or mistyped is told by its check digit.

    Example: callgraft promo 482910 --site okna.toml
    """
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        found = client.promo(site.key, code)
        call = client.prove(_proof(found, call_id)) if found and call_id else None
    if found is None:
        click.echo(f"Nobody has the promo code {code} of {site.key}, or has it no more.", err=True)
        raise SystemExit(1)
    if as_json:
        print_json(asdict(found) | ({"call": call} if call else {}))
        return
    _tell(found)
    if call is not None:
        click.echo(_tied(call))


COMMANDS = (promo,)


def _proof(found: PromoVisit, call_id: str) -> Proof:
    code = found.code
    return Proof(
        site=code.site,
        call=call_id,
        kind=ProofKind.PROMO_CODE,
        at=datetime.now(UTC),  # who corrects a mistake is told last, and counts
        session=code.session,
        visitor=code.visitor,
        source=found.stay.touch.source if found.stay else "",
    )


def _tell(found: PromoVisit) -> None:
    stay = found.stay
    facts = [
        ("shown since", f"{moment(found.code.issued_at)} UTC"),
        *(_whence(stay) if stay else ()),
    ]
    facts += [("visitor", found.code.visitor), ("session", found.code.session)]
    print_table(("", ""), facts, title=f"Promo code {found.code.code}")
    if stay is None:
        click.echo("Its first page is not written yet: ask again in a moment.")
        return
    print_table(("page", "at (UTC)"), ((each.path, moment(each.at)) for each in stay.visits))


def _whence(stay: SessionRecord) -> Iterator[tuple[str, str]]:
    touch = stay.touch
    words = ("source", "medium", "campaign", "keyword", "content", "referrer", "landing")
    yield from ((word, getattr(touch, word)) for word in words if getattr(touch, word))
    place = ", ".join(each for each in (stay.city, stay.region, stay.country) if each)
    yield from ((name, told) for name, told in (("device", stay.device), ("from", place)) if told)


def _tied(call: Call) -> str:
    found = call.attribution
    source = f", which came from {found.source}" if found.source else ""
    return f"The call {call.id} is tied to the session {found.session or '–'}{source}."
