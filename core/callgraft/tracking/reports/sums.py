"""Sums of probabilities, and how far off they may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt

from callgraft.source import Touch
from callgraft.stores.reports import Came
from callgraft.tracking.reports.facts import Values, Where
from callgraft.tracking.reports.pieces import Piece
from callgraft.tracking.reports.query import ReportQuery
from callgraft.tracking.reports.values import CLIENT, OTHERS, UNKNOWN
from callgraft.tracking.values import Call, CallMark

Key = tuple[str, ...]
MOST_KEYS = 20_000
"""So many rows are kept apart; keywords and landing pages are whatever visitors bring."""
_SURELY = 1.959964
"""Standard deviations on either side, in which 95 of 100 lie."""


@dataclass(slots=True)
class Sum:
    """Calls as a sum of probabilities; ``variance`` is Σp(1-p)."""

    calls: float = 0.0
    variance: float = 0.0
    assisted: float = 0.0
    marks: dict[CallMark, float] = field(default_factory=dict)

    @property
    def margin(self) -> float:
        return _SURELY * sqrt(max(self.variance, 0.0))

    def add(self, mean: float, square: float, marks: Iterable[CallMark]) -> None:
        """
        Add a call of which this much is expected.

        :param square: what is expected of its square; of a call that is here or not, the same.
        """
        self.calls += mean
        self.variance += square - mean * mean
        for mark in marks:
            self.marks[mark] = self.marks.get(mark, 0.0) + mean

    def __iadd__(self, other: Sum) -> Sum:
        """Rows together; taken for independent, which makes the margin no smaller than it is."""
        self.calls += other.calls
        self.variance += other.variance
        self.assisted += other.assisted
        for mark, count in other.marks.items():
            self.marks[mark] = self.marks.get(mark, 0.0) + count
        return self


class Sums:
    """The rows of one period."""

    def __init__(self, query: ReportQuery) -> None:
        self._by = query.by
        self._where = Where(query)
        self.rows: dict[Key, Sum] = {}
        self.total, self.known = Sum(), Sum()

    def add(self, call: Call, pieces: Iterable[Piece], values: Values) -> bool:
        """Add a call, as far as it is what was asked for; whether any of it is."""
        means: defaultdict[Key, float] = defaultdict(float)
        squares: defaultdict[Key, float] = defaultdict(float)
        told = whole = square = known = known_square = 0.0
        for piece in pieces:
            told += piece.probability
            credits, assists = self._shared(piece, values)
            for key, share in credits.items():
                means[key] += piece.probability * share
                squares[key] += piece.probability * share * share
            for key in assists:
                self._row(key).assisted += piece.probability
            mine = sum(credits.values())
            mine_known = sum(share for key, share in credits.items() if is_known(key))
            whole += piece.probability * mine
            square += piece.probability * mine * mine
            known += piece.probability * mine_known
            known_square += piece.probability * mine_known * mine_known
        rest = max(1 - told, 0.0)
        if rest > 1e-9 and self._where.fits(values, None, None):
            key = self._key(values, None, None)
            means[key] += rest
            squares[key] += rest
            whole += rest
            square += rest
            if is_known(key):
                known += rest
                known_square += rest
        for key, mean in means.items():
            self._row(key).add(mean, squares[key], call.marks)
        if means:
            self.total.add(whole, square, call.marks)
            self.known.add(known, known_square, call.marks)
        return bool(means)

    def _shared(self, piece: Piece, values: Values) -> tuple[dict[Key, float], set[Key]]:
        """The rows of one session, each with its share of the credit; and those that assisted."""
        credits: dict[Key, float] = {}
        there = set()
        for touch, share in piece.credits:
            if self._where.fits(values, touch, piece.came):
                key = self._key(values, touch, piece.came)
                there.add(key)
                if share:
                    credits[key] = credits.get(key, 0.0) + share
        return credits, there.difference(credits) if len(piece.credits) > 1 else set()

    def _key(self, values: Values, touch: Touch | None, came: Came | None) -> Key:
        return tuple(values.of(each, touch, came) for each in self._by)

    def _row(self, key: Key) -> Sum:
        row = self.rows.get(key)
        if row is None:
            if len(self.rows) >= MOST_KEYS:
                key = (OTHERS,) * len(self._by)
            row = self.rows.setdefault(key, Sum())
        return row


def is_known(key: Key) -> bool:
    return UNKNOWN not in key and CLIENT not in key
