"""A dry run as one page of HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape

from callgraft.replay.caveats import caveats
from callgraft.replay.charts import by_numbers, by_week
from callgraft.replay.running import Replayed
from callgraft.replay.style import STYLE
from callgraft.replay.tally import PoolFigures
from callgraft.site import Site

_COLUMNS = (
    *("Numbers", "Hold", "Own number", "Dry a day"),
    *("Right", "Wrong", "Nobody named", "Source known"),
)
_LEGEND = (
    ("g4", "99 % and more"),
    ("g3", "90 %"),
    ("g2", "70 %"),
    ("g1", "40 %"),
    ("g0", "less"),
    ("none", "no session"),
)


def report_page(replayed: Replayed, site: Site) -> str:
    """Return the report on all pools, with charts, for light and dark screens of any width."""
    title = f"Dry run of {escape(site.key)}"
    pools = [pool.pool for pool in replayed.outcomes[0].pools]
    sections = "".join(_section(replayed, site, pool) for pool in pools)
    doubts = "".join(f"<li>{escape(caveat)}</li>" for caveat in caveats(replayed))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1><p class=lead>{_what(replayed)}</p>{sections}"
        f"<section><h2>What a log cannot know</h2><ul>{doubts}</ul></section>"
        "</main></body></html>\n"
    )


def _what(replayed: Replayed) -> str:
    first, last = replayed.began_at, replayed.ended_at
    heard = "" if replayed.heard is None else f" {replayed.heard:,} calls of your list rang."
    return (
        f"{first:%d %b %Y} to {last:%d %b %Y}: {replayed.sessions:,} sessions that want a tracking"
        f" number, on {replayed.pages:,} pages of people. Every page was given its number as the"
        f" product gives it, and every call was matched as the product matches it.{heard}"
    )


def _section(replayed: Replayed, site: Site, key: str) -> str:
    compared = [each for one in replayed.outcomes for each in one.pools if each.pool == key]
    head = f"<section><h2>Pool {escape(key)}</h2>"
    if not compared[0].sessions:
        return f"{head}<p>No session of the log wants one of its numbers.</p></section>"
    own = _as_it_is(compared, site)
    rest = "shares a number with others" if own.is_sharing else "sees the overflow number"
    return (
        f"{head}<p>{own.sessions:,} sessions. Whoever finds no free number {rest}.</p>"
        f"{_cards(own)}{_curves(compared)}{_table(compared, replayed.days)}"
        f"<h3>The week with {own.numbers:,} numbers, held for {span(own.hold)}</h3>"
        f"<p>The share of sessions with a number of their own, by the hours of"
        f" {escape(str(site.timezone))}.</p><div class=wide>{by_week(own.hours)}</div>"
        f"{_legend()}</section>"
    )


def _as_it_is(compared: Sequence[PoolFigures], site: Site) -> PoolFigures:
    """What comes nearest to the pool as the document has it."""
    pool = site.pools[compared[0].pool]
    return min(
        compared,
        key=lambda each: (abs(each.numbers - len(pool.numbers)), abs(each.hold - pool.hold)),
    )


def _cards(own: PoolFigures) -> str:
    cards = [
        (f"{own.coverage:.0%}", "of sessions get a number of their own"),
        (f"{own.right_per_100:.0f}", "of 100 calls name the right visitor"),
        (f"{own.wrong_per_100:.1f}", "of 100 calls name a wrong one"),
        (f"{own.source_share:.0%}", "of calls with the right source"),
    ]
    told = "".join(f"<div><b>{figure}</b><span>{what}</span></div>" for figure, what in cards)
    with_ = f"With {own.numbers:,} numbers, held for {span(own.hold)}:"
    return f"<p class=now>{with_}</p><div class=cards>{told}</div>"


def _curves(compared: Sequence[PoolFigures]) -> str:
    holds = sorted({each.hold for each in compared})
    charts = []
    for hold in holds:
        told = f"<figcaption>Held for {span(hold)}</figcaption>" if len(holds) > 1 else ""
        chart = by_numbers([each for each in compared if each.hold == hold])
        charts.append(f"<figure>{told}{chart}</figure>")
    return f"<h3>What more numbers bring</h3><div class=charts>{''.join(charts)}</div>"


def _table(compared: Sequence[PoolFigures], days: float) -> str:
    heading = "".join(f"<th scope=col>{name}</th>" for name in _COLUMNS)
    rows = "".join(f"<tr>{_cells(each, days)}</tr>" for each in compared)
    return (
        "<div class=wide><table><caption>Right, wrong and nobody named are of 100 calls.</caption>"
        f"<thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(each: PoolFigures, days: float) -> str:
    unknown = 100 - each.right_per_100 - each.wrong_per_100
    cells = (
        f"{each.numbers:,}",
        span(each.hold),
        f"{each.coverage:.1%}",
        f"{each.dry_minutes / days:,.0f} min",
        f"{each.right_per_100:.0f}",
        f"{each.wrong_per_100:.1f} ± {each.margin:.1f}",
        f"{unknown:.0f}",
        f"{each.source_share:.0%}",
    )
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _legend() -> str:
    told = "".join(
        f'<span><svg viewBox="0 0 12 12"><rect class="{name}" width="12" height="12" rx="2"/></svg>'
        f"{what}</span>"
        for name, what in _LEGEND
    )
    return f"<p class=legend>{told}</p>"


def span(hold: timedelta) -> str:
    """A hold for people: ``1 h 30 min``."""
    minutes, seconds = divmod(int(hold.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
