"""Durations and sizes as an operator writes them: ``50ms``, ``8MiB``."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m)", re.IGNORECASE)
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000}

_SIZE = re.compile(r"(\d+)\s*(?:([km])(i?)b?|b)?", re.IGNORECASE)


def parse_duration(text: str) -> timedelta:
    """
    Read ``50ms``, ``2s`` or ``1m``.

    :raises ValueError: it is none, or not more than nothing.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise ValueError(f"{text!r} is no duration; write it like 50ms or 2s.")
    return timedelta(milliseconds=float(match[1]) * _MILLISECONDS[match[2].lower()])


def parse_size(text: str) -> int:
    """
    Read a number of bytes: ``65536``, ``512KiB``, ``8MiB``; ``K`` and ``M`` count in 1024.

    :raises ValueError: it is none, or not more than nothing.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no size; write it like 8MiB or 65536.")
    return int(match[1]) * {"": 1, "k": 2**10, "m": 2**20}[(match[2] or "").lower()]
