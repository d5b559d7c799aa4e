"""What may be shown of a call: a match, a likely one, several, the source alone, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callgraft.tracking.attribution import NAMED, SURE
from callgraft.tracking.reasons import percent
from callgraft.tracking.values import Attribution, Call

CERTAIN = 0.95
"""From here on a match is shown without its percentage; it was right in .995 of such calls."""

CAP = 0.99
"""Nothing is shown as surer than this: who rang is never seen."""


class Certainty(StrEnum):
    """How sure it is who rang, the surest first."""

    MATCHED = "matched"
    MATCHED_WITH = "matched, with the percentage"
    PROBABLY = "probably"
    SEVERAL = "several possible"
    SOURCE_ONLY = "source only"
    CLIENT = "client"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAs:
    """
    What people may be told of one call.

    ``probability`` is what may stand beside the visitor, None where no percentage is shown;
    ``visitor`` and ``source`` are empty where they may not be told; ``also`` are other visitors who
    are possible, the likeliest first.
    """

    certainty: Certainty
    words: str
    probability: float | None = None
    visitor: str = ""
    source: str = ""
    also: tuple[str, ...] = ()


def shown_as(call: Call) -> ShownAs:
    """Say what may be shown of the call; a percentage is 99 at most."""
    found = call.attribution
    source = found.source if found.source_probability >= SURE or found.visitor else ""
    if found.method == "client":
        return ShownAs(certainty=Certainty.CLIENT, words="a client")
    if found.visitor and found.probability >= NAMED:
        return _named(found, source)
    if len(found.candidates) > 1:
        return _several(found, source)
    if source:
        words = f"the source only: {source}"
        return ShownAs(certainty=Certainty.SOURCE_ONLY, words=words, source=source)
    return ShownAs(certainty=Certainty.UNKNOWN, words="unknown")


def _named(found: Attribution, source: str) -> ShownAs:
    probability = min(found.probability, CAP)
    if found.probability >= CERTAIN:
        certainty, words, told = Certainty.MATCHED, "matched", None
    elif found.probability >= SURE:
        certainty, told = Certainty.MATCHED_WITH, probability
        words = f"matched, {percent(probability)}"
    else:
        certainty, told = Certainty.PROBABLY, probability
        words = f"probably, {percent(probability)}"
    also = _also(found) if certainty is Certainty.PROBABLY else ()
    if also:
        words += "; others are possible"
    return ShownAs(
        certainty=certainty,
        words=words,
        probability=told,
        visitor=found.visitor,
        source=source,
        also=also,
    )


def _several(found: Attribution, source: str) -> ShownAs:
    words = "several visitors possible"
    if source:
        words += f", all likely ones from {source}"
    return ShownAs(
        certainty=Certainty.SEVERAL, words=words, source=source, also=_also(found, named=False)
    )


def _also(found: Attribution, *, named: bool = True) -> tuple[str, ...]:
    others = (each.visitor for each in found.candidates if each.visitor)
    return tuple(visitor for visitor in others if not named or visitor != found.visitor)
