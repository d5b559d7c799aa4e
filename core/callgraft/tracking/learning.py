"""A site learns its weights: when there are enough calls, and only what serves better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callgraft.tracking.learning_fit import fit, fitness
from callgraft.tracking.learning_log import Heard, History, count, follow
from callgraft.tracking.offsets import Offset
from callgraft.tracking.tables import DEFAULT, Tables

ENOUGH = 150
"""Below so many calls a site is still learning."""

LEARNED_FROM = 0.8
"""The share of the calls that tables are fitted to; the rest tells whether they serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """
    What came of learning.

    ``state`` is ``still learning``, ``published`` or ``kept``; ``before`` and ``after`` are the
    mean log-likelihoods of the calls that were left out of the fit, by the tables in force and by
    the new ones; ``tables`` are the new ones, where they are no worse. ``offsets`` is how late each
    provider's rings are; they count from 20 sure calls on, whatever else there is to learn.
    """

    state: str
    calls: int
    before: float | None = None
    after: float | None = None
    tables: Tables | None = None
    offsets: tuple[Offset, ...] = ()


def learn(history: History, *, in_force: Tables = DEFAULT, version: str) -> Lesson:
    """
    Fit tables to the first .8 of the calls, and publish them if the rest is no less likely.

    The prior is always the defaults: what an earlier version learned from the same calls must not
    count twice.
    """
    number = len(history.calls)
    if number < ENOUGH:
        return Lesson(state="still learning", calls=number)
    split = _split(history.calls)
    followed = follow(history.exposures)
    learned_from = count(followed, history, since=history.since, until=split)
    left_out = count(followed, history, since=split, until=history.until)
    tables = replace(fit(learned_from), version=version)
    before, after = fitness(left_out, in_force), fitness(left_out, tables)
    is_better = after >= before
    return Lesson(
        state="published" if is_better else "kept",
        calls=number,
        before=before,
        after=after,
        tables=tables if is_better else None,
    )


def _split(calls: Sequence[Heard]) -> datetime:
    """The moment of the ring from which on calls are left out."""
    rings = sorted(call.rang_at for call in calls)
    return rings[int(LEARNED_FROM * len(rings))]
