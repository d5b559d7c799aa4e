"""
The part of a store that keeps numbers and their leases.

It is apart from the rest so that leases can live elsewhere (Redis) than what happened. A store
keeps; which number somebody gets, and when, is decided in ``callgraft.tracking``, once for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from callgraft.tracking.numbers import PoolNumber
from callgraft.tracking.values import Lease, LeaseState, PoolState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested:
    """
    What numbers may be given out: those idle, or past their hold, since ``since`` or longer.

    Those of which it is said that they will be idle only after ``beyond`` are rested too: no hold
    is that long, so a clock was wrong when it was written.
    """

    since: datetime
    beyond: datetime


class Candidate(NamedTuple):
    """
    A number that may be given out; hundreds are looked at for one page view, so it is a tuple.

    Where it ``is_free`` it is on no lease; else its leases have to end first, and where they are
    shared, one of them may not have run out yet.
    """

    number: str
    is_free: bool


def longest_rested(found: Iterable[tuple[Any, str, bool]], limit: int) -> Sequence[Candidate]:
    """
    The numbers that are rested longest of what a store found: since when, which, and whether free.

    A number that is shared has several leases: the one that ended first counts.
    """
    first: dict[str, bool] = {}
    for _, number, is_free in sorted(found, key=itemgetter(0)):
        first.setdefault(number, is_free)
    return [Candidate(*each) for each in islice(first.items(), limit)]


class LeaseBook(Protocol):
    """Numbers and their leases, inside one transaction."""

    def lock_pool(self, site: str, pool: str) -> None:
        """
        Be the only one who hands out numbers of the pool until the transaction ends.

        What is read afterwards is the newest. Stores that have one writer at a time do nothing.
        """
        ...

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        """The session's leases that nobody released, whether or not their hold ran out."""
        ...

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        """The newest lease that the visitor had, open or released."""
        ...

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        """Whether the number is in the pool, on no lease, and rested."""
        ...

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        """
        The rested number of the pool that is idle longest.

        Numbers never issued come first, in the order of the document. Found by an index: a pool of
        40,000 numbers is never walked through.
        """
        ...

    def candidates(
        self, site: str, pool: str, rested: Rested, *, limit: int
    ) -> Sequence[Candidate]:
        """
        The numbers of the pool that are idle, or past their hold, longest; ``limit`` at most.

        Free ones first where it is since the same moment. Those that ``rested`` calls rested
        because a clock was wrong are left out. What is found may be somebody else's a moment later:
        ``is_free`` and ``release_lease`` tell.
        """
        ...

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        """
        The open lease in ``state`` whose hold ran out first, if its number is rested.

        Of those that ran out at one moment it is the one on the lowest number. Where the lease is
        shared, others may still hold the number.
        """
        ...

    def silent_leases(
        self, site: str, pool: str, state: LeaseState, *, limit: int
    ) -> Sequence[Lease]:
        """
        The ``limit`` open leases in ``state`` whose hold ends first, with all that share a number
        with one of them; in any order.
        """
        ...

    def leases_of_network(
        self, site: str, pool: str, network: str, rested: Rested, *, limit: int
    ) -> Mapping[LeaseState, int]:
        """
        How many open leases of the pool the network has by state, ``limit`` of them counted.

        Only those whose hold ends after ``rested.since``, and not after ``rested.beyond``.
        """
        ...

    def add_lease(self, lease: Lease) -> None:
        """
        Write an open lease; its number must be free.

        A second open lease for the number, or for the session's pool and target, must fail here
        whatever the caller did, and the transaction with it.

        :raises Conflict: from ``Store.write``.
        """
        ...

    def share_number(self, lease: Lease) -> bool:
        """
        Write an open lease that is shared, and mark those that are open on its number as shared.

        False, and nothing is written: nobody of the site has the number any more.

        :raises Conflict: from ``Store.write``: the session's pool and target has an open lease.
        """
        ...

    def renew_lease(self, lease: Lease) -> bool:
        """
        Write state, moments and hold of an open lease; False: it is open no longer.

        Of what stands there and this the later counts, as ``tracking.holds.renewed`` says: another
        renewal may have come in between.
        """
        ...

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        """
        End the lease unless it was renewed or ended since.

        When it was shared and one other is left on the number, that one is shared no more. The
        number is idle when nobody is left.

        :param idle_since: from when on its number counts as idle; ``at``, unless a hold that is
            still guaranteed ends later.
        """
        ...

    def put_numbers(self, site: str, numbers: Sequence[PoolNumber]) -> None:
        """Write place and state of these; those that are new start as never issued."""
        ...

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        """All numbers that the site's pools have and had, in whatever state."""
        ...

    def watched_numbers(self, site: str, *, due_by: datetime | None = None) -> Sequence[PoolNumber]:
        """Those with a ``due_at`` (until ``due_by``), the earliest first."""
        ...

    def was_in_pool(self, site: str, number: str) -> str | None:
        """The pool that the number is or was in, or None."""
        ...

    def open_on(self, site: str, number: str) -> Sequence[Lease]:
        """The number's open leases: more than one where they are shared; the oldest first."""
        ...

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        """Who held the number, newest first; only what was shown at ``until`` or before."""
        ...

    def leases_of(self, site: str, visitor: str) -> Sequence[Lease]:
        """All leases that the visitor has and had, in order of time."""
        ...

    def hand_over(self, lease: Lease, *, visitor: str, session: str) -> None:
        """Make this another session's lease, and forget the network; nothing else changes."""
        ...

    def drop_leases(self, site: str, of: Sequence[tuple[str, str]]) -> None:
        """
        Delete all leases of these (session, visitor).

        The number of one that is open is idle since the end of its hold.
        """
        ...

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        """
        The pool's active numbers counted, and ``listed`` of its open leases, last seen first.

        A number that several hold counts as held before provisional, cooling and expired.
        """
        ...
