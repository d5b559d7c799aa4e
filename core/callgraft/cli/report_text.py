"""Reports on a terminal: tables with bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from callgraft.cli.output import readable, table
from callgraft.tracking.reports import (
    OTHERS,
    UNKNOWN,
    MissedCalls,
    PoolCoverage,
    Report,
    Row,
    ServiceReport,
)
from callgraft.tracking.values import CallMark

_BAR, _SHORT_BAR = 24, 12
_WIDE = 110
"""From so many columns on there is room for everything."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SHADES = "▁▂▃▄▅▆▇█"
_LONGEST = 48
_ENOUGH = 0.05
"""Less than that many calls are written as "0"."""


def show_report(found: Report) -> None:
    """Print the calls of a period."""
    console = Console(highlight=False)
    console.print(Text(f"Calls of {found.site}, {_period(found)}", style="bold"))
    if not found.counted and not found.counted_before:
        console.print("No call was found that is what was asked for.")
        return
    width = console.width
    _print(console, _columns(found, width), [_row(found, row, width) for row in found.rows])
    console.print(_summary(found), soft_wrap=True)
    told = ", ".join(f"{count:,} {name}" for name, count in found.shown_as.items())
    if told:
        console.print(f"How sure who rang: {told}.", soft_wrap=True)


def show_missed(found: MissedCalls, timezone: str) -> None:
    """Print whom to call back, whoever rang last first."""
    console = Console(highlight=False)
    title = f"Missed calls of {found.site} to return (times of {timezone})"
    console.print(Text(title, style="bold"))
    zone = ZoneInfo(timezone)
    rows = [
        (
            *(_caller(each.caller), str(each.times), _moment(each.last_at, zone)),
            *(readable(each.number), _plain(each.source), each.shown_as),
        )
        for each in found.callers
    ]
    _print(console, ("caller", "times", "last", "rang", "source", "who"), rows)
    told = f"{_phones(len(found.callers))} to call back; {_phones(found.returned)} rang again and"
    told += " got through."
    if found.hidden:
        told += f" {found.hidden:,} missed calls hid their number."
    console.print(told, soft_wrap=True)


def show_service(found: ServiceReport) -> None:
    """Print coverage by pool and hour, the three figures, checks, and what is wrong."""
    console = Console(highlight=False)
    console.print(Text(f"Pools of {found.site}, {_period(found)}", style="bold"))
    columns = ("pool", "sessions", "coverage", "by hour, from 0 to 23", "how they were answered")
    _print(console, columns, [_pool(each) for each in found.pools])
    if not found.pools:
        console.print("No session has asked a pool for a number yet.")
    _show_accuracy(console, found)
    for alert in found.alerts:
        since = _moment(alert.since, ZoneInfo(found.timezone))
        console.print(
            Text.assemble(("! ", "bold red"), f"{alert.told} Since {since}."), soft_wrap=True
        )
        console.print(Text(f"  → {alert.cure}"), soft_wrap=True)


def _show_accuracy(console: Console, found: ServiceReport) -> None:
    known = found.accuracy
    if not known.calls:
        console.print("No call on a pool's number: nothing is known of accuracy.")
        return
    console.print(
        f"Accuracy, estimated: {_share(known.estimated)} of the {known.matched:,} matched calls"
        f" are right. Recall, estimated: {_share(known.recall)} of all {known.calls:,} calls are"
        " matched and right.",
        soft_wrap=True,
    )
    rows = [
        (
            *(each.name, f"{each.calls:,}", f"{each.named:,}", _share(each.accuracy)),
            f"{_share(each.low)} – {_share(each.high)}" if each.low is not None else "",
            each.means,
        )
        for each in known.checks
    ]
    _print(console, ("checked by", "calls", "named", "right", "95 % sure", "means"), rows)
    if not known.checks:
        console.print(
            "Nothing to check that against yet: promo codes, forms and test calls would tell."
        )


def _columns(found: Report, width: int) -> Sequence[str]:
    marks = ("first", "target", "missed", "assisted") if width >= _WIDE else ()
    before = ("before", "change") if found.counted_before is not None else ()
    return (*found.by, "calls", "", *marks, *before)


def _row(found: Report, row: Row, width: int) -> Sequence[object]:
    marks = (*(_count(row.marks.get(mark, 0.0)) for mark in _SHOWN_MARKS), _count(row.assisted))
    change = (_count(row.before), _change(row)) if found.counted_before is not None else ()
    return (
        *(_value(found, place, value) for place, value in enumerate(row.values)),
        *(_with_margin(row), _bar(row.calls / _largest(found), width)),
        *(marks if width >= _WIDE else ()),
        *change,
    )


def _largest(found: Report) -> float:
    """What the longest bar stands for; what nobody knows must not make all others short."""
    known = [row.calls for row in found.rows if not {UNKNOWN, OTHERS} & set(row.values)]
    return max(known, default=0.0) or 1.0


_SHOWN_MARKS = (CallMark.FIRST.value, CallMark.TARGET.value, CallMark.MISSED.value)


def _value(found: Report, place: int, value: str) -> str:
    if found.by[place] == "number" and value.startswith("+"):
        return readable(value)
    return _plain(value)


def _plain(value: str) -> str:
    """A value as one short line: visitors write it, and a terminal obeys some signs."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _with_margin(row: Row) -> str:
    if not row.margin or row.margin < _ENOUGH:
        return f"{row.calls:,.1f}"
    return f"{row.calls:,.1f} ± {row.margin:,.1f}"


def _count(count: float | None) -> str:
    return f"{count:,.1f}" if count and count >= _ENOUGH else ""


def _change(row: Row) -> Text:
    """
    How much more or less; in colour where the two margins do not explain it.
    """
    before = row.before or 0.0
    if before < _ENOUGH:
        return Text("new" if row.calls >= _ENOUGH else "")
    change = row.calls / before - 1
    told = f"{change:+.0%}".replace("-", "−")
    # Both are counts, too: with the same demand they would differ by the root of their sum.
    spread = 1.959964 * (row.calls + before) ** 0.5
    is_clear = abs(row.calls - before) > spread + (row.margin or 0) + (row.before_margin or 0)
    return Text(told, style=("green" if change > 0 else "red") if is_clear else "")


def _summary(found: Report) -> str:
    by = ", ".join(found.by)
    margin = f" ± {found.known.margin:,.1f}" if (found.known.margin or 0.0) >= _ENOUGH else ""
    share = found.known.calls / found.total.calls if found.total.calls else 0.0
    told = f"{found.total.calls:,.1f} calls; {by} known of {found.known.calls:,.1f}{margin}"
    told += f" ({share:.0%})."
    if found.counted_before is not None:
        told += f" The period before had {found.total.before or 0.0:,.1f}."
    return told


def _bar(share: float, width: int) -> str:
    longest = _BAR if width >= _WIDE else _SHORT_BAR
    whole, eighth = divmod(round(min(share, 1.0) * longest * 8), 8)
    return ("█" * whole + (_EIGHTHS[eighth] if eighth else "")).ljust(longest)


def _pool(each: PoolCoverage) -> Sequence[object]:
    outcomes = ", ".join(f"{count:,} {name}" for name, count in each.outcomes.items())
    hours = "".join(
        _SHADES[min(int(hour.own / hour.sessions * 8), 7)] if hour.sessions else "·"
        for hour in each.hours
    )
    return each.pool, f"{each.sessions:,}", _share(each.coverage), hours, outcomes


def _share(share: float | None) -> str:
    """Rounded down: 99.96 % is not everybody."""
    return "–" if share is None else f"{int(share * 1000) / 10:g} %"


def _period(found: Report | ServiceReport) -> str:
    zone = ZoneInfo(found.timezone)
    first = found.since.astimezone(zone)
    last = (found.until - timedelta.resolution).astimezone(zone)
    told = f"{first:%Y-%m-%d} to {last:%Y-%m-%d} ({found.timezone})"
    return told + (f", {found.model.replace('_', ' ')}" if isinstance(found, Report) else "")


def _caller(caller: str) -> str:
    return readable(caller) if caller[1:].isdecimal() else caller


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"


def _phones(count: int) -> str:
    return "1 phone" if count == 1 else f"{count:,} phones"


def _print(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    made = table(columns, rows)
    if made is None:
        return

    for column in made.columns:
        column.no_wrap = column.header not in _WRAPPED
        if column.header in _NUMBERS:
            column.justify = "right"
    console.print(made)


_WRAPPED = ("means", "how they were answered", "who", "campaign", "keyword", "landing", "content")
_NUMBERS = ("calls", "first", "target", "missed", "assisted", "before", "change", "sessions")
