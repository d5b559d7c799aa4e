"""What a report is asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callgraft.errors import SetupError
from callgraft.journeys.models import HALF_LIFE
from callgraft.journeys.models import MODELS as OF_ONE_JOURNEY
from callgraft.patterns import BadPattern, Pattern
from callgraft.tracking.values import CallMark

TOUCH = ("source", "medium", "campaign", "keyword", "content", "channel", "landing")
"""What the touch that gets the credit tells."""
SESSION = ("country", "region", "city", "device")
"""What the session that rang tells."""
CALL = ("number", "pool", "hour", "weekday", "day", "month")
"""What the call itself tells, whoever rang."""
DIMENSIONS = (*TOUCH, *SESSION, *CALL)

MARKOV, SHAPLEY = "markov", "shapley"
DATA_DRIVEN = (MARKOV, SHAPLEY)
MODELS = (*OF_ONE_JOURNEY, *DATA_DRIVEN)
LAST_NON_DIRECT = "last_non_direct"

LOOKBACK = timedelta(days=90)
"""How long before a session a touch may lie to be part of its journey."""

MOST_DIMENSIONS = 3
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """
    Calls of a site that rang from ``since`` on and before ``until``, in groups.

    ``by`` are dimensions; ``where`` is by dimension what its value has to be, one of several globs
    or ``re:…``; a call counts as far as it is likely to be so. ``marks`` are those of which a call
    needs one, ``without`` those of which it may have none. ``timezone`` is that of hours and days.
    ``compared`` also counts the period of the same length before.

    :raises SetupError: there is no such dimension or model, or no time between the two moments.
    """

    site: str
    since: datetime
    until: datetime
    timezone: str = "UTC"
    by: tuple[str, ...] = ("source",)
    where: Mapping[str, tuple[str, ...]] | None = None
    marks: tuple[CallMark, ...] = ()
    without: tuple[CallMark, ...] = (CallMark.SERVICE, CallMark.SPAM)
    model: str = LAST_NON_DIRECT
    half_life: timedelta = HALF_LIFE
    lookback: timedelta = LOOKBACK
    compared: bool = False
    limit: int = 50

    def __post_init__(self) -> None:
        for each in (*self.by, *(self.where or {})):
            _check("by", each, DIMENSIONS)
        for dimension, patterns in (self.where or {}).items():
            _check_patterns(dimension, patterns)
        _check("model", self.model, MODELS)
        _check_by(self.by)
        if self.model == MARKOV and (len(self.by) != 1 or self.by[0] not in TOUCH):
            cure = f"Report by one of {', '.join(TOUCH)}, or name another model."
            raise SetupError("model", MARKOV, "tells of one property of touches.", cure)
        if self.since >= self.until:
            cure = "Name a period that begins before it ends."
            raise SetupError("from", f"{self.since:%Y-%m-%d}", "is not before the end.", cure)
        if self.half_life <= timedelta(0) or self.lookback < timedelta(0):
            cure = "Name a time that is longer than nothing."
            raise SetupError("half_life", str(self.half_life), "is no time.", cure)
        if not 1 <= self.limit <= MOST_ROWS:
            raise SetupError("limit", str(self.limit), "is out of range.", f"1 to {MOST_ROWS}.")


def before(query: ReportQuery) -> ReportQuery:
    """
    The same for the period before, which is as long.

    As long on the clocks of the site: where the clocks change, a day has another length.
    """
    zone = ZoneInfo(query.timezone)
    began, ended = query.since.astimezone(zone), query.until.astimezone(zone)
    span = ended.replace(tzinfo=None) - began.replace(tzinfo=None)
    return replace(query, since=began - span, until=query.since)


def marks_named(written: str) -> tuple[CallMark, ...]:
    """
    The marks that are named, with commas between them.

    :raises SetupError: there is no such mark.
    """
    named = [each.strip() for each in written.split(",") if each.strip()]
    for each in named:
        _check("mark", each, tuple(CallMark))
    return tuple(CallMark(each) for each in named)


def of_site(timezone: str) -> ZoneInfo:
    """
    The time zone with this name.

    :raises SetupError: there is none.
    """
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as exc:
        cure = "Write it like Europe/Moscow."
        raise SetupError("timezone", timezone, "is no time zone.", cure) from exc


def _check_by(by: tuple[str, ...]) -> None:
    if not 1 <= len(by) <= MOST_DIMENSIONS or len(set(by)) < len(by):
        cure = f"Name one to {MOST_DIMENSIONS} different ones."
        raise SetupError("by", ",".join(by), "cannot be told in one table.", cure)


def _check_patterns(dimension: str, patterns: tuple[str, ...]) -> None:
    for written in patterns:
        try:
            Pattern(written)
        except BadPattern as exc:
            cure = "Write a glob like okna*, or mend the expression after re:."
            raise SetupError(dimension, written, f"is no pattern: {exc}.", cure) from exc


def _check(key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SetupError(key, value, "is unknown.", f"One of: {', '.join(known)}.")
