"""Leases as the store told of them a moment ago, kept in the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callgraft.tracking.allocation import PAGES_OF_A_PERSON
from callgraft.tracking.holds import remembered_for
from callgraft.tracking.values import Assignment, LeaseState, PageView, Shown, Wanted

_MOST = 20_000
"""How many sessions are remembered at least, before the one that was longest away is forgotten."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store said of one target at ``told_at``; it goes for the store until ``until``."""

    assigned: Assignment
    told_at: datetime
    until: datetime
    held_until: datetime
    is_held: bool


_Answers = dict[tuple[str, str], Answer]
_Sessions = dict[tuple[str, str], _Answers]


class Remembered:
    """
    The leases of the sessions that came last, safe from several threads without a lock.

    Two generations of sessions: who is asked for comes into the young one, and when that is full
    the old one is forgotten.
    """

    def __init__(self) -> None:
        self._young: _Sessions = {}
        self._old: _Sessions = {}
        self.epoch = 0
        """Counts up when something is forgotten: what was asked for before must not come in."""

    def recall(self, view: PageView) -> tuple[Assignment, ...] | None:
        """The answer to this page view; None where the store must be asked."""
        answers = self._answers(view)
        if answers is None:
            return None
        at, is_first = view.at, view.identity.pages < PAGES_OF_A_PERSON
        found = []
        for wanted in view.wanted:
            answer = answers.get((wanted.pool, wanted.target))
            # A person's second page view turns a provisional lease into a held one: that is news.
            if (
                answer is None
                or not answer.told_at <= at < answer.until
                or not (answer.is_held or is_first)
                or not _is_for(answer, wanted)
            ):
                return None
            found.append(answer.assigned)
        return tuple(found)

    def held(self, view: PageView, wanted: Wanted) -> Assignment | None:
        """The lease that is still the session's, for nobody gets its number before it ran out."""
        answer = (self._answers(view) or {}).get((wanted.pool, wanted.target))
        if answer is None or not answer.told_at <= view.at < answer.held_until:
            return None
        return answer.assigned

    def keep(self, view: PageView, assigned: tuple[Assignment, ...], *, epoch: int) -> None:
        """Remember what the store answered; ``epoch`` is that of the moment when it was asked."""
        answers = dict(self._answers(view) or {})
        for wanted, each in zip(view.wanted, assigned, strict=True):
            answer = _answer(view, each)
            if answer:
                answers[wanted.pool, wanted.target] = answer
            else:
                answers.pop((wanted.pool, wanted.target), None)
        if epoch == self.epoch:
            self._put((view.site, view.identity.session), answers)

    def forget(self, site: str, session: str) -> None:
        """Forget one session."""
        self.epoch += 1
        self._young.pop((site, session), None)
        self._old.pop((site, session), None)

    def forget_all(self) -> None:
        """Forget everything: numbers may have left their pools."""
        self.epoch += 1
        self._young, self._old = {}, {}

    def _answers(self, view: PageView) -> _Answers | None:
        key = (view.site, view.identity.session)
        answers = self._young.get(key)
        if answers is None and (answers := self._old.get(key)) is not None:
            self._put(key, answers)
        return answers

    def _put(self, key: tuple[str, str], answers: _Answers) -> None:
        if len(self._young) >= _MOST:
            self._old, self._young = self._young, {}
        self._young[key] = answers


def _is_for(answer: Answer, wanted: Wanted) -> bool:
    lease = answer.assigned.lease
    return lease is not None and lease.hold == wanted.hold


def _answer(view: PageView, assigned: Assignment) -> Answer | None:
    """A lease for as long as may be; what is no lease may become one with the next page view."""
    lease = assigned.lease
    if assigned.shown is not Shown.LEASE or lease is None:
        return None
    for_long = remembered_for(lease.hold)
    return Answer(
        assigned=assigned,
        told_at=view.at,
        # From each moment until then on, the number stays the session's for as long again.
        until=min(view.at, lease.held_until - 2 * for_long) + for_long,
        held_until=lease.held_until,
        is_held=lease.state is LeaseState.HELD,
    )
