"""What is counted of one pool in one scenario, and the figures that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from callgraft.tracking.values import Assignment, Attribution, Shown, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour of the week, 0 is Monday's first: sessions, and those with a number of their own."""

    hour: int
    sessions: int
    own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """
    How a pool would have fared.

    ``own`` sessions had a number of their own, ``shared`` one that others held too, ``overflow``
    the overflow number, or the original where there is none. ``calls`` are those to expect, with
    strangers'; of them ``right`` and ``wrong`` name a visitor, ``source_known`` tell the true
    source. ``visitor_calls`` are those of the pool's sessions. ``drawn`` is how many calls that was
    worked out from, ``margin`` the half width of a 95 % interval around ``wrong_per_100`` (the
    share, not of 1 but of 100).
    """

    pool: str
    numbers: int
    hold: timedelta
    is_sharing: bool
    sessions: int
    own: int
    shared: int
    overflow: int
    dry_minutes: int
    calls: float
    visitor_calls: float
    right: float
    wrong: float
    source_known: float
    drawn: int
    margin: float
    hours: tuple[Hour, ...]

    @property
    def coverage(self) -> float:
        """The share of sessions with a number of their own."""
        return self.own / self.sessions if self.sessions else 0.0

    @property
    def recall(self) -> float:
        """The share of the visitors' calls that name the right one."""
        return self.right / self.visitor_calls if self.visitor_calls else 0.0

    @property
    def accuracy(self) -> float:
        """The share of named visitors who are the right ones."""
        named = self.right + self.wrong
        return self.right / named if named else 0.0

    @property
    def wrong_per_100(self) -> float:
        return 100 * self.wrong / self.calls if self.calls else 0.0

    @property
    def right_per_100(self) -> float:
        return 100 * self.right / self.calls if self.calls else 0.0

    @property
    def source_share(self) -> float:
        return self.source_known / self.calls if self.calls else 0.0


OWN, SHARED, OVERFLOW = range(3)
"""What a session was shown, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The best that a session was shown so far, and the hour of the week in which it came."""

    outcome: int
    hour: int


@dataclass(slots=True)
class Tally:
    """Counts what happens to one pool; of any length, in the same memory."""

    zone: ZoneInfo
    outcomes: list[int] = field(default_factory=lambda: [0, 0, 0])
    dry_minutes: int = 0
    calls: float = 0.0
    visitor_calls: float = 0.0
    right: float = 0.0
    wrong: float = 0.0
    source_known: float = 0.0
    drawn: int = 0
    squares: float = 0.0
    by_hour: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(168)])
    last_dry: datetime | None = None

    def shown(self, assigned: Assignment, at: datetime, seen: Seen | None) -> Seen:
        """
        Count what a page of a session showed; return what is known of the session from now on.

        A session that finds no number at first may find one on its next page: then that counts.

        :param seen: what this returned for the session's page before, None for the first page.
        """
        is_as_before = seen is not None and assigned.why is Why.KEPT
        outcome = seen.outcome if seen and is_as_before else _outcome(assigned)
        if outcome != OWN:
            self._note_dry(at)
        if seen is None:
            here = at.astimezone(self.zone)
            seen = Seen(outcome=outcome, hour=here.weekday() * 24 + here.hour)
            self.by_hour[seen.hour][0] += 1
            self._add(seen, 1)
        elif outcome < seen.outcome:
            self._add(seen, -1)
            seen = Seen(outcome=outcome, hour=seen.hour)
            self._add(seen, 1)
        return seen

    def rang(self, found: Attribution, *, visitor: str | None, source: str, weight: float) -> None:
        """Count a call of a visitor, None for a stranger, by what would have been said of it."""
        self.drawn += 1
        self.calls += weight
        self.squares += weight * weight
        if visitor is not None:
            self.visitor_calls += weight
            if found.source and found.source == source:
                self.source_known += weight
        if found.visitor:
            if found.visitor == visitor:
                self.right += weight
            else:
                self.wrong += weight

    def _add(self, seen: Seen, count: int) -> None:
        self.outcomes[seen.outcome] += count
        if seen.outcome == OWN:
            self.by_hour[seen.hour][1] += count

    def _note_dry(self, at: datetime) -> None:
        minute = at.replace(second=0, microsecond=0)
        if self.last_dry is None or minute > self.last_dry:
            self.dry_minutes += 1
            self.last_dry = minute

    @property
    def margin(self) -> float:
        """Half of the 95 % interval around the wrong ones per 100 calls."""
        if not self.calls:
            return 0.0
        share = self.wrong / self.calls
        return 196 * sqrt(share * (1 - share) * self.squares) / self.calls

    @property
    def hours(self) -> tuple[Hour, ...]:
        return tuple(
            Hour(hour=hour, sessions=sessions, own=own)
            for hour, (sessions, own) in enumerate(self.by_hour)
            if sessions
        )


def _outcome(assigned: Assignment) -> int:
    if assigned.shown is not Shown.LEASE:
        return OVERFLOW
    return SHARED if assigned.why is Why.SHARED else OWN
