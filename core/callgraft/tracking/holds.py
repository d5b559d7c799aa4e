"""Until when a lease is guaranteed, whatever a clock said that was once far ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.tracking.values import Lease, LeaseState

CLOCK_ERROR = timedelta(days=1)
"""A moment that lies further ahead than this was told by a clock that was wrong."""


def is_misdated(lease: Lease, at: datetime) -> bool:
    """Whether the lease was seen so far ahead of ``at`` that the clock was wrong then."""
    return lease.seen_at - at > CLOCK_ERROR


def renewed(known: Lease, renewal: Lease) -> Lease:
    """
    The lease after a renewal that was decided on an older sight of it.

    Two tabs of a session may renew its lease at the same time: the later sign of life counts,
    whichever is written last, so that no hold gets shorter; unless a clock was wrong before.
    """
    is_held = LeaseState.HELD in (known.state, renewal.state)
    is_wrong = is_misdated(known, renewal.seen_at)
    return replace(
        known,
        state=LeaseState.HELD if is_held else renewal.state,
        seen_at=renewal.seen_at if is_wrong else max(known.seen_at, renewal.seen_at),
        held_until=renewal.held_until if is_wrong else max(known.held_until, renewal.held_until),
        hold=renewal.hold,
    )


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
