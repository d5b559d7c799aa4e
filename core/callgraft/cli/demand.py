"""The demand on a site's pools as its tracking store has it, for ``callgraft size``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta

import click

from callgraft.cli.options import open_existing
from callgraft.cli.output import duration, print_table, progress
from callgraft.errors import SetupError
from callgraft.site import Site
from callgraft.sizing.history import DAY, PoolDemand, SiteDemand

ENOUGH = 30
"""Calls from which on their times say something."""

COVERED = (0.5, 0.8, 0.9, 0.95)
RECOMMENDED = 0.9

_BLIND, _WATCHED = timedelta(minutes=5), timedelta(minutes=3)
"""What attribution asks for at least, without the browser helper and with it."""


def demand_in_store(site: Site, backend: str, days: int) -> dict[str, PoolDemand]:
    """
    Return what was asked of each pool until now, by pool; none that nobody asked for.

    :raises SetupError: the store has no session of the site in these days.
    """
    # Up to now, and from full hour to full hour: the busiest one is looked for.
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    whole: SiteDemand | None = None
    with closing(open_existing(backend)) as client, progress("Counting days", days) as step:
        for back in range(days, 0, -1):
            day = client.demand(site, since=end - back * DAY)
            # From the first day on that has a session: before, nobody was counted.
            if whole or any(each.sessions for each in day.pools):
                whole = whole + day if whole else day
            step()
    found = {each.pool: each for each in whole.pools if each.sessions} if whole else {}
    if not found:
        cure = "Size it by --per-day or by --log until it has some, or look further back by --days."
        problem = f"has no session of {site.key!r} in {days} days."
        raise SetupError("--backend", backend, problem, cure)
    return found


def show_time_to_call(told: PoolDemand, hold: timedelta) -> None:
    """Print how soon calls came, and the hold that follows from it."""
    click.echo(
        f"\nTime from a caller's last sign of life to the ring: {told.calls:,.0f} calls, each"
        " shared out between who may have made it"
    )
    if told.calls < ENOUGH:
        click.echo(
            f"Too few to go by: {ENOUGH} are needed. Until then {duration(_BLIND)} is the least,"
            f" {duration(_WATCHED)} with the browser helper."
        )
        return
    print_table(
        ("of calls", "rang within"),
        [(f"{share:.0%}", duration(told.hold_for(share))) for share in COVERED],
    )
    click.echo(
        f"Recommended hold: {duration(recommended(told))}, within which {RECOMMENDED:.0%} of calls"
        f" ring; {duration(hold)} is enough for {told.rung_within(hold):.0%}. Late calls are not"
        " lost: a number stays a session's own until another one needs it."
    )


def recommended(told: PoolDemand) -> timedelta:
    """The hold that covers nine calls of ten, and never less than attribution asks for."""
    return max(told.hold_for(RECOMMENDED), _WATCHED)


def plain_time_to_call(told: PoolDemand, hold: timedelta) -> Mapping[str, object]:
    """The same for scripts; ``recommended_hold`` is None where calls are too few."""
    is_known = told.calls >= ENOUGH
    return {
        "calls": told.calls,
        "rang_within": {f"{share:.2f}": told.hold_for(share) for share in COVERED},
        "recommended_hold": recommended(told) if is_known else None,
        "share_within_hold": told.rung_within(hold) if told.calls else None,
    }
