"""Text patterns of rules and pages: globs, or regular expressions after ``re:``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import re2

MAX_PATTERN = 500
"""Longest pattern that a document may hold."""

MAX_TEXT = 1_000
"""Only so much of a text is looked at: what is matched comes from visitors."""

_RE = "re:"
_FLAGS = re.IGNORECASE | re.DOTALL


class BadPattern(ValueError):
    """A text after ``re:`` that is no regular expression, and why."""


class _Searching(Protocol):
    """What compiled patterns of ``re`` and of RE2 have in common."""

    def search(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A pattern as ``written``; upper and lower case are one.

    A glob (``*`` any characters, ``?`` one) fits the whole text, ``re:`` anything in it, in the
    syntax of RE2: visitors write the texts, and Python's own ``re`` can take minutes over some.

    :raises BadPattern: what follows ``re:`` is no regular expression.
    """

    written: str
    _regex: _Searching = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        regex = _from_re(self.written) if self.is_regex else _from_glob(self.written)
        object.__setattr__(self, "_regex", regex)

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


def _from_re(written: str) -> _Searching:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        regex: _Searching = re2.compile(written.removeprefix(_RE), options)
    except re2.error as exc:
        told = exc.args[0] if exc.args else ""
        raise BadPattern(told.decode() if isinstance(told, bytes) else str(told)) from exc
    return regex


def _from_glob(written: str) -> _Searching:
    # Atomic groups: each part takes its first fit for good, so that no text makes a glob slow.
    first, *others = (_literal(part) for part in re.sub(r"\*+", "*", written).split("*"))
    if not others:
        return re.compile(rf"\A{first}\Z", _FLAGS)
    *middle, last = others
    within = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(rf"\A{first}{within}.*{last}\Z", _FLAGS)


def _literal(part: str) -> str:
    return "".join("." if sign == "?" else re.escape(sign) for sign in part)
