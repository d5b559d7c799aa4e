"""The fields of a provider's JSON event, each read as what it must be or refused in words."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from callgraft.errors import BadEvent

_LONGEST_TEXT = 100
_LONGEST_NAME = 200
_LONGEST_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Fields:
    """
    One JSON object of an event; ``place`` is where it stands, ``data.`` or nothing for the event.

    Optional fields may be missing or null. Each method raises BadEvent with key, value and cure.
    """

    values: Mapping[str, object]
    place: str = ""

    @classmethod
    def of(cls, value: object, place: str = "") -> Fields:
        """Take a JSON value that must be an object."""
        if not isinstance(value, dict):
            where = place.removesuffix(".") or "The body"
            raise BadEvent(f"{where}: it is {_kind(value)}. Send a JSON object.")
        return cls(cast("Mapping[str, object]", value), place)

    def inner(self, key: str) -> Fields:
        """Return the object under ``key``."""
        return Fields.of(self.values.get(key), f"{self.place}{key}.")

    def choice(self, key: str, known: Sequence[str]) -> str:
        """Return the word under ``key``, one of ``known``."""
        value = self.values.get(key)
        if not isinstance(value, str) or value not in known:
            raise self.wrong(key, f"Send one of {', '.join(known)}.")
        return value

    def text(self, key: str) -> str:
        """Return the text under ``key``, which people wrote."""
        value = self.values.get(key)
        if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_TEXT:
            raise self.wrong(key, f"Send text of 1 to {_LONGEST_TEXT} characters.")
        return value

    def name(self, key: str, *, default: str | None = None) -> str:
        """Return the name under ``key``, which programs wrote: it can be stored everywhere."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if not _is_name(value):
            raise self.wrong(key, f"Send text of 1 to {_LONGEST_NAME} printable characters.")
        return str(value)

    def private_text(self, key: str) -> str:
        """Return the text under ``key`` or nothing; what stands there is in no error's text."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadEvent(f"{self.place}{key}: it is {_kind(value)}. Send text or null.")
        return value

    def moment(self, key: str, *, default: datetime | None = None) -> datetime:
        """Return the moment under ``key``, in UTC."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        cure = "Send a time with its offset, like 2026-03-02T15:00:00+03:00."
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
            if moment is None or moment.tzinfo is None:
                raise self.wrong(key, cure)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.wrong(key, cure) from error

    def span(self, key: str) -> timedelta | None:
        """Return the seconds under ``key``, if there are any."""
        value = self.values.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # Written so that infinity, which JSON can say as 1e999, is out of range too.
        if not is_number or not 0 <= cast("float", value) <= _LONGEST_SPAN.total_seconds():
            raise self.wrong(key, "Send seconds as a number, from 0 to one week.")
        return timedelta(seconds=cast("float", value))

    def flag(self, key: str) -> bool | None:
        """Return whether ``key`` is true, if it is there."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(key, "Send true or false.")

    def wrong(self, key: str, cure: str) -> BadEvent:
        """Make the error that names the key under this object, its value and the cure."""
        if key not in self.values:
            return BadEvent(f"{self.place}{key}: it is missing. {cure}")
        value = self.values[key]
        # A whole object may hold the caller's number, and messages end up in logs.
        shown = _kind(value) if isinstance(value, dict | list) else _shortened(value)
        return BadEvent(f"{self.place}{key} = {shown}: it cannot be taken. {cure}")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST_NAME and value.isprintable()


def _kind(value: object) -> str:
    match value:
        case None:
            return "missing or null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "an array"
        case _:
            return "an object"


def _shortened(value: object) -> str:
    shortener = reprlib.Repr()
    shortener.maxstring = shortener.maxother = 60
    return shortener.repr(value)
