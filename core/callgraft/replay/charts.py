"""The charts of a dry run's report, as SVG that takes its colours from the page around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import log

from callgraft.replay.tally import Hour, PoolFigures

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 180, 14, 50
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL, _GAP = 24, 2
_NAMES_WIDTH = 40
_GRADES = ((0.99, "g4"), (0.9, "g3"), (0.7, "g2"), (0.4, "g1"), (0.0, "g0"))
"""Shares with a number of their own from which on a square of the week has this colour."""

_Line = tuple[str, str, Callable[[PoolFigures], float]]
_LINES: tuple[_Line, ...] = (
    ("own", "own number", lambda each: 100 * each.coverage),
    ("right", "calls right", lambda each: each.right_per_100),
    ("wrong", "calls wrong", lambda each: each.wrong_per_100),
)


def by_numbers(compared: Sequence[PoolFigures]) -> str:
    """Return the shares, in percent, over the count of numbers; all have the same hold."""
    counts = [each.numbers for each in compared]
    places = [_across(count, min(counts), max(counts)) for count in counts]
    parts = [_grid(), *(_tick(x, count) for x, count in zip(places, counts, strict=True))]
    labels: list[tuple[float, str, str]] = []
    for name, label, share in _LINES:
        points = [(x, _up(share(each))) for x, each in zip(places, compared, strict=True)]
        parts.append(_line(name, points, [f"{share(each):.1f} %" for each in compared]))
        labels.append((points[-1][1], name, f"{label} {share(compared[-1]):.0f} %"))
    parts += [
        f'<text class="label {name}" x="{_WIDTH - _RIGHT + 10}" y="{y + 4:.0f}">{escape(text)}'
        "</text>"
        for y, name, text in _apart(labels)
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text class="axis" x="{middle}" y="{_HEIGHT - 4}">numbers in the pool</text>')
    told = "; ".join(
        f"{each.numbers} numbers: own number {each.coverage:.0%}, right {each.right_per_100:.0f}"
        f" and wrong {each.wrong_per_100:.0f} of 100 calls"
        for each in compared
    )
    return _svg(_WIDTH, _HEIGHT, told, parts)


def by_week(hours: Sequence[Hour]) -> str:
    """Return the week, each hour coloured by the share of sessions with their own number."""
    parts = [
        f'<text class="axis start" x="0" y="{_row(day) + 16}">{name}</text>'
        for day, name in enumerate(_DAYS)
    ]
    parts += [
        f'<text class="axis" x="{_column(hour) + _CELL / 2}" y="12">{hour}</text>'
        for hour in range(0, 24, 3)
    ]
    known = {hour.hour: hour for hour in hours}
    for place in range(168):
        day, of_day = divmod(place, 24)
        parts.append(_square(known.get(place), _column(of_day), _row(day), _DAYS[day], of_day))
    return _svg(_column(24), _row(7), "The share with a number of its own by hour", parts)


def _svg(width: float, height: float, told: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(told)}">'
        f"{''.join(parts)}</svg>"
    )


def _across(count: int, fewest: int, most: int) -> float:
    """By ratio: from 10 to 20 is as far as from 20 to 40."""
    room = _WIDTH - _LEFT - _RIGHT - 40
    if fewest == most:
        return _LEFT + 20 + room / 2
    return _LEFT + 20 + room * log(count / fewest) / log(most / fewest)


def _up(percent: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * percent / 100


def _grid() -> str:
    lines = []
    for percent in (0, 25, 50, 75, 100):
        y = _up(percent)
        lines.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="axis end" x="{_LEFT - 6}" y="{y + 4:.1f}">{percent} %</text>'
        )
    return "".join(lines)


def _tick(x: float, count: int) -> str:
    return f'<text class="axis" x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}">{count:,}</text>'


def _line(name: str, points: Sequence[tuple[float, float]], told: Sequence[str]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle class="dot {name}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"><title>{title}</title>'
        "</circle>"
        for (x, y), title in zip(points, told, strict=True)
    )
    return f'<polyline class="line {name}" points="{path}"/>{dots}'


def _apart(labels: Sequence[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """The labels, moved down where two would stand on each other."""
    placed: list[tuple[float, str, str]] = []
    for y, name, text in sorted(labels):
        placed.append((max(y, placed[-1][0] + 17) if placed else y, name, text))
    return placed


def _square(hour: Hour | None, x: float, y: float, day: str, of_day: int) -> str:
    if hour is None:
        colour, told = "none", "no session"
    else:
        share = hour.own / hour.sessions
        colour = next(name for least, name in _GRADES if share >= least)
        told = f"{share:.0%} of {hour.sessions:,} sessions"
    return (
        f'<rect class="{colour}" x="{x:g}" y="{y:g}" width="{_CELL}" height="{_CELL}" rx="3">'
        f"<title>{day} {of_day:02}:00: {told}</title></rect>"
    )


def _column(hour: int) -> int:
    return _NAMES_WIDTH + hour * (_CELL + _GAP)


def _row(day: int) -> int:
    return 18 + day * (_CELL + _GAP)
