"""Data-driven attribution: what all journeys together say that a channel is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_START, _CALL, _NOTHING = "(start)", "(call)", "(nothing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """
    Journeys that led over the same channels, or sources, in the same order.

    ``calls`` is how many calls came of them, as a sum of probabilities; ``without`` is how many
    journeys ended without one.
    """

    steps: tuple[str, ...]
    calls: float = 0.0
    without: float = 0.0


def markov(paths: Iterable[Path]) -> dict[str, float]:
    """
    Return the calls that each channel is credited with, by the removal effect.

    Journeys are a first-order Markov chain from the start to a call or to nothing. A channel's
    effect is how much less likely a call becomes when everybody who comes to the channel is lost;
    the calls are shared out in proportion to the effects, so they add up to all calls.

    Source: E. Anderl, I. Becker, F. v. Wangenheim, J. H. Schumann, "Mapping the customer journey"
    (2016).
    """
    known = list(paths)
    chain = _chain(known)
    channels = sorted({step for path in known for step in path.steps})
    with_all = _chance_of_call(chain, channels)
    calls = sum(path.calls for path in known if path.steps)
    if not with_all:
        return dict.fromkeys(channels, 0.0)
    effects = {
        lost: 1 - _chance_of_call(chain, [one for one in channels if one != lost]) / with_all
        for lost in channels
    }
    total = sum(effects.values())
    return {channel: calls * effect / total for channel, effect in effects.items()}


def shapley(paths: Iterable[Path]) -> dict[str, float]:
    """
    Return the calls that each channel is credited with, by its Shapley value.

    A set of channels is worth the calls whose journeys needed no other channel. That worth is a sum
    of unanimity games, one for each journey, so the value is exact and simple: every call is shared
    alike between the channels of its journey, each counted once however often it was there.

    Source: K. Zhao, S. H. Mahboobi, S. R. Bagheri, "Shapley value methods for attribution modeling
    in online advertising" (2018), the simplified method.
    """
    worth: dict[str, float] = defaultdict(float)
    for path in paths:
        channels = set(path.steps)
        for channel in channels:
            worth[channel] += path.calls / len(channels)
    return dict(sorted(worth.items()))


def _chain(paths: Iterable[Path]) -> dict[str, dict[str, float]]:
    """How likely one step follows another."""
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for path in paths:
        if not path.steps:
            continue
        for before, after in zip((_START, *path.steps), path.steps, strict=False):
            counts[before][after] += path.calls + path.without
        counts[path.steps[-1]][_CALL] += path.calls
        counts[path.steps[-1]][_NOTHING] += path.without
    chain = {}
    for before, followed in counts.items():
        total = sum(followed.values())
        if total:
            chain[before] = {after: count / total for after, count in followed.items()}
    return chain


def _chance_of_call(chain: Mapping[str, Mapping[str, float]], channels: Sequence[str]) -> float:
    """The chance to come from the start to a call over these channels alone."""
    places = [_START, *channels]
    # p(i) = chain[i][call] + Σ chain[i][j] p(j), as the rows of a linear system.
    rows = [
        [
            *(float(i == j) - chain.get(i, {}).get(j, 0.0) for j in places),
            chain.get(i, {}).get(_CALL, 0.0),
        ]
        for i in places
    ]
    return _solved(rows)[0]


def _solved(rows: list[list[float]]) -> list[float]:
    """The solution of a linear system, by Gauss's elimination with the largest pivot."""
    count = len(rows)
    for column in range(count):
        pivot = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        if abs(lead) < 1e-12:
            # Nobody ever leaves this step, so no call comes from it.
            rows[column] = [float(place == column) for place in range(count)] + [0.0]
            lead = 1.0
        for row in range(column + 1, count):
            factor = rows[row][column] / lead
            if factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    found = [0.0] * count
    for column in reversed(range(count)):
        known = sum(rows[column][later] * found[later] for later in range(column + 1, count))
        found[column] = (rows[column][count] - known) / rows[column][column]
    return found
