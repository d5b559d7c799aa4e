"""Reading one term of a condition: a pattern, a country, a span of time … from its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_interface

from callgraft.conditions.moments import WEEKDAYS, Span
from callgraft.countries import COUNTRIES, country_problem, meant_country
from callgraft.patterns import MAX_PATTERN, BadPattern, Pattern
from callgraft.problems import Problems, suggest

CHANNELS = (
    "paid search",
    "organic search",
    "social",
    "messenger",
    "email",
    "referral",
    "direct",
    "offline",
    "other",
)
DEVICES = ("mobile", "tablet", "desktop")


def pattern(written: str, key: str, problems: Problems) -> Pattern | None:
    """The glob or ``re:`` pattern at ``key``."""
    if len(written) > MAX_PATTERN:
        cure = "Write a list of shorter ones."
        problems.add(key, written, f"a pattern has at most {MAX_PATTERN} characters.", cure)
        return None
    try:
        return Pattern(written)
    except BadPattern as error:
        cure = "Mend it, or write a glob like *window*."
        problems.add(key, written, f"no regular expression: {error}.", cure)
        return None


def country(written: str, key: str, problems: Problems) -> str | None:
    """An ISO 3166-1 code, ``RU``."""
    if written in COUNTRIES:
        return written
    problems.add(key, written, *country_problem(written))
    return None


def region(written: str, key: str, problems: Problems) -> str | None:
    """An ISO 3166-2 code, ``RU-MOW``, or a whole country."""
    if written in COUNTRIES:
        return written
    if not re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", written):
        problem = "no code of ISO 3166-2 looks like this."
        upper = meant_country(written) or written.upper().replace("_", "-")
        fits = upper in COUNTRIES or re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", upper)
        cure = f'Write "{upper}".' if fits else 'Write it like "RU-MOW", or "RU" for a country.'
        problems.add(key, written, problem, cure)
        return None
    if written[:2] not in COUNTRIES:
        problems.add(key, written, *country_problem(written[:2]))
        return None
    return written


def _one_of(known: tuple[str, ...], what: str) -> Callable[[str, str, Problems], str | None]:
    def read(written: str, key: str, problems: Problems) -> str | None:
        if written in known:
            return written
        problems.add(key, written, f"there is no such {what}.", suggest(written, known))
        return None

    return read


channel = _one_of(CHANNELS, "channel")
device = _one_of(DEVICES, "device")


def language(written: str, key: str, problems: Problems) -> str | None:
    """A language tag, ``ru`` or ``pt-BR``."""
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", written):
        return written
    problems.add(key, written, "no language tag.", 'Write it like "ru" or "pt-BR".')
    return None


def network(written: str, key: str, problems: Problems) -> IPv4Network | IPv6Network | None:
    """A network in CIDR notation, ``192.0.2.0/24``; a single address is a network of one."""
    try:
        interface = ip_interface(written)
    except ValueError:
        problems.add(key, written, "no network.", 'Write it like "192.0.2.0/24".')
        return None
    if interface.ip != interface.network.network_address:
        cure = f'Write "{interface.network}" for the network, or "{interface.ip}" for one address.'
        problems.add(key, written, "an address inside a network is no network.", cure)
        return None
    return interface.network


def weekdays(written: str, key: str, problems: Problems) -> tuple[int, ...] | None:
    """The days of ``mon`` or ``mon-fri``; ``fri-mon`` goes over the weekend."""
    first, _, last = written.partition("-")
    for name in (first, last or first):
        if name not in WEEKDAYS:
            problems.add(key, written, f'"{name[:20]}" is no weekday.', suggest(name, WEEKDAYS))
            return None
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    length = (end - start) % 7 + 1
    return tuple((start + day) % 7 for day in range(length))


def span(written: str, key: str, problems: Problems) -> Span | None:
    """The span ``09:00-18:00``; ``22:00-06:00`` crosses midnight."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})", written)
    if match is None:
        problems.add(key, written, "no span of time.", 'Write it like "09:00-18:00".')
        return None
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start = timedelta(hours=hour, minutes=minute)
    end = timedelta(hours=end_hour, minutes=end_minute)
    day = timedelta(days=1)
    if minute > 59 or end_minute > 59 or start >= day or end > day:
        problems.add(key, written, "no clock shows this.", "Write hours 00-23, minutes 00-59.")
        return None
    if start == end:
        cure = 'Write "00:00-24:00" for the whole day, or leave it out.'
        problems.add(key, written, "it begins when it ends.", cure)
        return None
    return Span(start, end)
