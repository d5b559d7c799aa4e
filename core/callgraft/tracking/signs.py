"""Signs of life between page loads: they are logged, and keep the session's numbers its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from callgraft.stores.protocol import Transaction
from callgraft.tracking.holds import is_misdated, remembered_for
from callgraft.tracking.values import Lease, LeaseState, SessionSign


def take_signs(transaction: Transaction, signs: Iterable[SessionSign]) -> None:
    """
    Keep the signs, and renew the open leases of their sessions.

    A session that nobody knows never loaded a page here: somebody made it up, or it was forgotten.
    """
    # In one order for everybody, or two who take signs could wait for each other for ever.
    ordered = sorted(signs, key=lambda sign: (sign.site, sign.session, sign.at))
    for (site, session), told in groupby(ordered, key=lambda sign: (sign.site, sign.session)):
        if not transaction.knows_session(site, session):
            continue
        of_session = list(told)
        for sign in of_session:
            transaction.add_sign(sign)
        _renew(transaction, site, session, at=of_session[-1].at)


def release(transaction: Transaction, site: str, session: str, *, at: datetime) -> int:
    """End the session's open leases, except one that another page renews just now."""
    # Of two who leave a shared number at once, the second one must see that it is the last.
    for pool in sorted({lease.pool for lease in transaction.open_leases(site, session)}):
        transaction.lock_pool(site, pool)
    ended = 0
    for lease in transaction.open_leases(site, session):
        end = at if is_misdated(lease, at) else max(at, lease.seen_at)
        rests_until = min(max(end, lease.held_until), end + remembered_for(lease.hold))
        ended += transaction.release_lease(lease, at=end, why="ended", idle_since=rests_until)
    return ended


def _renew(transaction: Transaction, site: str, session: str, *, at: datetime) -> None:
    for lease in transaction.open_leases(site, session):
        # A sign that comes a day late, after an outage, is no proof that a clock was wrong.
        if not is_misdated(lease, at):
            transaction.renew_lease(_alive(lease, at))


def _alive(lease: Lease, at: datetime) -> Lease:
    """The lease after a sign of a person, in which nothing goes back."""
    return replace(
        lease,
        state=LeaseState.HELD,
        seen_at=max(lease.seen_at, at),
        held_until=max(lease.held_until, at + lease.hold),
    )
