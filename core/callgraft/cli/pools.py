"""``callgraft pool``: how full the pools are, once or again and again."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from callgraft.cli.options import (
    backend_option,
    json_option,
    load_site,
    open_existing,
    site_option,
)
from callgraft.cli.output import moment, print_json, readable, short, table
from callgraft.client.protocol import TrackingClient
from callgraft.errors import StoreUnavailable
from callgraft.site import Site
from callgraft.stores.urls import without_secrets
from callgraft.tracking.values import Lease, PoolState

_EVERY = 2.0
_DAY = timedelta(days=1)
_BLINK = 0.05
_SHOWN_ID = 8
_BAR = 14


@click.command()
@site_option
@backend_option
@click.option("--watch", is_flag=True, help="Look again every 2 seconds, until Ctrl-C.")
@json_option
def pool(site_path: str, backend: str, watch: bool, as_json: bool) -> None:
    """
    Show how full each pool is, and who holds its numbers.

    The bar tells held numbers (█), provisional ones (▓), those kept past their hold (▒) and
    those that rest (░) from free ones. Covered is the share of the last day's sessions that got a
    number of their own; `callgraft report --coverage` tells more.

    Example: callgraft pool --site okna.toml --watch
    """
    if watch and as_json:
        raise click.UsageError("--watch is for people and --json for scripts: leave one out.")
    site = load_site(site_path, backend=backend)
    with closing(open_existing(backend)) as client:
        if watch:
            _watch(site, client)
            return
        at = datetime.now(UTC)
        states = client.pool_states(site, at=at)
        if as_json:
            print_json(states)
            return
        today = client.service(site, since=at - _DAY, until=at, at=at)
    coverage = {each.pool: each.coverage for each in today.pools}
    Console(highlight=False).print(_picture(site, states, coverage=coverage))
    if not any(each.total for each in states):
        click.echo(f"No door has served the site {site.key} from {without_secrets(backend)} yet.")


COMMANDS = (pool,)


def _watch(site: Site, client: TrackingClient) -> None:
    console = Console(highlight=False)
    with (
        _interrupts() as interrupts,
        Live(console=console, auto_refresh=False, screen=console.is_terminal) as live,
    ):
        while not interrupts:
            live.update(_look(site, client, console.size.height), refresh=True)
            if not console.is_terminal:
                console.print(live.get_renderable())
            until = time.monotonic() + _EVERY
            while not interrupts and time.monotonic() < until:
                time.sleep(_BLINK)


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """
    The Ctrl-C so far, which is how this is meant to end.

    As an exception it could come up where Python can only ignore it, and would be lost.
    """
    told: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: told.append(number))
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, before)


def _look(site: Site, client: TrackingClient, height: int) -> RenderableType:
    at = datetime.now(UTC)
    heading = Text(f"{moment(at)} UTC, every {_EVERY:.0f} s, Ctrl-C ends it", style="dim")
    try:
        states = client.pool_states(site, at=at)
    except StoreUnavailable as exc:
        # A store that starts again is no reason to stop watching.
        return Group(heading, Text(f"The tracking store does not answer: {exc}", style="red"))
    # Headings and rules take nine lines.
    room = max(height - len(states) - 9, 3)
    return Group(heading, _picture(site, states, room))


def _picture(
    site: Site,
    states: Sequence[PoolState],
    room: int | None = None,
    *,
    coverage: Mapping[str, float | None] = MappingProxyType({}),
) -> Group:
    """The pools, with the last day's coverage, and as many of their leases as there is room for."""
    leases = sorted(
        (lease for each in states for lease in each.leases),
        key=lambda lease: lease.seen_at,
        reverse=True,
    )
    parts = [
        *_titled(f"Pools of {site.key}", _POOL, (_pool_row(each, coverage) for each in states)),
        *_titled("Leases (times in UTC)", _LEASE, map(_lease_row, leases[:room])),
        *_titled("Numbers that are not shown", _WATCHED, _watched_rows(states)),
    ]
    if room is not None and len(leases) > room:
        parts.append(Text(f"… and {len(leases) - room} more", style="dim"))
    return Group(*parts)


_POOL = (
    *("pool", "numbers", "in use", "held", "provisional", "expired", "cooling", "free"),
    *("shared", "quarantined", "draining", "covered"),
)
_LEASE = ("number", "pool", "state", "session", "last seen", "held until")
_WATCHED = ("number", "pool", "state", "since", "why", "last call")


def _titled(
    title: str, columns: Sequence[str], rows: Iterator[Sequence[object]]
) -> list[RenderableType]:
    made = table(columns, rows)
    return [Text(title, style="bold"), made] if made else []


def _pool_row(state: PoolState, coverage: Mapping[str, float | None]) -> tuple[object, ...]:
    covered = coverage.get(state.pool)
    seldom = (state.shared, state.quarantined, state.draining)
    return (
        *(state.pool, state.total, _bar(state), state.held, state.provisional),
        *(state.expired, state.cooling, _free(state)),
        *(count or "" for count in seldom),
        "" if covered is None else f"{int(covered * 1000) / 10:g} %",
    )


def _free(state: PoolState) -> Text:
    """A pool that has nothing to give shows its overflow number to whoever comes next."""
    is_dry = state.total and not state.free + state.expired
    return Text(f"{state.free} dry" if is_dry else str(state.free), style="red" if is_dry else "")


def _bar(state: PoolState) -> Text:
    bar = Text()
    if not state.total:
        return bar
    shares = (
        (state.held, "█", "green"),
        (state.provisional, "▓", "yellow"),
        (state.expired, "▒", "blue"),
        (state.cooling, "░", "dim"),
        (state.free, "·", "dim"),
    )
    done = drawn = 0
    for count, sign, style in shares:
        done += count
        upto = round(done * _BAR / state.total)
        bar.append(sign * (upto - drawn), style=style)
        drawn = upto
    return bar


def _lease_row(lease: Lease) -> tuple[object, ...]:
    state = f"{lease.state}, shared" if lease.is_shared else str(lease.state)
    return (
        *(readable(lease.number), lease.pool, state, lease.session[:_SHOWN_ID]),
        *(short(lease.seen_at), short(lease.held_until)),
    )


def _watched_rows(states: Sequence[PoolState]) -> Iterator[tuple[object, ...]]:
    for state in states:
        for each in state.watched:
            yield (
                *(readable(each.number), state.pool, str(each.state)),
                *(short(each.since), each.why, short(each.last_call_at)),
            )
