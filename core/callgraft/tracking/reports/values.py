"""What a report tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

UNKNOWN = "(unknown)"
"""The value of what nobody knows."""
CLIENT = "(client)"
"""Where clients come from: they are clients already."""
OTHERS = "(other)"
"""All rows for which there was no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    Calls with the same values, in the order of the report's dimensions.

    ``calls`` is a sum of probabilities, ``margin`` what it may be off by in 95 of 100 cases
    (1.96 √Σp(1-p)), None where the model tells none; ``marks`` is how many of the calls had each
    mark; ``assisted`` how many other calls such a touch led to without getting the credit.
    ``before`` is ``calls`` of the period before, None where it was not asked for.
    """

    values: tuple[str, ...]
    calls: float
    margin: float | None = None
    marks: Mapping[str, float]
    assisted: float | None = None
    before: float | None = None
    before_margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    Calls in groups, the largest first; days, hours and the like in their own order.

    ``total`` is over all rows, also those that ``(other)`` stands for; ``known`` is its part whose
    every value is known. ``counted`` is how many calls were looked at, ``shown_as`` how many of
    them may be shown how.
    """

    site: str
    since: datetime
    until: datetime
    timezone: str
    by: tuple[str, ...]
    model: str
    rows: tuple[Row, ...]
    total: Row
    known: Row
    counted: int
    counted_before: int | None = None
    shown_as: Mapping[str, int]
