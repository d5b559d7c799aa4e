"""A tracking number in the notation of a written target, in plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate

import phonenumbers

from callgraft.phone.grouping import regroup
from callgraft.phone.number import Number

_RUN = re.compile(r"\d+")
_PLUS = re.compile("[+\uff0b]\\W*$")
_LOOSE = " \u00a0-./"


def print_like(written: str, target: Number, tracking: Number) -> str:
    """
    Print ``tracking`` in the notation in which ``written`` shows ``target``.

    What is no digit stays, digits keep their script, and other digits in the text (an extension)
    stay too. A group that becomes empty takes the separator after it along.

    :raises ValueError: ``written`` does not show ``target``.
    """
    runs = list(_RUN.finditer(written))
    groups = [_ascii(run.group()) for run in runs]
    for first in range(len(runs)):
        plus = _PLUS.search(written[: runs[first].start()]) is not None
        for last in range(len(runs), first, -1):
            # Without its area code only from the start: 499 123-45-67 is another town's number.
            some, local = groups[first:last], first == 0
            new = regroup(some, target, tracking, local=local, plus=plus)
            if new is not None:
                return _printed(written, runs[first:last], new)
    raise ValueError(f"{written!r} does not show {target}.")


def international(number: Number) -> str:
    """
    Print a number for people, in international notation: ``+7 4812 00-00-01``.

    Grouped as its country does, or after its area code and then by pairs where the country's usual
    grouping would cut the area code.
    """
    parsed = phonenumbers.parse(number.e164)
    usual = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    ends = accumulate(len(group) for group in _RUN.findall(usual)[1:])
    if not number.area or number.area in ends:
        return usual
    area, rest = number.national[: number.area], number.national[number.area :]
    first = len(rest) % 2 + 2
    pairs = [rest[:first], *(rest[at : at + 2] for at in range(first, len(rest), 2))]
    return f"+{number.country_code} {area} {'-'.join(pairs)}"


def _printed(written: str, runs: Sequence[re.Match[str]], groups: Sequence[str]) -> str:
    printed = written[: runs[0].start()]
    for index, (run, group) in enumerate(zip(runs, groups, strict=True)):
        end = runs[index + 1].start() if index + 1 < len(runs) else len(written)
        after = written[run.end() : end]
        if group:
            printed += _in_script_of(run.group(), group) + after
        else:
            printed = _closed(printed, after)
    return printed


def _closed(before: str, after: str) -> str:
    """Close the gap that an empty group leaves, so that no bracket loses its partner."""
    if before.endswith("(") and after.startswith(")"):
        return before[:-1]
    if ")" in after:
        return before.rstrip(_LOOSE) + after
    if "(" in after:
        return before + after.lstrip(_LOOSE)
    return before + after if before.endswith(")") else before


def _ascii(run: str) -> str:
    return run if run.isascii() else "".join(str(unicodedata.decimal(char)) for char in run)


def _in_script_of(run: str, group: str) -> str:
    if run.isascii():
        return group
    zero = ord(run[0]) - unicodedata.decimal(run[0])
    return re.sub("[0-9]", lambda digit: chr(zero + int(digit.group())), group)
