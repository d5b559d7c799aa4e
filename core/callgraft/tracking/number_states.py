"""What becomes of a pool's number: by what the document says of it, and by who still rings it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callgraft.site import Site
from callgraft.stores.protocol import Transaction
from callgraft.tracking.holds import CLOCK_ERROR
from callgraft.tracking.numbers import NumberState, PoolNumber, Quiet

DRAINED = Quiet(span=timedelta(days=60))
"""When a number that is shown no more has run dry: nobody rang it for so long."""

ENDED_BY = {
    NumberState.ACTIVE: "moved",
    NumberState.QUARANTINED: "quarantined",
    NumberState.DRAINING: "retired",
    NumberState.RETIRED: "retired",
}
"""Why a lease ended, by what a document made of its number: ``active`` in another pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the document says of a number of one of its pools."""

    pool: str
    position: int
    state: NumberState
    quiet: Quiet


def listings(site: Site) -> dict[str, Listing]:
    """All numbers of the document's pools, by number."""
    return {
        number.e164: Listing(pool=pool.key, position=position, state=state, quiet=quiet)
        for pool in site.pools.values()
        for position, (number, state, quiet) in enumerate(
            (
                *((number, NumberState.ACTIVE, DRAINED) for number in pool.numbers),
                *((number, NumberState.QUARANTINED, pool.quiet) for number in pool.quarantine),
                *((number, NumberState.DRAINING, DRAINED) for number in pool.draining),
            )
        )
    }


def as_listed(
    number: str, before: PoolNumber | None, listing: Listing, *, at: datetime
) -> PoolNumber:
    """
    The number as a document wants it that is published at ``at``.

    A number that came out of the quarantine stays out of it, however often documents list it
    there; and one that has run dry does not run dry again.
    """
    state, why, since = listing.state, "listed", at
    if before and (before.state is state or _is_over(before, listing)):
        state, since = before.state, before.state_since
        why = before.state_why if _is_over(before, listing) else why
    is_watched = state in (NumberState.QUARANTINED, NumberState.DRAINING)
    return PoolNumber(
        number=number,
        pool=listing.pool,
        position=listing.position,
        state=state,
        state_since=since,
        state_why=why,
        due_at=since + listing.quiet.span if is_watched else None,
    )


def as_left(before: PoolNumber, site: Site, *, at: datetime) -> PoolNumber:
    """The number after a document that has it in no pool: it runs dry, or is something else now."""
    if before.state is NumberState.RETIRED:
        return before
    if site.role_of(before.number):
        retired = replace(before, state=NumberState.RETIRED, state_since=at)
        return replace(retired, state_why="moved", due_at=None)
    if before.state is NumberState.DRAINING:
        return before
    left = replace(before, state=NumberState.DRAINING, state_since=at)
    return replace(left, state_why="left", due_at=at + DRAINED.span)


def settle(
    transaction: Transaction, site: str, quiet_of: Mapping[str, Quiet], *, at: datetime
) -> bool:
    """
    Let out of the quarantine what strangers ring no more, and retire what has run dry.

    What was rung since is looked at again when that call is old enough, and not before.

    :param quiet_of: by pool, when its quarantined numbers are quiet; other pools are left alone.
    :return: whether a number may be shown that might not before.
    """
    pools = {each.pool for each in _due(transaction, site, quiet_of, at)}
    if not pools:
        return False
    for pool in sorted(pools):
        transaction.lock_pool(site, pool)
    changed = [
        _settled(transaction, site, number, quiet_of[number.pool], at)
        for number in _due(transaction, site, quiet_of, at)
    ]
    transaction.put_numbers(site, changed)
    return any(number.state is NumberState.ACTIVE for number in changed)


def settle_all(transaction: Transaction, site: Site, *, at: datetime) -> bool:
    """The same for every pool of the document, and for pools that left it."""
    gone = {number.pool: DRAINED for number in transaction.watched_numbers(site.key, due_by=at)}
    quiet_of = gone | {pool.key: pool.quiet for pool in site.pools.values()}
    return settle(transaction, site.key, quiet_of, at=at)


def _is_over(before: PoolNumber, listing: Listing) -> bool:
    """Whether what the document asks for was done, and ended by itself."""
    ended = {
        NumberState.QUARANTINED: NumberState.ACTIVE,
        NumberState.DRAINING: NumberState.RETIRED,
    }.get(listing.state)
    return before.state is ended and before.state_why == "quiet"


def _due(
    transaction: Transaction, site: str, quiet_of: Mapping[str, Quiet], at: datetime
) -> Sequence[PoolNumber]:
    due = transaction.watched_numbers(site, due_by=at)
    return [number for number in due if number.pool in quiet_of]


def _settled(
    transaction: Transaction, site: str, number: PoolNumber, quiet: Quiet, at: datetime
) -> PoolNumber:
    quiet = DRAINED if number.state is NumberState.DRAINING else quiet
    # A provider's clock may be ahead of ours, not by days.
    before, limit = at + CLOCK_ERROR, quiet.calls + 1
    calls = transaction.calls_on(site, number.number, before=before, limit=limit)
    since = number.state_since
    if len(calls) == limit:  # quiet from when the last of these is one too few
        since = max(since, calls[-1].rang_at)
    if since + quiet.span > at:
        return replace(number, due_at=since + quiet.span)
    is_out = number.state is NumberState.QUARANTINED
    state = NumberState.ACTIVE if is_out else NumberState.RETIRED
    return replace(number, state=state, state_since=at, state_why="quiet", due_at=None)
