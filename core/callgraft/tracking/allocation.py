"""Which number a session gets, and when another session's may be taken: decided here, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex

from callgraft.stores.lease_book import Candidate, LeaseBook, Rested
from callgraft.stores.protocol import Transaction
from callgraft.tracking.holds import CLOCK_ERROR, is_guaranteed, is_misdated
from callgraft.tracking.limits import has_enough
from callgraft.tracking.number_states import ENDED_BY, settle
from callgraft.tracking.offers import Offers, Prices
from callgraft.tracking.sharing import numbers_to_share
from callgraft.tracking.values import (
    Assignment,
    Chosen,
    Lease,
    LeaseState,
    PageView,
    Shown,
    Wanted,
    Why,
)

PAGES_OF_A_PERSON = 2
"""From this page of a session on, its leases are held: robots rarely come for a second one."""

PROVISIONAL_HOLD = timedelta(minutes=5)
"""
The longest hold of a provisional lease.

Whoever keeps no cookies is a new session at each request; at the pool's own hold a few hundred of
them would drain it. The number stays printed, and is taken from the session only when the pool is
dry, so a person who reads for longer rarely loses it, and the call is still shared out rightly.
"""

Kept = dict[tuple[str, str], Lease]


def assign(
    book: Transaction, view: PageView, prices: Prices | None = None
) -> tuple[Assignment, ...]:
    """
    Give each wanted target of the page its number.

    The session's lease is renewed, also when its hold ran out but nobody took the number. Where it
    has none it gets, in this order: the number that the visitor had before, when that is free and
    costs hardly more than the best; of those that are free or past their hold the one that costs
    least; where the pool shares, of those that others hold the one that costs least. Otherwise, and
    when the visitor's network has its share, the pool's overflow number is shown, or the original.

    :param prices: tell what a number costs. Without, and where they have none of the pool yet, it
        is the free number that is idle longest, then that of the lease that expired longest ago,
        provisional ones first, then the one whose holders are silent longest.
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
    return tuple(_assignment(book, view, wanted, renewed, prices) for wanted in view.wanted)


def renewed_leases(leases: Iterable[Lease], view: PageView) -> Kept:
    """Of the leases those that the page asks for, as they are after this page view."""
    terms = {(wanted.pool, wanted.target): wanted for wanted in view.wanted}
    return {
        (lease.pool, lease.target): _renewed(lease, view, terms[lease.pool, lease.target])
        for lease in leases
        if (lease.pool, lease.target) in terms
    }


def _kept(book: LeaseBook, view: PageView) -> Kept:
    """The session's open leases that this page asks for, as they are after this page view."""
    if not view.wanted:
        return {}
    return renewed_leases(book.open_leases(view.site, view.identity.session), view)


def _renewed(lease: Lease, view: PageView, wanted: Wanted) -> Lease:
    """
    The lease after a sign of life; nothing in it goes back when the clock does, unless the clock
    was far ahead before.
    """
    state = LeaseState.HELD if lease.state is LeaseState.HELD else _state(view)
    until = view.at + _hold(state, wanted)
    if is_misdated(lease, view.at):
        return replace(lease, state=state, seen_at=view.at, held_until=until, hold=wanted.hold)
    return replace(
        lease,
        state=state,
        seen_at=max(lease.seen_at, view.at),
        held_until=max(lease.held_until, until),
        hold=wanted.hold,
    )


def _state(view: PageView) -> LeaseState:
    is_person = view.identity.pages >= PAGES_OF_A_PERSON
    return LeaseState.HELD if is_person else LeaseState.PROVISIONAL


def _hold(state: LeaseState, wanted: Wanted) -> timedelta:
    return wanted.hold if state is LeaseState.HELD else min(wanted.hold, PROVISIONAL_HOLD)


def _assignment(
    book: Transaction, view: PageView, wanted: Wanted, renewed: Kept, prices: Prices | None
) -> Assignment:
    key = (wanted.pool, wanted.target)
    lease, why, chosen = renewed.get(key), Why.KEPT, None
    if lease is None:
        lease, why, chosen = _taken(book, view, wanted, prices)
    if lease is None:
        shown = Shown.ORIGINAL if wanted.overflow is None else Shown.OVERFLOW
        return Assignment(
            target=wanted.target, shown=shown, number=wanted.overflow, pool=wanted.pool, why=why
        )
    renewed[key] = lease
    return Assignment(
        target=wanted.target,
        shown=Shown.LEASE,
        number=lease.number,
        pool=wanted.pool,
        lease=lease,
        why=why,
        chosen=chosen,
    )


def _taken(
    book: Transaction, view: PageView, wanted: Wanted, prices: Prices | None
) -> tuple[Lease | None, Why, Chosen | None]:
    """A new lease, or None when there is no number; and why."""
    book.lock_pool(view.site, wanted.pool)
    if wanted.quarantine:
        settle(book, view.site, {wanted.pool: wanted.quarantine}, at=view.at)
    price = prices.price(book, view, wanted) if prices else None
    rested = Rested(since=view.at - wanted.cool_off, beyond=_beyond(view, wanted))
    offers = Offers(book, view, wanted, rested, price)
    number, why = _found(book, view, wanted, offers)
    if number is not None:
        lease = new_lease(view, wanted, number)
        book.add_lease(lease)
        return lease, why, offers.chosen(number)
    if why is Why.FULL and wanted.is_sharing:
        held = numbers_to_share(book, view, wanted)
        for number in offers.by_cost(held):
            lease = replace(new_lease(view, wanted, number), is_shared=True)
            if book.share_number(lease):
                return lease, Why.SHARED, offers.chosen(number, held)
    return None, why, None


def _found(
    book: LeaseBook, view: PageView, wanted: Wanted, offers: Offers
) -> tuple[str | None, Why]:
    """The number that nobody else may have now."""
    if number := _number_as_before(book, view, wanted, offers):
        return number, Why.RETURNED
    beyond = _beyond(view, wanted)
    if has_enough(book, view, wanted, _state(view), Rested(since=view.at, beyond=beyond)):
        return None, Why.NETWORK
    for _, candidate in offers.cheapest():
        if _is_taken(book, view, wanted, candidate, offers.rested):
            return candidate.number, Why.FREE if candidate.is_free else Why.RECLAIMED
    if number := book.free_number(view.site, wanted.pool, offers.rested):
        return number, Why.FREE
    if number := _reclaimed(book, view, wanted, offers.rested):
        return number, Why.RECLAIMED
    return None, Why.FULL


def _is_taken(
    book: LeaseBook, view: PageView, wanted: Wanted, candidate: Candidate, rested: Rested
) -> bool:
    """Whether the candidate is nobody's, now that its leases that ran out are ended."""
    site, pool, number = view.site, wanted.pool, candidate.number
    if candidate.is_free:
        return book.is_free(site, pool, number, rested)
    left = list(book.open_on(site, number))
    for lease in [each for each in left if _has_run_out(each, rested)]:
        why = "reclaimed" if len(left) == 1 else "expired"
        if book.release_lease(lease, at=view.at, why=why):
            left.remove(lease)
    return not left


def _has_run_out(lease: Lease, rested: Rested) -> bool:
    return lease.held_until <= rested.since or lease.held_until > rested.beyond


def _number_as_before(
    book: LeaseBook, view: PageView, wanted: Wanted, offers: Offers
) -> str | None:
    """
    The visitor's last number of the pool, when nobody needs it now.

    No cool-off: it protects from calls meant for somebody else. Nor does a hold stand in the way
    that an earlier session of the visitor still has: a browser has one session at a time, so that
    one is over.
    """
    last = book.last_lease(view.site, view.identity.visitor, wanted.pool, wanted.target)
    if last is None:
        return None
    is_own = last.session == view.identity.session
    if not is_own and not offers.is_worth_it(last.number):
        return None
    if last.released_at is None:
        is_alone = not last.is_shared and last.seen_at <= view.at
        is_over = not is_own and (is_alone or not is_guaranteed(last, view.at))
        if not is_over or not book.release_lease(last, at=view.at, why="returned"):
            return None
    beyond = _beyond(view, wanted)
    number = (view.site, wanted.pool, last.number)
    is_free = book.is_free(*number, Rested(since=view.at, beyond=beyond))
    if is_free or (is_own and _is_kept(book, view, last, beyond)):
        return last.number
    return None


def _is_kept(book: LeaseBook, view: PageView, last: Lease, beyond: datetime) -> bool:
    """
    Whether the number is idle from the very end of this lease's hold on: nobody had it since.

    What a published document took from a session is kept for that session until its hold ends.
    """
    is_taken = last.released_why in ENDED_BY.values() and not last.is_shared
    if not is_taken or last.released_at is None or last.released_at > view.at:
        return False
    number, end = (last.site, last.pool, last.number), last.held_until
    before = Rested(since=end - timedelta.resolution, beyond=beyond)
    return book.is_free(*number, Rested(since=end, beyond=beyond)) and not book.is_free(
        *number, before
    )


def _reclaimed(book: LeaseBook, view: PageView, wanted: Wanted, rested: Rested) -> str | None:
    """The number of a lease that ran out longest ago; a sign of a person counts more than time."""
    for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
        while lease := book.expired_lease(view.site, wanted.pool, state, rested):
            # Whoever it is shared with may still hold the number, and has it alone then.
            why = "expired" if lease.is_shared else "reclaimed"
            if book.release_lease(lease, at=view.at, why=why) and not (
                lease.is_shared and book.open_on(view.site, lease.number)
            ):
                return lease.number
            # Or it was renewed between the two statements; the next look finds another one.
    return None


def new_lease(view: PageView, wanted: Wanted, number: str) -> Lease:
    """The lease that the view's session gets on a number."""
    state = _state(view)
    return Lease(
        id=token_hex(12),
        site=view.site,
        pool=wanted.pool,
        target=wanted.target,
        number=number,
        visitor=view.identity.visitor,
        session=view.identity.session,
        state=state,
        shown_at=view.at,
        seen_at=view.at,
        held_until=view.at + _hold(state, wanted),
        network=view.network,
        hold=wanted.hold,
    )


def _beyond(view: PageView, wanted: Wanted) -> datetime:
    """The moment that no hold reaches unless a clock was wrong when it began."""
    return view.at + wanted.hold + CLOCK_ERROR
