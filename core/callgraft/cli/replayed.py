"""How ``callgraft replay`` tells what came of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import click

from callgraft.cli.output import duration, print_table
from callgraft.replay import Hour, PoolFigures, Replayed
from callgraft.replay.caveats import caveats

_WIDTH = 50
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIGHTEST = 3
_COLUMNS = (
    *("numbers", "hold", "own number", "dry a day"),
    *("right", "wrong", "unknown", "source known"),
)


def show(replayed: Replayed) -> None:
    """Print a table and a chart for each pool."""
    first, last = (f"{at:%Y-%m-%d %H:%M}" for at in (replayed.began_at, replayed.ended_at))
    heard = f" {replayed.heard:,} calls of the list rang." if replayed.heard is not None else ""
    click.echo(
        f"{first} to {last} (UTC): {replayed.pages:,} pages, {replayed.sessions:,} sessions that"
        f" want a number.{heard}"
    )
    for key in (pool.pool for pool in replayed.outcomes[0].pools):
        _show_pool(
            replayed, [each for one in replayed.outcomes for each in one.pools if each.pool == key]
        )
    click.echo()
    for caveat in caveats(replayed):
        click.echo(textwrap.fill(caveat, 79, initial_indent="- ", subsequent_indent="  "))


def plain(replayed: Replayed) -> Mapping[str, object]:
    """The same for scripts."""
    return {
        "began_at": replayed.began_at,
        "ended_at": replayed.ended_at,
        "pages": replayed.pages,
        "sessions": replayed.sessions,
        "calls_of_the_list": replayed.heard,
        "tables": replayed.tables,
        "caveats": caveats(replayed),
        "pools": [_plain(each) for one in replayed.outcomes for each in one.pools],
    }


def tightest(hours: Sequence[Hour]) -> list[Hour]:
    """The hours of the week in which most sessions had no number of their own."""
    short = [hour for hour in hours if hour.own < hour.sessions]
    return sorted(short, key=lambda hour: hour.own - hour.sessions)[:_TIGHTEST]


def _show_pool(replayed: Replayed, compared: Sequence[PoolFigures]) -> None:
    one = compared[0]
    click.echo()
    if not one.sessions:
        click.echo(f"{one.pool}: no session of the log wants one of its numbers.")
        return
    rest = "shares one with others" if one.is_sharing else "sees the overflow number"
    print_table(
        _COLUMNS,
        [_row(each, replayed.days) for each in compared],
        title=f"{one.pool}: {one.sessions:,} sessions; who finds no free number {rest}",
    )
    click.echo("Of 100 calls: █ right  ▒ wrong  · nobody named")
    for each in compared:
        right = round(each.right_per_100 / 100 * _WIDTH)
        wrong = round(each.wrong_per_100 / 100 * _WIDTH)
        bar = "█" * right + "▒" * wrong + "·" * (_WIDTH - right - wrong)
        click.echo(f"  {each.numbers:>6,} {duration(each.hold):>6}  {bar}")
    for each in compared:
        if told := ", ".join(_told(hour) for hour in tightest(each.hours)):
            click.echo(f"Tightest with {each.numbers:,} for {duration(each.hold)}: {told}.")


def _row(each: PoolFigures, days: float) -> tuple[str, ...]:
    unknown = 100 - each.right_per_100 - each.wrong_per_100
    rang = (
        f"{each.right_per_100:.0f}",
        f"{each.wrong_per_100:.1f} ± {each.margin:.1f}",
        f"{unknown:.0f}",
        f"{each.source_share:.0%}",
    )
    return (
        f"{each.numbers:,}",
        duration(each.hold),
        f"{each.coverage:.1%}",
        f"{each.dry_minutes / days:,.0f} min",
        *(rang if each.calls else ("–",) * len(rang)),
    )


def _told(hour: Hour) -> str:
    day, of_day = divmod(hour.hour, 24)
    return f"{_DAYS[day]} {of_day:02}:00 ({hour.own / hour.sessions:.0%} of {hour.sessions:,})"


def _plain(each: PoolFigures) -> Mapping[str, object]:
    return {
        "pool": each.pool,
        "numbers": each.numbers,
        "hold": each.hold,
        "when_full": "share" if each.is_sharing else "overflow",
        "sessions": each.sessions,
        "own": each.own,
        "shared": each.shared,
        "overflow": each.overflow,
        "coverage": each.coverage,
        "dry_minutes": each.dry_minutes,
        "expected_calls": each.calls,
        "right_per_100_calls": each.right_per_100,
        "wrong_per_100_calls": each.wrong_per_100,
        "wrong_margin": each.margin,
        "accuracy": each.accuracy,
        "recall": each.recall,
        "source_known": each.source_share,
        "hours_of_week": each.hours,
    }
