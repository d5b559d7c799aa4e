"""Reading the leaves of a condition: from ``name = value`` to the condition of that name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import TypeVar

from callgraft.conditions import terms
from callgraft.conditions.combined import AllOf
from callgraft.conditions.leaf import Leaf
from callgraft.conditions.moments import TimeIs, WeekdayIs
from callgraft.conditions.visitors import NetworkIs, ReturningIs
from callgraft.conditions.words import TEXTS, CodeIs, QueryHas, TextIs
from callgraft.problems import Problems, below, kind

T = TypeVar("T")
Found = Leaf | AllOf | None


def leaf_of(name: str, value: object, key: str, problems: Problems) -> Found:
    """The condition ``name = value`` at ``key``, or None, and then ``problems`` say why."""
    return _READERS[name](name, value, key, problems)


def _text(name: str, value: object, key: str, problems: Problems) -> Found:
    patterns = _each(value, key, problems, terms.pattern)
    return TextIs(name, patterns) if patterns else None


def _query(name: str, value: object, key: str, problems: Problems) -> Found:
    """``query = "*promo*"`` looks at all of it, ``query = { promo = "x*" }`` at parameters."""
    if not isinstance(value, dict):
        return _text(name, value, key, problems)
    if not value:
        problems.add(key, value, "no parameter is named.", 'Write for example { promo = "*" }.')
        return None
    parts = [_parameter(name, value[name], below(key, name), problems) for name in value]
    read = tuple(part for part in parts if part is not None)
    if len(read) < len(parts):
        return None
    return read[0] if len(read) == 1 else AllOf(read)


def _parameter(name: str, value: object, key: str, problems: Problems) -> QueryHas | None:
    patterns = _each(value, key, problems, terms.pattern)
    return QueryHas(name, patterns) if patterns else None


def _code(name: str, value: object, key: str, problems: Problems) -> Found:
    codes = _each(value, key, problems, _CODES[name])
    return CodeIs(name, codes) if codes else None


def _weekday(name: str, value: object, key: str, problems: Problems) -> Found:
    spans = _each(value, key, problems, terms.weekdays)
    return WeekdayIs(tuple(sorted({day for span in spans for day in span}))) if spans else None


def _time(name: str, value: object, key: str, problems: Problems) -> Found:
    spans = _each(value, key, problems, terms.span)
    return TimeIs(spans) if spans else None


def _returning(name: str, value: object, key: str, problems: Problems) -> Found:
    if isinstance(value, bool):
        return ReturningIs(value)
    problems.add(key, value, f"it is true or false, not {kind(value)}.", "Write true or false.")
    return None


def _network(name: str, value: object, key: str, problems: Problems) -> Found:
    networks: tuple[IPv4Network | IPv6Network, ...] = _each(value, key, problems, terms.network)
    return NetworkIs(networks) if networks else None


_CODES: Mapping[str, Callable[[str, str, Problems], str | None]] = {
    "country": terms.country,
    "region": terms.region,
    "channel": terms.channel,
    "device": terms.device,
    "language": terms.language,
}
_READERS: Mapping[str, Callable[[str, object, str, Problems], Found]] = {
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(_CODES, _code),
    "query": _query,
    "weekday": _weekday,
    "time": _time,
    "returning": _returning,
    "network": _network,
}
LEAVES = frozenset(_READERS)


def _each(
    value: object, key: str, problems: Problems, read: Callable[[str, str, Problems], T | None]
) -> tuple[T, ...]:
    """What ``read`` makes of the text, or of every text of the list; empty after any mistake."""
    if value == []:
        problems.add(
            key, value, "an empty list never holds.", "Name at least one, or leave it out."
        )
        return ()
    entries = (
        [(value, key)]
        if not isinstance(value, list)
        else [(entry, f"{key}[{place}]") for place, entry in enumerate(value)]
    )
    terms_read = [_term(entry, where, problems, read) for entry, where in entries]
    found = tuple(term for term in terms_read if term is not None)
    return found if len(found) == len(terms_read) else ()


def _term(
    value: object, key: str, problems: Problems, read: Callable[[str, str, Problems], T | None]
) -> T | None:
    if isinstance(value, str):
        return read(value, key, problems)
    cure = "Write a text in quotes, or a list of texts."
    problems.add(key, value, f"it takes text, not {kind(value)}.", cure)
    return None
