"""Reports as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from callgraft.tracking.reports import MissedCalls, Report
from callgraft.tracking.values import CallMark

_E164 = re.compile(r"\+[0-9]+\Z")


def csv_of(found: Report | MissedCalls) -> str:
    """Return a heading and the rows; decimals have points, moments are ISO 8601."""
    written = io.StringIO()
    rows = _missed(found) if isinstance(found, MissedCalls) else _calls(found)
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _calls(found: Report) -> Iterator[Sequence[object]]:
    marks = [mark.value for mark in CallMark]
    is_compared = found.counted_before is not None
    yield (
        *found.by,
        *("calls", "margin", *marks, "assisted"),
        *(("calls_before", "margin_before") if is_compared else ()),
    )
    for row in found.rows:
        before = (_number(row.before), _number(row.before_margin)) if is_compared else ()
        yield (
            *(_text(value) for value in row.values),
            *(_number(row.calls), _number(row.margin)),
            *(_number(row.marks.get(mark, 0.0)) for mark in marks),
            *(_number(row.assisted), *before),
        )


def _missed(found: MissedCalls) -> Iterator[Sequence[object]]:
    yield "caller", "times", "first", "last", "number", "source", "came from", "call"
    for each in found.callers:
        yield (
            *(_text(each.caller), each.times, each.first_at.isoformat(), each.last_at.isoformat()),
            *(each.number, _text(each.source), each.shown_as, each.last),
        )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _text(value: str) -> str:
    """
    A value that no spreadsheet takes for a formula; visitors write campaigns.

    Source: OWASP, "CSV Injection".
    """
    if value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _E164.match(value):
        return f"'{value}"
    return value
