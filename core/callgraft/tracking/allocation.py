"""Which number a session gets, and when another session's may be taken: decided here, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from secrets import token_hex

from callgraft.stores.protocol import LeaseBook
from callgraft.tracking.values import Assignment, Lease, LeaseState, PageView, Shown, Wanted

PAGES_OF_A_PERSON = 2
"""From this page of a session on, its leases are held: robots rarely come for a second one."""

Kept = dict[tuple[str, str], Lease]


def assign(book: LeaseBook, view: PageView) -> tuple[Assignment, ...]:
    """
    Give each wanted target of the page its number.

    The session's lease is renewed, also when its hold ran out but nobody took the number. Where it
    has none it gets, in this order: the number that the visitor had before, when that is free; the
    free number that is idle longest; the number of the lease that expired longest ago, provisional
    ones first. Otherwise the pool's overflow number is shown, or the original.
    """
    kept = _kept(book, view)
    pools = {wanted.pool for wanted in view.wanted if (wanted.pool, wanted.target) not in kept}
    if pools:
        # In one order for everybody, or two page views could wait for each other for ever.
        for pool in sorted(pools):
            book.lock_pool(view.site, pool)
        kept = _kept(book, view)  # another tab of this session may have been faster
    # What the session has is renewed before anything is taken: it must not lose that to itself.
    renewed = {key: lease for key, lease in kept.items() if book.renew_lease(lease)}
    return tuple(_assignment(book, view, wanted, renewed) for wanted in view.wanted)


def _kept(book: LeaseBook, view: PageView) -> Kept:
    """The session's open leases that this page asks for, as they are after this page view."""
    if not view.wanted:
        return {}
    terms = {(wanted.pool, wanted.target): wanted for wanted in view.wanted}
    return {
        (lease.pool, lease.target): _renewed(lease, view, terms[lease.pool, lease.target])
        for lease in book.open_leases(view.site, view.identity.session)
        if (lease.pool, lease.target) in terms
    }


def _renewed(lease: Lease, view: PageView, wanted: Wanted) -> Lease:
    """The lease after a sign of life; nothing in it ever goes back, whatever the clock does."""
    is_held = lease.state is LeaseState.HELD or view.identity.pages >= PAGES_OF_A_PERSON
    return replace(
        lease,
        state=LeaseState.HELD if is_held else lease.state,
        seen_at=max(lease.seen_at, view.at),
        held_until=max(lease.held_until, view.at + wanted.hold),
    )


def _assignment(book: LeaseBook, view: PageView, wanted: Wanted, renewed: Kept) -> Assignment:
    key = (wanted.pool, wanted.target)
    lease = renewed.get(key) or _taken(book, view, wanted)
    if lease is None:
        shown = Shown.ORIGINAL if wanted.overflow is None else Shown.OVERFLOW
        return Assignment(
            target=wanted.target, shown=shown, number=wanted.overflow, pool=wanted.pool
        )
    renewed[key] = lease
    return Assignment(
        target=wanted.target,
        shown=Shown.LEASE,
        number=lease.number,
        pool=wanted.pool,
        lease=lease,
    )


def _taken(book: LeaseBook, view: PageView, wanted: Wanted) -> Lease | None:
    """A new lease, or None when the pool has no number for anybody."""
    book.lock_pool(view.site, wanted.pool)
    rested = view.at - wanted.cool_off
    number = (
        _number_as_before(book, view, wanted)
        or book.free_number(view.site, wanted.pool, idle_since=rested)
        or _reclaimed(book, view, wanted, rested)
    )
    if number is None:
        return None
    lease = _new(view, wanted, number)
    book.add_lease(lease)
    return lease


def _number_as_before(book: LeaseBook, view: PageView, wanted: Wanted) -> str | None:
    """
    The visitor's last number of the pool, when nobody needs it now.

    No cool-off: it protects from calls meant for somebody else.
    """
    last = book.last_lease(view.site, view.identity.visitor, wanted.pool, wanted.target)
    if last is None:
        return None
    if last.released_at is None:
        is_over = last.session != view.identity.session and last.held_until <= view.at
        if not is_over or not book.release_lease(last, at=view.at, why="returned"):
            return None
    if book.is_free(view.site, wanted.pool, last.number, idle_since=view.at):
        return last.number
    return None


def _reclaimed(book: LeaseBook, view: PageView, wanted: Wanted, rested: datetime) -> str | None:
    """The number of a lease that ran out longest ago; a sign of a person counts more than time."""
    for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
        while lease := book.expired_lease(view.site, wanted.pool, state, expired_at=rested):
            if book.release_lease(lease, at=view.at, why="reclaimed"):
                return lease.number
            # It was renewed between the two statements; the next look finds another one.
    return None


def _new(view: PageView, wanted: Wanted, number: str) -> Lease:
    is_held = view.identity.pages >= PAGES_OF_A_PERSON
    return Lease(
        id=token_hex(12),
        site=view.site,
        pool=wanted.pool,
        target=wanted.target,
        number=number,
        visitor=view.identity.visitor,
        session=view.identity.session,
        state=LeaseState.HELD if is_held else LeaseState.PROVISIONAL,
        shown_at=view.at,
        seen_at=view.at,
        held_until=view.at + wanted.hold,
    )
