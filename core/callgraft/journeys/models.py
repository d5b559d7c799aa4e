"""Attribution models that look at one journey alone: which touch gets how much of the credit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from callgraft.channels import DIRECT
from callgraft.source import Touch

HALF_LIFE = timedelta(days=7)
"""A touch counts half as much as one that came so much later."""
FIRST_SHARE = LAST_SHARE = 0.4
"""What the position-based model gives to the first and the last touch; the rest share the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One touch of a journey, and when it was."""

    at: datetime
    touch: Touch


Journey = Sequence[Arrival]
Model = Callable[[Journey], list[float]]
"""Takes a journey, oldest touch first, and gives each touch its share; together they are 1."""


def last_click(journey: Journey) -> list[float]:
    """All to the last touch, a direct arrival too."""
    return _all_to(len(journey) - 1, journey)


def last_non_direct(journey: Journey) -> list[float]:
    """All to the last touch that was no direct arrival; to the last one where all were direct."""
    known = [place for place, one in enumerate(journey) if one.touch.channel != DIRECT]
    return _all_to(known[-1] if known else len(journey) - 1, journey)


def first_click(journey: Journey) -> list[float]:
    """All to the first touch."""
    return _all_to(0, journey)


def linear(journey: Journey) -> list[float]:
    """The same to every touch."""
    return [1 / len(journey)] * len(journey)


def time_decay(journey: Journey, *, half_life: timedelta = HALF_LIFE) -> list[float]:
    """Half as much for each ``half_life`` that a touch lies before the last one."""
    last = journey[-1].at
    weights = [0.5 ** ((last - one.at) / half_life) for one in journey]
    total = sum(weights)
    return [weight / total for weight in weights]


def position_based(journey: Journey) -> list[float]:
    """40 % to the first, 40 % to the last, 20 % to those between them; two share alike."""
    count = len(journey)
    if count <= 2:
        return linear(journey)
    middle = (1 - FIRST_SHARE - LAST_SHARE) / (count - 2)
    return [FIRST_SHARE, *[middle] * (count - 2), LAST_SHARE]


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "last_click": last_click,
        "last_non_direct": last_non_direct,
        "first_click": first_click,
        "linear": linear,
        "time_decay": time_decay,
        "position_based": position_based,
    }
)
"""By the name that reports use."""


def credits(journey: Journey, model: Model) -> list[tuple[Arrival, float]]:
    """
    Return each touch of a journey with its share of the credit.

    :raises ValueError: the journey has no touch.
    """
    if not journey:
        raise ValueError("A journey has one touch at least.")
    ordered = sorted(journey, key=lambda one: one.at)
    return list(zip(ordered, model(ordered), strict=True))


def _all_to(place: int, journey: Journey) -> list[float]:
    return [float(place == other) for other in range(len(journey))]
