"""What a call is grouped and filtered by: the values of its dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from callgraft.patterns import Pattern
from callgraft.roles import RoleKind
from callgraft.source import Touch
from callgraft.stores.protocol import NumberRole
from callgraft.stores.reports import Came
from callgraft.tracking.reports.query import SESSION, TOUCH, ReportQuery
from callgraft.tracking.reports.values import CLIENT, UNKNOWN
from callgraft.tracking.values import Call

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Roles = Mapping[str, Sequence[NumberRole]]
"""All that each number is and was, newest first."""

_KINDS = {
    RoleKind.OVERFLOW: " (overflow)",
    RoleKind.FIXED: " (fixed)",
    RoleKind.TARGET: " (target)",
}
_EMPTY = {"medium": "(none)", "campaign": "(none)", "keyword": "(none)", "content": "(none)"}
"""What an arrival without one is called: that is known, and not the same as unknown."""


def of_touch(dimension: str, touch: Touch, came: Came | None) -> str:
    """What a touch tells; of a touch whose session nobody knows, what is empty is unknown."""
    told: str = getattr(touch, dimension)
    return told or (_EMPTY.get(dimension, UNKNOWN) if came else UNKNOWN)


def of_session(dimension: str, came: Came | None) -> str:
    return (getattr(came, dimension) if came else "") or UNKNOWN


def of_call(dimension: str, call: Call, zone: ZoneInfo, roles: Roles) -> str:
    """What the call itself tells, by the clocks of the site."""
    if dimension == "number":
        return call.number
    if dimension == "pool":
        return _pool(call, roles.get(call.number, ()))
    rang = call.rang_at.astimezone(zone)
    return _TIMES[dimension](rang)


class Values:
    """The values of one call's dimensions; those of the call itself are looked up once."""

    def __init__(self, query: ReportQuery, call: Call, zone: ZoneInfo, roles: Roles) -> None:
        self._call = call
        dimensions = dict.fromkeys((*query.by, *(query.where or {})))
        self._own = {
            each: of_call(each, call, zone, roles)
            for each in dimensions
            if each not in TOUCH and each not in SESSION
        }

    def of(self, dimension: str, touch: Touch | None, came: Came | None) -> str:
        if dimension in TOUCH and touch is None:
            return CLIENT if self._call.attribution.method == "client" else UNKNOWN
        if dimension in TOUCH and touch is not None:
            return of_touch(dimension, touch, came)
        return of_session(dimension, came) if dimension in SESSION else self._own[dimension]


class Where:
    """Whether values are those that were asked for."""

    def __init__(self, query: ReportQuery) -> None:
        self._asked = [
            (dimension, _fitting(tuple(patterns)))
            for dimension, patterns in (query.where or {}).items()
            if patterns
        ]

    def fits_came(self, came: Came) -> bool:
        """The same of a session that did not ring, as far as one can tell."""
        told = {each: of_touch(each, came.touch, came) for each, _ in self._asked if each in TOUCH}
        told |= {each: of_session(each, came) for each, _ in self._asked if each in SESSION}
        return all(fits(told[each]) for each, fits in self._asked if each in told)

    def fits(self, values: Values, touch: Touch | None, came: Came | None) -> bool:
        return all(fits(values.of(each, touch, came)) for each, fits in self._asked)


def _fitting(written: tuple[str, ...]) -> Callable[[str], bool]:
    patterns = [Pattern(each) for each in written]

    @lru_cache(maxsize=4096)
    def fits(value: str) -> bool:
        return value in written or any(pattern.matches(value) for pattern in patterns)

    return fits


def _pool(call: Call, roles: Sequence[NumberRole]) -> str:
    """What the number was when it rang; an older one where nobody knows."""
    begun = [each for each in roles if each.since <= call.rang_at] or list(roles[-1:])
    if not begun:
        return UNKNOWN
    role = begun[0].role
    return f"{role.key}{_KINDS.get(role.kind, '')}"


def _weekday(rang: datetime) -> str:
    return WEEKDAYS[rang.weekday()]


_TIMES: Mapping[str, Callable[[datetime], str]] = {
    "hour": lambda rang: f"{rang.hour:02}",
    "weekday": _weekday,
    "day": lambda rang: f"{rang:%Y-%m-%d}",
    "month": lambda rang: f"{rang:%Y-%m}",
}
