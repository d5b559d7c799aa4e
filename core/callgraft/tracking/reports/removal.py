"""Data-driven credit by the removal effect, over all journeys of a period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from callgraft.journeys import Path, markov
from callgraft.stores.protocol import Store, Transaction
from callgraft.stores.reports import Came
from callgraft.tracking.reports.facts import Values, Where, of_touch
from callgraft.tracking.reports.pieces import Piece, step_of
from callgraft.tracking.reports.query import ReportQuery
from callgraft.tracking.reports.sums import Sum, Sums, is_known
from callgraft.tracking.reports.values import OTHERS

_PAGE = 5000
_STEPS = 20
"""The last touches of a journey that are looked at."""
_APART = 50
"""So many sources, or keywords, are told apart; the removal of each is reckoned by itself."""
_LEAST = 0.01
"""A visitor who is less likely to have rung counts as one who did not."""


class Removal:
    """Journeys that led to calls, and, from the store, those that did not."""

    def __init__(self, query: ReportQuery) -> None:
        self._query = query
        self._step = step_of(query)
        self._where = Where(query)
        self._calls: defaultdict[tuple[str, ...], float] = defaultdict(float)
        self._without: defaultdict[tuple[str, ...], float] = defaultdict(float)
        self._rang: defaultdict[str, float] = defaultdict(float)

    def add(self, pieces: Sequence[Piece], values: Values) -> None:
        """Add the journeys of one call."""
        for piece in pieces:
            steps = [
                values.of(self._step, touch, piece.came)
                for touch, _ in piece.credits
                if self._where.fits(values, touch, piece.came)
            ]
            if steps and is_known(tuple(steps)):
                self._calls[tuple(steps[-_STEPS:])] += piece.probability
            if piece.came and piece.probability >= _LEAST:
                self._rang[piece.came.visitor] += piece.probability

    def share_out(self, store: Store, sums: Sums) -> None:
        """Put what each touch is worth in the place of the rows whose touch is known."""
        for visitor, sessions in _visitors(store, self._query):
            fitting = [each for each in sessions if self._where.fits_came(each)]
            steps = tuple(of_touch(self._step, each.touch, each) for each in fitting)
            if not steps or not is_known(steps):
                continue
            missing = 1 - min(self._rang.get(visitor, 0.0), 1.0)
            self._without[steps[-_STEPS:]] += missing
        worth = markov(self._paths())
        calls = sum(worth.values())
        known = {key: one for key, one in sums.rows.items() if is_known(key)}
        whole = Sum()
        for key, one in known.items():
            whole += one
            del sums.rows[key]
        for name, credited in worth.items():
            share = credited / calls if calls else 0.0
            marks = {mark: count * share for mark, count in whole.marks.items()}
            sums.rows[(name,)] = Sum(calls=whole.calls * share, marks=marks)

    def _paths(self) -> list[Path]:
        weight: Counter[str] = Counter()
        for steps, count in (*self._calls.items(), *self._without.items()):
            for each in set(steps):
                weight[each] += count  # type: ignore[assignment]  # a Counter counts floats as well
        apart = {step for step, _ in weight.most_common(_APART)}
        merged: defaultdict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for place, paths in enumerate((self._calls, self._without)):
            for steps, count in paths.items():
                merged[tuple(each if each in apart else OTHERS for each in steps)][place] += count
        return [
            Path(steps=steps, calls=calls, without=without)
            for steps, (calls, without) in merged.items()
        ]


def _visitors(store: Store, query: ReportQuery) -> Iterator[tuple[str, list[Came]]]:
    """Everybody who came in the period, with all visits in it."""
    after = ""
    while True:
        page = store.read(partial(_page, query=query, after=after))
        for visitor, sessions in groupby(page, key=lambda came: came.visitor):
            yield visitor, list(sessions)
        if len(page) < _PAGE:
            return
        after = page[-1].visitor


def _page(transaction: Transaction, *, query: ReportQuery, after: str) -> Sequence[Came]:
    return transaction.sessions_by_visitor(
        query.site, since=query.since, until=query.until, limit=_PAGE, after=after
    )
