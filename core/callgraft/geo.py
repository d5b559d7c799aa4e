"""Where a visitor is: an address to country, region and city."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from os import PathLike, stat_result
from pathlib import Path
from typing import Any

import maxminddb

from callgraft.errors import SetupError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """
    ``country`` as ISO 3166-1 (``RU``), ``region`` as ISO 3166-2 (``RU-MOW``), ``city`` by name.

    ``city`` is the English name, ``city_names`` are all that the database knows, in any language.
    """

    country: str = ""
    region: str = ""
    city: str = ""
    city_names: frozenset[str] = frozenset()


NOWHERE = Location()

_CHECKED_EVERY = 60.0
"""Seconds between two looks at whether the file has changed."""


class GeoDatabase:
    """
    Finds addresses in a MaxMind-format file (GeoLite2-City, DB-IP City and the like).

    A new file in the old one's place is taken up within a minute; one that cannot be read is left
    alone and the old one stays in use. Put it there by renaming, as ``geoipupdate`` does: a file
    that is overwritten in place pulls the ground from under its readers. Safe from several threads.

    :raises SetupError: the file is missing or is no such database.
    """

    def __init__(
        self, path: str | PathLike[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = Path(path)
        self._clock = clock
        self._lock = threading.Lock()
        self._is_broken = False
        try:
            self._reader, self._stamp = self._open()
        except _UNREADABLE as exc:
            cure = "Name a .mmdb file with cities, like GeoLite2-City.mmdb, or leave it out."
            raise SetupError("geo", str(path), f"It cannot be read: {exc}.", cure) from exc
        self._checked_at = clock()

    def locate(self, address: str) -> Location:
        """Return where the address is, :data:`NOWHERE` where the database does not know."""
        self._take_up_a_new_file()
        try:
            record = self._reader.get(ip_address(address))
        except ValueError:
            # No address; or one of a version that the database does not hold.
            return NOWHERE
        except maxminddb.InvalidDatabaseError:
            # The exception's own words name the visitor's address.
            self._complain("a record is corrupt")
            return NOWHERE
        return _location(record) if isinstance(record, dict) else NOWHERE

    def _take_up_a_new_file(self) -> None:
        # Without waiting: whoever finds another thread at it goes on with the old file.
        if self._clock() - self._checked_at < _CHECKED_EVERY or not self._lock.acquire(False):
            return
        try:
            self._checked_at = self._clock()
            if _stamp(self._path.stat()) != self._stamp:
                # The old reader is not closed here: another thread may be reading.
                self._reader, self._stamp = self._open()
                self._is_broken = False
        except _UNREADABLE as exc:
            self._complain(str(exc))
        finally:
            self._lock.release()

    def _open(self) -> tuple[maxminddb.Reader, tuple[int, ...]]:
        stamp = _stamp(self._path.stat())
        return maxminddb.open_database(self._path), stamp

    def _complain(self, problem: str) -> None:
        # Once for each file, not once for each page.
        if not self._is_broken:
            self._is_broken = True
            logger.warning("Geo database %s cannot be read: %s", self._path, problem)


_UNREADABLE = (OSError, ValueError, maxminddb.InvalidDatabaseError)


def _stamp(status: stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _location(record: Mapping[str, Any]) -> Location:
    country = _text(record, "country", "iso_code")
    names = _city_names(record)
    city = names.get("en") or next(iter(names.values()), "")
    # The broadest subdivision: England rather than one of its counties, as ISO lists them first.
    region = _text(record, "subdivisions", 0, "iso_code")
    return Location(
        country=country,
        region=f"{country}-{region}" if country and region else "",
        city=city,
        city_names=frozenset(names.values()),
    )


def _city_names(record: Mapping[str, Any]) -> dict[str, str]:
    names = _at(record, "city", "names")
    if not isinstance(names, dict):
        return {}
    return {tongue: name for tongue, name in names.items() if isinstance(name, str)}


def _text(value: object, *path: str | int) -> str:
    found = _at(value, *path)
    return found if isinstance(found, str) else ""


def _at(value: object, *path: str | int) -> object:
    """What stands at the path; None where the record has another shape."""
    for step in path:
        if isinstance(value, dict) or (isinstance(value, list) and len(value) > 0):
            value = value.get(step) if isinstance(value, dict) else value[int(step)]
        else:
            return None
    return value
