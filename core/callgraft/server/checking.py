"""What a sender may write into a value: bounds that no honest one meets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from callgraft.server.refusal import invalid
from callgraft.stores.schema import TOUCH

LONGEST_TEXT = 8 * 1024
LONGEST_KEY = 256
MOST_ITEMS = 500
LARGEST_RAW = 64 * 1024

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST_SPAN = timedelta(days=366)
_MOST = 2**31
_E164 = re.compile(r"\+[0-9]{5,15}")
_NUMBERS = frozenset({"number", "caller", "overflow"})
_FREE_TEXTS = frozenset({"path", *TOUCH})
"""Texts that visitors wrote; every store cuts and cleans them itself."""


def check(value: object) -> None:
    """
    Look at every field of a value, however deep.

    :raises Refused: it tells of all that cannot be taken, by key.
    """
    found: list[tuple[str, str]] = []
    _walk("", "", value, found)
    if found:
        raise invalid(*found[:50])


def _walk(key: str, name: str, value: Any, found: list[tuple[str, str]]) -> None:
    if look := _LOOKS.get(type(value)):
        if problem := look(name, value):
            found.append((key, problem))
    elif isinstance(value, list | tuple):
        if len(value) > MOST_ITEMS:
            found.append((key, f"more than {MOST_ITEMS} items."))
            return
        for place, each in enumerate(value):
            _walk(f"{key}[{place}]", name, each, found)
    else:
        # Words of an enumeration have no fields, and pydantic has looked at them.
        for inner in getattr(value, "__dataclass_fields__", ()):
            _walk(f"{key}.{inner}" if key else inner, inner, getattr(value, inner), found)


def _text_problem(name: str, text: str) -> str:
    if name in _FREE_TEXTS:
        return f"longer than {LONGEST_TEXT} letters." if len(text) > LONGEST_TEXT else ""
    if len(text) > LONGEST_KEY:
        return f"longer than {LONGEST_KEY} letters."
    if "\0" in text:
        return "it has a NUL."
    if name in _NUMBERS and text and not _E164.fullmatch(text):
        return "no number in E.164, like +74990000001."
    return ""


def _moment_problem(name: str, moment: datetime) -> str:
    if moment.tzinfo is None:
        return "a time needs its offset, like 2026-03-02T12:00:00Z."
    try:
        is_near = _EARLIEST <= moment <= _LATEST
    except OverflowError:
        is_near = False
    return "" if is_near else "a time between 2000 and 2200 is taken."


def _span_problem(name: str, span: timedelta) -> str:
    is_in = timedelta(0) <= span <= _LONGEST_SPAN
    return "" if is_in else "a duration is 0 seconds or more, at most a year."


def _bytes_problem(name: str, content: bytes) -> str:
    return f"longer than {LARGEST_RAW} bytes." if len(content) > LARGEST_RAW else ""


def _number_problem(name: str, number: float) -> str:
    return "" if 0 <= number < _MOST else "not in range."


_LOOKS: dict[type, Callable[[str, Any], str]] = {
    str: _text_problem,
    datetime: _moment_problem,
    timedelta: _span_problem,
    bytes: _bytes_problem,
    int: _number_problem,
    float: _number_problem,
}
