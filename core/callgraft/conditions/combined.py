"""Conditions made of conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callgraft.conditions.leaf import Leaf

if TYPE_CHECKING:
    from callgraft.rules import Circumstances, Condition
    from callgraft.site import Site


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple[Condition, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        # A loop, as in the leaves: every rule is tried on every page, and generators cost half.
        for part in self.parts:  # noqa: SIM110 - see above
            if not part.holds(site, here):
                return False
        return True

    def because(self, site: Site, here: Circumstances) -> str:
        """Every part's reason when it holds, the first obstacle when it does not."""
        for part in self.parts:
            if not part.holds(site, here):
                return part.because(site, here)
        return " and ".join(part.because(site, here) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when one of its parts does."""

    parts: tuple[Condition, ...]

    def holds(self, site: Site, here: Circumstances) -> bool:
        return any(part.holds(site, here) for part in self.parts)

    def because(self, site: Site, here: Circumstances) -> str:
        """The first part's reason that holds, every part's when none does."""
        for part in self.parts:
            if part.holds(site, here):
                return part.because(site, here)
        reasons = " · ".join(part.because(site, here) for part in self.parts)
        return f"none of these holds: {reasons}"


@dataclass(frozen=True, slots=True)
class Not:
    """
    Holds when its leaf does not.

    Only leaves are denied, so that the reason can be told in words: see ``denied``.
    """

    leaf: Leaf

    def holds(self, site: Site, here: Circumstances) -> bool:
        return not self.leaf.holds(site, here)

    def because(self, site: Site, here: Circumstances) -> str:
        link = ", not" if self.holds(site, here) else "; the rule excludes"
        return f"{self.leaf.fact(site, here)}{link} {self.leaf.wish}"


def denied(condition: Condition) -> Condition:
    """The opposite condition: a denial of several becomes several denials (De Morgan)."""
    match condition:
        case AllOf(parts):
            return AnyOf(tuple(denied(part) for part in parts))
        case AnyOf(parts):
            return AllOf(tuple(denied(part) for part in parts))
        case Not(leaf):
            return leaf
        case Leaf():
            return Not(condition)
    raise TypeError(f"{type(condition).__name__} cannot be denied.")
