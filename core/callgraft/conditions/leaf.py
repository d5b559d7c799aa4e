"""What every condition that looks at one thing has in common: how it explains itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callgraft.rules import Circumstances
    from callgraft.site import Site

_NAMED = 5


class Leaf(ABC):
    """A condition on one thing: the ``fact`` about it, and the ``wish`` of the rule."""

    __slots__ = ()

    @abstractmethod
    def holds(self, site: Site, here: Circumstances) -> bool:
        """Whether the fact is as wished; it never raises, whatever the visitor sent."""

    @abstractmethod
    def fact(self, site: Site, here: Circumstances) -> str:
        """How things are: ``source is "google"``."""

    @property
    @abstractmethod
    def wish(self) -> str:
        """How the rule wants them: ``"yandex"``."""

    def because(self, site: Site, here: Circumstances) -> str:
        fact = self.fact(site, here)
        return fact if self.holds(site, here) else f"{fact}; the rule wants {self.wish}"


def one_of(words: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``; a long list is cut."""
    if len(words) > _NAMED + 1:
        words = (*words[:_NAMED], f"{len(words) - _NAMED} more")
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def quoted(text: str) -> str:
    """The text as an explanation shows it: in quotes, and cut where it is long."""
    return f'"{text if len(text) <= 80 else text[:79] + "…"}"'
