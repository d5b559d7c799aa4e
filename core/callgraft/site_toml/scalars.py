"""Reading single values: names, durations, numbers, hosts, countries, time zones."""

from __future__ import annotations

import difflib
import re
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from callgraft import phone
from callgraft.countries import DIALLED, country_problem
from callgraft.errors import NotANumber
from callgraft.hosts import plain_host
from callgraft.phone import Number
from callgraft.problems import Problems, kind

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What operators may name things: such names are part of addresses and of files."""

KEY_PROBLEM = "a name is made of Latin letters, digits, - and _, at most 64 of them."

_DURATION = re.compile(
    r"(?:([0-9]{1,6})d)?\s?(?:([0-9]{1,6})h)?\s?(?:([0-9]{1,6})m)?\s?(?:([0-9]{1,6})s)?"
)
A_YEAR = timedelta(days=366)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def duration(
    value: object, key: str, problems: Problems, *, longest: timedelta = A_YEAR
) -> timedelta | None:
    """``"30m"``, ``"1h30m"``, ``"2d"`` as a timedelta."""
    cure = 'Write it like "25s", "30m", "1h30m" or "2d".'
    if not isinstance(value, str):
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000:
            cure = f'Write "{value}s", "{value}m" or "{value}h".'
        problems.add(key, value, f"a duration is text with its unit, not {kind(value)}.", cure)
        return None
    if value.lstrip().startswith(("-", "−")):
        problems.add(key, value, "a duration cannot be negative.", cure)
        return None
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()):
        problems.add(key, value, "no duration.", cure)
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    read = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if read > longest:
        years = round(longest / A_YEAR)
        span = "a year" if years == 1 else f"{years} years"
        problems.add(key, value, f"longer than {span}.", cure)
        return None
    return read


def number(written: str, key: str, region: str | None, problems: Problems) -> Number | None:
    """A phone number in the notation of ``region``, or an international one."""
    try:
        return phone.read(written, region)
    except NotANumber:
        how = f"in the notation of {region}" if region else "in international notation"
        cure = 'Write it in full, like "+7 495 123-45-67"'
        cure += "." if region else ', or set site.region, like "RU".'
        problems.add(key, written, f"no phone number {how}.", cure)
        return None


def host(written: str, key: str, problems: Problems) -> str | None:
    """A host name in lower case and punycode; it must be written without anything around it."""
    if _is_address(written):
        return written
    bare = _bare(written)
    plain = plain_host(bare)
    if not _HOST.fullmatch(plain) or len(plain) > 253:
        cure = "List each host by its name." if "*" in written else 'Write it like "okna.example".'
        problems.add(key, written, "no host name.", cure)
        return None
    if bare != written:
        problem = "a host is written alone, in small letters, without scheme, port or path."
        problems.add(key, written, problem, f'Write "{bare}".')
        return None
    return plain


def _is_address(written: str) -> bool:
    try:
        ip_address(written)
    except ValueError:
        return False
    return True


def _bare(written: str) -> str:
    """The host within an address that somebody pasted."""
    rest = written.strip().rpartition("://")[2]
    try:
        found = urlsplit(f"//{rest}").hostname
    except ValueError:
        return written
    return (found or written).removesuffix(".")


def region(written: str, key: str, problems: Problems) -> str | None:
    """A country by whose notation numbers are read."""
    if written in DIALLED:
        return written
    problems.add(key, written, *country_problem(written))
    return None


def timezone(written: str, key: str, problems: Problems) -> ZoneInfo | None:
    """A time zone of the IANA database."""
    # ZoneInfo opens files by this name: only names that are known may reach it.
    if written in _zones():
        return ZoneInfo(written)
    near = _near(written)
    cure = f'Did you mean "{near}"?' if near else 'Write it like "Europe/Moscow".'
    problems.add(key, written, "there is no such time zone.", cure)
    return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _near(written: str) -> str | None:
    """The zone of that city, or of nearly that name; short names are all near one another."""
    folded = written.strip().casefold().replace(" ", "_")
    for zone in sorted(_zones()):
        if zone.casefold().endswith(f"/{folded}"):
            return zone
    lower = {zone.casefold(): zone for zone in _zones()}
    close = difflib.get_close_matches(folded[:100], lower, n=1, cutoff=0.8)
    return lower[close[0]] if close else None
