"""A telephone company's list of calls, as it comes out of a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callgraft import phone
from callgraft.errors import NotANumber, SetupError
from callgraft.replay.real_calls import RealCall
from callgraft.site import Site

_NAMES = {
    "at": ("time", "at", "date", "datetime", "timestamp", "started_at", "rang_at", "start"),
    "number": ("number", "called", "dialled", "dialed", "to", "called_number", "destination"),
    "phone": ("phone", "caller", "from", "caller_id", "calling", "source", "client"),
}
_CURE = "Give a CSV with a heading: time, and where you have them number and phone."


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """
    The calls to weigh, in order of time.

    ``repeated`` are left out because their phone rang before: those are known by it. ``elsewhere``
    are left out because they were to a number of which no session is shown another.
    """

    calls: tuple[RealCall, ...]
    repeated: int = 0
    elsewhere: int = 0


def read_calls(path: str, site: Site) -> CallList:
    """
    Read a list of calls; a time without a zone is the site's.

    :raises SetupError: it cannot be read, or has a line without a time.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise SetupError("--calls", path, f"cannot be read: {exc.strerror}.", _CURE) from exc
    except UnicodeDecodeError as exc:
        raise SetupError("--calls", path, "is not UTF-8.", "Save it as UTF-8.") from exc
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    columns = _columns(rows.fieldnames or ())
    if "at" not in columns:
        raise SetupError("--calls", path, "has no column for the time.", _CURE)
    told = [_told(path, rows.line_num, row, columns, site) for row in rows]
    return _first_calls(sorted(told, key=lambda each: each[0].at), site)


def _columns(heading: Iterable[str]) -> dict[str, str]:
    """Which of the list's columns is what."""
    there = {(name or "").strip().lower(): name for name in heading}
    found = {
        what: [there[name] for name in names if name in there] for what, names in _NAMES.items()
    }
    return {what: columns[0] for what, columns in found.items() if columns}


def _told(
    path: str, line: int, row: Mapping[str, str | None], columns: Mapping[str, str], site: Site
) -> tuple[RealCall, str]:
    """A call, and the phone that made it."""
    words = {what: (row.get(column) or "").strip() for what, column in columns.items()}
    at = _moment(words["at"], site)
    if at is None:
        cure = "Write times like 2026-06-01 14:05:00 or 2026-06-01T14:05:00+03:00."
        raise SetupError("--calls", path, f"line {line}: {words['at']!r} is no time.", cure)
    number = _e164(words.get("number", ""), site)
    return RealCall(at=at, number=number), _e164(words.get("phone", ""), site)


def _moment(text: str, site: Site) -> datetime | None:
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=site.timezone)).astimezone(UTC)


def _e164(text: str, site: Site) -> str:
    try:
        return phone.read(text, site.region).e164 if text else ""
    except NotANumber:
        return ""


def _first_calls(told: Iterable[tuple[RealCall, str]], site: Site) -> CallList:
    shown = {target.number.e164 for target in site.targets.values()}
    shown |= {number.e164 for pool in site.pools.values() for number in pool.every_number}
    calls, phones = [], set[str]()
    repeated = elsewhere = 0
    for call, caller in told:
        if call.number and call.number not in shown:
            elsewhere += 1
        elif caller and caller in phones:
            repeated += 1
        else:
            calls.append(call)
        phones.add(caller)
    return CallList(calls=tuple(calls), repeated=repeated, elsewhere=elsewhere)
