"""Until when a lease is guaranteed, whatever a clock said that was once far ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from callgraft.tracking.values import Lease

CLOCK_ERROR = timedelta(days=1)
"""A moment that lies further ahead than this was told by a clock that was wrong."""


def is_misdated(lease: Lease, at: datetime) -> bool:
    """Whether the lease was seen so far ahead of ``at`` that the clock was wrong then."""
    return lease.seen_at - at > CLOCK_ERROR


def is_guaranteed(lease: Lease, at: datetime) -> bool:
    """Whether nobody else may get the lease's number yet."""
    return lease.held_until > at and not is_misdated(lease, at)


def remembered_for(hold: timedelta) -> timedelta:
    """
    How long a process may answer from memory what the store told it of a lease.

    So long it may not know that somebody ended the lease, so a number that is given back rests as
    long before another session gets it.
    """
    return min(hold / 10, timedelta(seconds=60))
