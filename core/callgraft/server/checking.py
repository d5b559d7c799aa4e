"""What a sender may write into a value: bounds that no honest one meets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
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
    problems = list(_problems("", "", value))
    if problems:
        raise invalid(*problems[:50])


def _problems(key: str, name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case None | bool():
            return
        case Enum():
            return
        case str():
            problem = _text_problem(name, value)
        case bytes():
            is_long = len(value) > LARGEST_RAW
            problem = f"longer than {LARGEST_RAW} bytes." if is_long else ""
        case datetime():
            problem = _moment_problem(value)
        case timedelta():
            is_in = timedelta(0) <= value <= _LONGEST_SPAN
            problem = "" if is_in else "a duration is 0 seconds or more, at most a year."
        case int() | float():
            problem = "" if 0 <= value < _MOST else "not in range."
        case list() | tuple():
            if len(value) > MOST_ITEMS:
                yield key, f"more than {MOST_ITEMS} items."
                return
            for place, each in enumerate(value):
                yield from _problems(f"{key}[{place}]", name, each)
            return
        case _ if is_dataclass(value):
            for each in fields(value):
                inner = f"{key}.{each.name}" if key else each.name
                yield from _problems(inner, each.name, getattr(value, each.name))
            return
        case _:
            return
    if problem:
        yield key, problem


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


def _moment_problem(moment: datetime) -> str:
    if moment.tzinfo is None:
        return "a time needs its offset, like 2026-03-02T12:00:00Z."
    try:
        is_near = _EARLIEST <= moment <= _LATEST
    except OverflowError:
        is_near = False
    return "" if is_near else "a time between 2000 and 2200 is taken."
