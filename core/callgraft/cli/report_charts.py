"""Columns of calls over days or hours, as SVG that takes its colours from the page around it."""

from __future__ import annotations

from html import escape
from math import ceil, log10

from callgraft.tracking.reports import Report, Row

_WIDTH, _HEIGHT = 900, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 10, 28
_NAMES = 12
"""So many names of columns have room."""


def columns(found: Report) -> str:
    """Return a column for each row of a report by one dimension of time."""
    rows = found.rows
    if not rows:
        return "<p>No call.</p>"
    step = _step(max(row.calls for row in rows))
    top = max(ceil(max(row.calls for row in rows) / step), 1) * step
    parts = [_line(value * step, top) for value in range(round(top / step) + 1)]
    wide = (_WIDTH - _LEFT - _RIGHT) / len(rows)
    every = ceil(len(rows) / _NAMES)
    for place, row in enumerate(rows):
        parts.append(_column(row, place, wide, top, is_named=place % every == 0))
    told = f"Calls by {found.by[0]}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told)}">'
        f"{''.join(parts)}</svg>"
    )


def _column(row: Row, place: int, wide: float, top: float, *, is_named: bool) -> str:
    x, y = _LEFT + place * wide, _up(row.calls, top)
    gap = min(wide * 0.2, 4)
    told = f"{row.values[0]}: {row.calls:,.1f} calls"
    name = ""
    if is_named:
        name = (
            f'<text class="axis" x="{x + wide / 2:.1f}" y="{_HEIGHT - 8}">'
            f"{escape(_short(row.values[0]))}</text>"
        )
    return (
        f'<g class="hover"><title>{escape(told)}</title><rect class="col" x="{x + gap / 2:.1f}"'
        f' y="{y:.1f}" width="{wide - gap:.1f}" height="{_HEIGHT - _BOTTOM - y:.1f}" rx="2"/>'
        f"{name}</g>"
    )


def _line(value: float, top: float) -> str:
    y = _up(value, top)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="axis end" x="{_LEFT - 6}" y="{y + 5:.1f}">{value:g}</text>'
    )


def _up(value: float, top: float) -> float:
    room = _HEIGHT - _TOP - _BOTTOM
    return _HEIGHT - _BOTTOM - room * value / top


def _step(largest: float) -> float:
    """1, 2 or 5 times a power of ten, so that three to six lines are drawn."""
    if largest <= 0:
        return 1
    rough = largest / 4
    power = 10.0 ** int(log10(rough) // 1)
    return max(next(each for each in (1, 2, 5, 10) if each * power >= rough) * power, 1)


def _short(value: str) -> str:
    """``03-31`` of a day; hours as they are."""
    return value[5:] if len(value) == 10 else value
