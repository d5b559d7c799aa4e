"""A report of calls as one page of HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from callgraft.cli.report_charts import columns
from callgraft.replay.style import STYLE
from callgraft.tracking.reports import OTHERS, UNKNOWN, Report, Row

_MODELS = {
    "last_click": "the last touch",
    "last_non_direct": "the last touch that was no direct arrival",
    "first_click": "the first touch",
    "linear": "all touches alike",
    "time_decay": "later touches more than earlier ones",
    "position_based": "the first and the last touch more than those between",
    "markov": "touches without which most calls would be lost",
    "shapley": "each different touch of a journey alike",
}
_MARKS = (("first", "First calls"), ("target", "Target calls"), ("missed", "Missed"))
_MORE = """
.bar { background: var(--grid); border-radius: .2rem; min-width: 9rem; height: .8rem;
  position: relative; }
.bar i { display: block; height: 100%; background: var(--own); border-radius: .2rem; }
.bar u { position: absolute; top: 50%; height: 2px; background: var(--ink); opacity: .65; }
.dim .bar i { background: var(--soft); opacity: .5; }
td.name, th.name { text-align: left; white-space: normal; overflow-wrap: anywhere;
  min-width: 8rem; }
.cards { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
@media (max-width: 40rem) { .bar { min-width: 5rem; } td.name, th.name { min-width: 6rem; } }
.up { color: var(--right); } .down { color: var(--wrong); }
.col { fill: var(--own); } .hover:hover .col { fill: var(--right); }
.total td { font-weight: 600; border-top: 2px solid var(--grid); }
"""


def report_page(found: Report, *, days: Report, hours: Report) -> str:
    """
    Return the report as a page for light and dark screens of any width.

    :param days: the same calls by day.
    :param hours: the same by hour.
    """
    title = f"Calls of {escape(found.site)}"
    by = " and ".join(_name(each) for each in found.by)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}{_MORE}</style></head><body><main>"
        f"<h1>{title}</h1><p class=lead>{_lead(found)}</p>"
        f"<div class=cards>{_cards(found)}</div>"
        f"<section><h2>By {escape(by)}</h2><p>{_explained(found)}</p>{_table(found)}</section>"
        f"<section><h2>By day</h2><div class=wide>{columns(days)}</div></section>"
        f"<section><h2>By hour of the day</h2><div class=wide>{columns(hours)}</div></section>"
        f"<section><h2>How sure it is who rang</h2>{_sureness(found)}</section>"
        "</main></body></html>\n"
    )


def _lead(found: Report) -> str:
    zone = ZoneInfo(found.timezone)
    first = found.since.astimezone(zone)
    last = (found.until - timedelta.resolution).astimezone(zone)
    told = f"{_day(first)} to {_day(last)}, {escape(found.timezone)}."
    if found.counted_before is not None:
        span = (found.until - found.since) / timedelta(days=1)
        told += f" Compared with the {span:.0f} days before."
    return told


def _cards(found: Report) -> str:
    total = found.total
    cards = [(f"{total.calls:,.0f}", f"calls{_versus(total)}")]
    share = found.known.calls / total.calls if total.calls else 0.0
    cards.append((f"{_percent(share)}", f"of them with a known {escape(found.by[0])}"))
    cards += [
        (f"{total.marks.get(mark, 0.0):,.0f}", name.lower())
        for mark, name in _MARKS
        if total.marks.get(mark)
    ]
    return "".join(f"<div><b>{figure}</b><span>{what}</span></div>" for figure, what in cards)


def _explained(found: Report) -> str:
    told = f"The credit goes to {_MODELS[found.model]}."
    if found.rows and found.rows[0].margin is not None:
        told += (
            " Calls are sums of probabilities; the thin line shows where the true number lies in"
            " 95 of 100 cases."
        )
    return told


def _table(found: Report) -> str:
    known = [row for row in found.rows if not _is_dim(row)] or found.rows
    largest = max((row.calls + (row.margin or 0.0) for row in known), default=0.0) or 1.0
    marks = [(mark, name) for mark, name in _MARKS if found.total.marks.get(mark)]
    is_assisted = any((row.assisted or 0.0) >= 0.05 for row in found.rows)
    heads = [
        *(f"<th scope=col class=name>{escape(_name(each).capitalize())}</th>" for each in found.by),
        "<th scope=col>Calls</th><th scope=col></th>",
        *(f"<th scope=col>{name}</th>" for _, name in marks),
        "<th scope=col>Assisted</th>" if is_assisted else "",
        "<th scope=col>Before</th><th scope=col>Change</th>"
        if found.counted_before is not None
        else "",
    ]
    names = [mark for mark, _ in marks]
    rows = "".join(_row(found, row, largest, names, is_assisted) for row in found.rows)
    return (
        f"<div class=wide><table><thead><tr>{''.join(heads)}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(found: Report, row: Row, largest: float, marks: Sequence[str], is_assisted: bool) -> str:
    is_dim = _is_dim(row)
    cells = [f"<td class=name>{escape(value)}</td>" for value in row.values]
    margin = f" ± {row.margin:,.1f}" if row.margin and row.margin >= 0.05 else ""
    cells.append(f"<td>{row.calls:,.1f}{margin}</td><td>{_bar(row, largest)}</td>")
    cells += [f"<td>{_count(row.marks.get(mark, 0.0))}</td>" for mark in marks]
    if is_assisted:
        cells.append(f"<td>{_count(row.assisted or 0.0)}</td>")
    if found.counted_before is not None:
        cells.append(f"<td>{_count(row.before or 0.0)}</td><td>{_change(row)}</td>")
    return f"<tr{' class=dim' if is_dim else ''}>{''.join(cells)}</tr>"


def _bar(row: Row, largest: float) -> str:
    margin = row.margin or 0.0
    low, high = max(row.calls - margin, 0.0) / largest, (row.calls + margin) / largest
    line = ""
    if margin >= 0.05 and high <= 1.0:
        line = f'<u style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></u>'
    share = min(row.calls / largest, 1.0)
    return f'<div class=bar><i style="width:{100 * share:.1f}%"></i>{line}</div>'


def _sureness(found: Report) -> str:
    rows = "".join(
        f"<tr><td class=name>{escape(name.capitalize())}</td><td>{count:,}</td>"
        f'<td><div class=bar><i style="width:{100 * count / max(found.counted, 1):.1f}%"></i>'
        "</div></td></tr>"
        for name, count in found.shown_as.items()
    )
    return f"<div class=wide><table><tbody>{rows}</tbody></table></div>"


def _is_dim(row: Row) -> bool:
    """Whether nobody knows it, or it stands for others; it must not make all bars short."""
    return UNKNOWN in row.values or OTHERS in row.values


def _versus(row: Row) -> str:
    if not row.before:
        return ""
    return f", {row.calls / row.before - 1:+.0%} against the period before".replace("-", "−")


def _change(row: Row) -> str:
    if not row.before or row.before < 0.05:
        return "new" if row.calls >= 0.05 else ""
    change = row.calls / row.before - 1
    kind = "up" if change > 0 else "down"
    return f"<span class={kind}>{change:+.0%}</span>".replace("-", "−")


def _count(count: float) -> str:
    return f"{count:,.1f}" if count >= 0.05 else ""


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"


def _name(dimension: str) -> str:
    return {"landing": "landing page", "hour": "hour of the day"}.get(dimension, dimension)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
