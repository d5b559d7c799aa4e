"""Text patterns of rules and pages: globs, or regular expressions after ``re:``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 500
"""Longest pattern that a document may hold."""

MAX_TEXT = 1_000
"""Only so much of a text is looked at: what is matched comes from visitors."""

_RE = "re:"


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A pattern as ``written``; upper and lower case are one.

    A glob (``*`` any characters, ``?`` one) fits the whole text, ``re:`` anything in it.

    :raises re.error: what follows ``re:`` is no regular expression.
    """

    written: str
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        source = self.written.removeprefix(_RE) if self.is_regex else _from_glob(self.written)
        object.__setattr__(self, "_regex", re.compile(source, re.IGNORECASE))

    @property
    def is_regex(self) -> bool:
        return self.written.startswith(_RE)

    @property
    def is_literal(self) -> bool:
        """Whether only one text fits (upper and lower case aside)."""
        return not self.is_regex and not set(self.written) & {"*", "?"}

    def matches(self, text: str) -> bool:
        return self._regex.search(text[:MAX_TEXT]) is not None


@lru_cache(maxsize=1024)
def glob(written: str) -> Pattern:
    """The pattern for a text that is known to be a glob, made once."""
    return Pattern(written)


def repeats_a_repeat(expression: str) -> bool:
    """
    Whether a regular expression repeats a group that repeats something itself, like ``(a+)+``.

    Such a one can take minutes over thirty characters of a visitor's address, and nothing can
    stop it meanwhile. A possessive inner repeat, ``(a++b)+``, cannot, and does not count.
    """
    groups = [False]
    for token in _TOKEN.finditer(expression):
        if token["open"]:
            groups.append(False)
        elif token["close"]:
            inner = groups.pop() if len(groups) > 1 else False
            if inner and token["again"]:
                return True
            groups[-1] |= inner or bool(token["again"])
        elif token["repeat"]:
            groups[-1] |= not token["possessive"]
    return False


_REPEAT = r"[*+]|\{\d*,\d*\}"
_TOKEN = re.compile(
    rf"""
      \\. | \[\^?\]?(?:\\.|[^\]\\])*\]          # what looks like a repeat here is none
    | (?P<open>\()
    | (?P<close>\))(?P<again>{_REPEAT})?
    | (?P<repeat>{_REPEAT})(?P<possessive>\+)?
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def _from_glob(written: str) -> str:
    # Atomic groups: each part takes its first fit for good, so that no text makes a glob slow.
    first, *others = (_literal(part) for part in re.sub(r"\*+", "*", written).split("*"))
    if not others:
        return rf"(?s:\A{first}\Z)"
    *middle, last = others
    return rf"(?s:\A{first}" + "".join(f"(?>.*?{part})" for part in middle) + rf".*{last}\Z)"


def _literal(part: str) -> str:
    return "".join("." if sign == "?" else re.escape(sign) for sign in part)
