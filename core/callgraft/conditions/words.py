"""Conditions on words: source, campaign, path …, and the codes of places, devices, languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, unquote_plus

from callgraft.conditions.leaf import Leaf, one_of, quoted
from callgraft.patterns import Pattern

if TYPE_CHECKING:
    from callgraft.rules import Circumstances
    from callgraft.site import Site

TEXTS: Mapping[str, Callable[[Circumstances], str]] = {
    "city": lambda here: here.location.city,
    "source": lambda here: here.touch.source,
    "medium": lambda here: here.touch.medium,
    "campaign": lambda here: here.touch.campaign,
    "keyword": lambda here: here.touch.keyword,
    "referrer": lambda here: here.touch.referrer,
    # Addresses are matched as people read and write them, not percent-encoded.
    "landing": lambda here: unquote(here.touch.landing),
    "path": lambda here: unquote(here.path),
    "query": lambda here: unquote_plus(here.query),
}
"""What a text condition may look at."""

CODES: Mapping[str, Callable[[Circumstances], str]] = {
    "country": lambda here: here.location.country,
    "region": lambda here: here.location.region or here.location.country,
    "channel": lambda here: here.touch.channel,
    "device": lambda here: here.device,
    "language": lambda here: here.language,
}
"""What a code condition may look at."""


@dataclass(frozen=True, slots=True)
class TextIs(Leaf):
    """``source``, ``path`` … fits one of the patterns."""

    name: str
    patterns: tuple[Pattern, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        text = TEXTS[self.name](here)
        for pattern in self.patterns:  # noqa: SIM110 - tried on every page; a generator costs half
            if pattern.matches(text):
                return True
        return False

    def fact(self, site: Site, here: Circumstances) -> str:
        text = TEXTS[self.name](here)
        return f"{self.name} is {quoted(text)}" if text else f"{self.name} is unknown"

    @property
    def wish(self) -> str:
        return _any_pattern(self.patterns)


@dataclass(frozen=True, slots=True)
class QueryHas(Leaf):
    """A parameter of the page's address fits one of the patterns."""

    parameter: str
    patterns: tuple[Pattern, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        given = self._given(here)
        return any(pattern.matches(text) for pattern in self.patterns for text in given)

    def fact(self, site: Site, here: Circumstances) -> str:
        given = self._given(here)
        if not given:
            return f"parameter {quoted(self.parameter)} is missing"
        return f"parameter {quoted(self.parameter)} is {' and '.join(map(quoted, given))}"

    @property
    def wish(self) -> str:
        return _any_pattern(self.patterns)

    def _given(self, here: Circumstances) -> list[str]:
        pairs = parse_qsl(here.query, keep_blank_values=True)
        return [value for name, value in pairs if name == self.parameter]


@dataclass(frozen=True, slots=True)
class CodeIs(Leaf):
    """``country``, ``region``, ``language`` … is one of the codes or lies within one."""

    name: str
    codes: tuple[str, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        found = CODES[self.name](here).casefold()
        # RU-MOW lies within RU, and pt-BR is a kind of pt.
        return any(
            found == code or found.startswith(f"{code}-") for code in map(str.casefold, self.codes)
        )

    def fact(self, site: Site, here: Circumstances) -> str:
        return f"{self.name} is {CODES[self.name](here)[:80] or 'unknown'}"

    @property
    def wish(self) -> str:
        return one_of(self.codes)


def _any_pattern(patterns: tuple[Pattern, ...]) -> str:
    return one_of([quoted(pattern.written) for pattern in patterns])
