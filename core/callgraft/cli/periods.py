"""Periods as people name them: from one day to another, by the clocks of a site."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callgraft.errors import SetupError

_DAY = timedelta(days=1)
_USUALLY = timedelta(days=30)


def period_of(
    first: str | None, last: str | None, *, zone: ZoneInfo, now: datetime
) -> tuple[datetime, datetime]:
    """
    From the beginning of the first day to the end of the last one, or to now.

    :raises SetupError: one of them is no day, or they are in the wrong order.
    """
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    # As numbers of days: a day on which the clocks change has 23 or 25 hours.
    until = _day("--to", last, zone) + _DAY if last else now.astimezone(zone)
    if first:
        since = _day("--from", first, zone)
    else:
        since = (_day("--to", last, zone) + _DAY if last else today + _DAY) - _USUALLY
    if since >= until:
        cure = "Name a day that is not after --to, nor after today."
        raise SetupError("--from", first, "is after the end.", cure)
    return since, until


def _day(option: str, written: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError as exc:
        cure = "Write it like 2026-03-31."
        raise SetupError(option, written, "is no day.", cure) from exc
