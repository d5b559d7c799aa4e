"""``callgraft rescore``: calls of a period attributed anew, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

import click

from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import print_json, print_table, progress, short
from callgraft.cli.tracking import percent
from callgraft.client.protocol import TrackingClient
from callgraft.site import Site
from callgraft.tracking.rescoring import Rescored
from callgraft.tracking.values import Attribution

_BATCH = 50
_PAGE = 500
_SHOWN = 20
_SHOWN_ID = 8
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@site_option
@backend_option
@click.option("--from", "since", type=_MOMENT, help="Calls that rang then or later (UTC).")
@click.option("--to", "until", type=_MOMENT, help="Calls that rang before then (UTC).")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@json_option
def rescore(
    site_path: str,
    backend: str,
    since: datetime | None,
    until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """
    Attribute calls anew: by all that came to light since, and by the weights in force.

    Each call keeps what was told of it before. Calls of visitors who were forgotten, or whose
    visits were thrown away after their time, stay as they are. A dry run weighs each call beside
    the others as they stand, so that the run itself can change a few more.

    Example: callgraft rescore --site okna.toml --from 2026-03-01 --dry-run
    """
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        calls = _calls(client, site, _utc(since), _utc(until))
        done: list[Rescored] = []
        with progress("Calls", len(calls)) as step:
            for first in range(0, len(calls), _BATCH):
                batch = calls[first : first + _BATCH]
                done += client.rescore(site.key, batch, at=datetime.now(UTC), is_dry=dry_run)
                for _ in batch:
                    step()
    if as_json:
        print_json(_summary(done))
    else:
        _tell(site, done, dry_run)


COMMANDS = (rescore,)


def change(before: Attribution, after: Attribution) -> str:
    """What became of an attribution, in words; empty where people are told the same."""
    if before.visitor != after.visitor:
        if not before.visitor:
            return "visitor found"
        return "another visitor" if after.visitor else "visitor not told any more"
    if before.source != after.source:
        return "another source" if after.source else "source not told any more"
    if round(before.probability, 2) != round(after.probability, 2):
        return "surer" if after.probability > before.probability else "less sure"
    return "" if before.method == after.method else "another method"


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


def _calls(
    client: TrackingClient, site: Site, since: datetime | None, until: datetime | None
) -> Sequence[str]:
    """The ids of the period's calls, the oldest first."""
    found: list[str] = []
    after = ""
    while page := client.calls(site.key, limit=_PAGE, after=after):
        for call in page:
            if since and call.rang_at < since:
                return found[::-1]
            if until is None or call.rang_at < until:
                found.append(call.id)
        after = page[-1].id
    return found[::-1]


def _summary(done: Sequence[Rescored]) -> dict[str, object]:
    changed = [each for each in done if each.is_changed]
    return {
        "calls": len(done),
        "changed": len(changed),
        "changes": dict(_changes(changed)),
        "mean_probability": {"before": _mean(done, "before"), "after": _mean(done, "after")},
        "items": [
            {
                "call": each.after.id,
                "rang_at": each.after.rang_at,
                "change": change(each.before.attribution, each.after.attribution),
                "before": each.before.attribution,
                "after": each.after.attribution,
            }
            for each in changed
        ],
    }


def _changes(changed: Sequence[Rescored]) -> Counter[str]:
    return Counter(change(each.before.attribution, each.after.attribution) for each in changed)


def _mean(done: Sequence[Rescored], side: str) -> float:
    """Over the calls that are named somebody's, before and after alike."""
    found = [getattr(each, side).attribution for each in done]
    weighed = [each.probability for each in found if each.candidates]
    return sum(weighed) / len(weighed) if weighed else 0.0


def _tell(site: Site, done: Sequence[Rescored], is_dry: bool) -> None:
    changed = [each for each in done if each.is_changed]
    would = "would be told" if is_dry else "are told"
    click.echo(f"{len(done)} calls of {site.key}; of {len(changed)} other things {would} now.")
    if not changed:
        return
    print_table(("change", "calls"), _changes(changed).most_common())
    rows = (
        (
            each.after.id[:_SHOWN_ID],
            short(each.after.rang_at),
            told(each.before.attribution),
            told(each.after.attribution),
        )
        for each in changed[-_SHOWN:]
    )
    title = f"The newest {_SHOWN} of them" if len(changed) > _SHOWN else ""
    print_table(("call", "rang", "before", "after"), rows, title=title)
    before, after = (_mean(done, side) for side in ("before", "after"))
    click.echo(f"Mean probability: {percent(before)} before, {percent(after)} after.")


def told(found: Attribution) -> str:
    """A verdict in a few words: who, how sure, and from where."""
    if not found.visitor:
        return found.source or "unknown"
    session = found.session[:_SHOWN_ID] or found.visitor[:_SHOWN_ID]
    return " ".join(filter(None, (session, percent(found.probability), found.source)))
