"""One line of an access log: nginx's and Apache's combined format, or an object of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

_LINE = re.compile(
    r"(?:(?P<host>[\w.:-]+) )?(?P<address>[0-9a-fA-F.:]+) \S+ .*?\[(?P<at>[^\]]+)\] "
    r'"(?P<method>[A-Z]+) (?P<target>\S+)(?: [^"]*)?" (?P<status>\d{3}) \S+'
    r'(?: "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)")?'
)
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.)")
# What the servers' own JSON formats, and those of their manuals' examples, call these things.
_NAMES = {
    "at": ("time_iso8601", "@timestamp", "timestamp", "time_local", "time", "msec", "ts"),
    "address": ("remote_addr", "client_ip", "clientip", "remote_ip", "ip", "client", "host_ip"),
    "request": ("request",),
    "method": ("request_method", "method", "verb"),
    "target": ("request_uri", "uri", "url", "path"),
    "status": ("status", "response", "code"),
    "referrer": ("http_referer", "http_referrer", "referer", "referrer"),
    "agent": ("http_user_agent", "user_agent", "agent", "useragent"),
    "host": ("http_host", "host", "server_name", "vhost"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request as the log has it; ``target`` is path and query, empty texts are unknown."""

    at: datetime
    address: str
    method: str
    target: str
    status: int
    referrer: str = ""
    agent: str = ""
    host: str = ""


def read_line(line: str) -> Hit | None:
    """Return the request that a line tells of; None for a line in no format that is known."""
    text = line.strip()
    return _of_object(text) if text.startswith("{") else _of_combined(text)


def _of_combined(text: str) -> Hit | None:
    found = _LINE.match(text)
    if found is None:
        return None
    at = _common_time(found["at"])
    if at is None:
        return None
    return Hit(
        at=at,
        address=found["address"],
        method=found["method"],
        target=found["target"],
        status=int(found["status"]),
        referrer=_unquoted(found["referrer"]),
        agent=_unquoted(found["agent"]),
        host=(found["host"] or "").partition(":")[0],
    )


def _of_object(text: str) -> Hit | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    words = {name: _first(told, keys) for name, keys in _NAMES.items()}
    method, _, rest = words["request"].partition(" ")
    target = words["target"] or rest.partition(" ")[0]
    at = _time(words["at"])
    if at is None or not words["address"] or not target.startswith("/"):
        return None
    return Hit(
        at=at,
        address=words["address"],
        method=words["method"] or method or "GET",
        target=target,
        status=int(words["status"]) if words["status"].isdigit() else 200,
        referrer=_unquoted(words["referrer"]),
        agent=_unquoted(words["agent"]),
        host=words["host"].partition(":")[0],
    )


def _first(told: Mapping[str, object], keys: tuple[str, ...]) -> str:
    return next((str(told[key]) for key in keys if told.get(key) not in (None, "")), "")


def _unquoted(text: str | None) -> str:
    if text is None or text == "-":
        return ""
    return _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], text)


def _time(text: str) -> datetime | None:
    """Read an ISO moment, seconds since 1970, or the servers' own form."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _common_time(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@lru_cache(maxsize=1024)
def _common_time(text: str) -> datetime | None:
    """Read ``21/Nov/2026:10:30:00 +0300``; many lines have the same second."""
    found = _COMMON.fullmatch(text)
    if found is None or found["month"] not in _MONTHS:
        return None
    month = _MONTHS.index(found["month"]) + 1
    iso = f"{found['year']}-{month:02}-{found['day']}T{found['time']}{found['zone']}"
    try:
        return datetime.fromisoformat(iso)
    except ValueError:
        return None


_COMMON = re.compile(
    r"(?P<day>\d\d)/(?P<month>\w{3})/(?P<year>\d{4}):(?P<time>\d\d:\d\d:\d\d) (?P<zone>[+-]\d{4})"
)
# In English whatever the machine's language is.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
