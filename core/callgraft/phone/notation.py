"""All the ways in which the digits of a number may stand on a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from callgraft.phone.anatomy import Anatomy, anatomy
from callgraft.phone.number import Number
from callgraft.phone.old import OLD_COUNTRY_PREFIXES, OLD_NATIONAL_PREFIXES

# Shorter rows of digits are prices and years more often than numbers.
_SHORTEST_FORM = 7
# Those of most of the world, of North America, and of Russia and its neighbours.
_EXIT_CODES = ("00", "011", "810")


class Role(Enum):
    """What a zone of a written number is for."""

    EXIT = "00 before the country code"
    COUNTRY = "country code"
    OLD = "a prefix that no longer works"
    TRUNK = "8 or 0 before the area code"
    MARK = "9 or 15 of an Argentine mobile number"
    PLACE = "where a prefix goes that a local notation lacks"
    AREA = "area code"
    SUBSCRIBER = "subscriber number"


class Zone(NamedTuple):
    """Some digits of a written number, and what they are for."""

    role: Role
    digits: str


Notation = tuple[Zone, ...]


def forms(target: Number) -> tuple[str, ...]:
    """
    Give all digit strings under which the target may be written, longest first.

    ASCII digits only, no plus: ``("81074951234567", …, "84951234567", "4951234567")``.
    """
    return tuple(notations(target.e164, target.area))


def local_form(target: Number) -> str | None:
    """Give the digits without area code, ``1234567``; None where no such thing can be dialled."""
    notation = local_notation(target.e164, target.area)
    return None if notation is None else digits_of(notation)


@lru_cache(maxsize=4096)
def notations(e164: str, area: int) -> Mapping[str, Notation]:
    """Give the notation behind every one of the number's `forms`."""
    parts = anatomy(e164, area)
    found: dict[str, Notation] = {}
    for notation in (*_international(parts), *_national(parts)):
        digits = digits_of(notation)
        if len(digits) >= _SHORTEST_FORM:
            found.setdefault(digits, notation)
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def local_notation(e164: str, area: int) -> Notation | None:
    """Give the notation behind the number's `local_form`."""
    parts = anatomy(e164, area)
    if not parts.has_local_form:
        return None
    mark, subscriber = Zone(Role.MARK, parts.home_mark), Zone(Role.SUBSCRIBER, parts.subscriber)
    return (Zone(Role.PLACE, ""), *((mark,) if parts.home_mark else ()), subscriber)


def digits_of(notation: Notation) -> str:
    """Give the digits that a notation is made of."""
    return "".join(zone.digits for zone in notation)


def _international(parts: Anatomy) -> Iterator[Notation]:
    country = Zone(Role.COUNTRY, parts.country_code)
    after = [(country, *_abroad(parts))]
    if "0" in parts.trunks:  # +44 (0)20 …
        after.append((country, Zone(Role.TRUNK, "0"), *_at_home(parts)))
    for old in OLD_COUNTRY_PREFIXES.get(parts.region, ()):
        after.append((country, Zone(Role.OLD, old), *_abroad(parts)))
    yield from after
    for code in dict.fromkeys((*_EXIT_CODES, parts.exit_code)):
        if code:
            yield from ((Zone(Role.EXIT, code), *notation) for notation in after)


def _national(parts: Anatomy) -> Iterator[Notation]:
    home = _at_home(parts)
    dialled = [(Zone(Role.TRUNK, trunk), *home) for trunk in parts.trunks] or [home]
    yield from dialled
    yield home
    if parts.abroad_mark:
        yield _abroad(parts)
    for old in OLD_NATIONAL_PREFIXES.get(parts.region, ()):
        yield from ((Zone(Role.OLD, old), *notation) for notation in dialled)


def _abroad(parts: Anatomy) -> Notation:
    mark = (Zone(Role.MARK, parts.abroad_mark),) if parts.abroad_mark else ()
    return (*mark, Zone(Role.AREA, parts.area), Zone(Role.SUBSCRIBER, parts.subscriber))


def _at_home(parts: Anatomy) -> Notation:
    mark = (Zone(Role.MARK, parts.home_mark),) if parts.home_mark else ()
    return (Zone(Role.AREA, parts.area), *mark, Zone(Role.SUBSCRIBER, parts.subscriber))
