"""Which session made a call: every session that saw the number, weighed as of the ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callgraft.tracking.states import Exposure, Sign, SignKind
from callgraft.tracking.values import Attribution

__all__ = [
    "Exposure",
    "Posterior",
    "Share",
    "Sign",
    "SignKind",
    "attribute",
    "called_after",
    "posterior",
    "source_only",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One exposure's share of a call."""

    exposure: Exposure
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """How a call is shared out: likeliest exposure first; ``stray`` is the stranger's share."""

    shares: tuple[Share, ...]
    stray: float
    version: str


def attribute(
    exposures: Sequence[Exposure], *, rang_at: datetime, caller_region: str | None = None
) -> Attribution:
    """Say where a call came from. ``exposures`` are those of the number that rang."""
    raise NotImplementedError


def posterior(
    exposures: Sequence[Exposure], *, rang_at: datetime, caller_region: str | None = None
) -> Posterior:
    """Share out a call between the exposures of its number and a stranger."""
    raise NotImplementedError


def called_after(exposures: Sequence[Exposure], shared: Posterior) -> dict[str, float]:
    """Return the new ``called`` by session, to be kept with the exposures of this number."""
    raise NotImplementedError


def source_only(source: str, medium: str, campaign: str, because: str) -> Attribution:
    """Attribute a call on an overflow or fixed number: its source, and no visitor."""
    raise NotImplementedError
