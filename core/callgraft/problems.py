"""Mistakes of one document, collected so that all of them are told in one go."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time

from callgraft.errors import SiteError, SiteErrors


class Problems:
    """The mistakes found so far in the document called ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[SiteError] = []
        self._where = ""

    def add(self, key: str, value: object, problem: str, cure: str) -> None:
        shown = value if _may_be_shown(key, value) else None
        self.found.append(SiteError(key, shown, self._where + problem, cure))

    @contextmanager
    def inside(self, where: str) -> Iterator[None]:
        """Say ``in {where}`` with every mistake found meanwhile: people do not count from 0."""
        before, self._where = self._where, f"in {where}, " if where else ""
        try:
            yield
        finally:
            self._where = before

    def raise_if_any(self) -> None:
        if self.found:
            raise SiteErrors(self.name, self.found)


def below(key: str, name: str) -> str:
    """The path of ``name`` in the table ``key``: ``pools.direct``, quoted where TOML quotes."""
    shown = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
    return f"{key}.{shown}" if key else shown


def suggest(word: str, known: Iterable[str]) -> str:
    """The likely word among ``known``, or all of them."""
    names = sorted(known)
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold()[:100], folded, n=1)
    if close:
        return f'Did you mean "{folded[close[0]]}"?'
    return f"Known are: {', '.join(names)}." if names else "There is none yet."


def kind(value: object) -> str:
    """What a TOML value is, in words."""
    for type_, words in _KINDS:
        if isinstance(value, type_):
            return words
    return "something else"


def _may_be_shown(key: str, value: object) -> bool:
    """Mistakes go to logs, and a secret must not go with them, wherever it was put by mistake."""
    if isinstance(value, list):
        return all(_may_be_shown(key, each) for each in value)
    if isinstance(value, str) and value.startswith("env:"):
        return True
    is_secret = key.startswith("providers.") or (isinstance(value, str) and "whsec" in value)
    return not is_secret and not isinstance(value, dict)


# bool before int and dates before all else: a bool is an int to Python.
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (dict, "a table"),
    (list, "a list"),
    ((date, time), "a date or time"),
)
