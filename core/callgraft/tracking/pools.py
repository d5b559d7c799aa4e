"""What the numbers of a site's pools are doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.site import Site
from callgraft.stores.protocol import Transaction
from callgraft.tracking.holds import CLOCK_ERROR
from callgraft.tracking.numbers import NumberState, PoolNumber, WatchedNumber
from callgraft.tracking.values import PoolState

LISTED = 200
"""How many leases, and watched numbers, of a pool are listed; the counts are of all."""


def pool_states(transaction: Transaction, site: Site, *, at: datetime) -> Sequence[PoolState]:
    """
    Occupancy of each pool, in the order of the document, then pools that left it and run dry.

    Each number that may be shown counts once: ``provisional`` and ``held`` are guaranteed to a
    session; ``expired`` ones are kept until somebody needs them; ``cooling`` ones rest; ``free``
    ones wait.
    """
    watched: dict[str, list[PoolNumber]] = {}
    for number in transaction.watched_numbers(site.key):
        watched.setdefault(number.pool, []).append(number)
    cool_offs = dict.fromkeys(watched, timedelta(0))
    cool_offs = {pool.key: pool.cool_off for pool in site.pools.values()} | {
        key: none for key, none in cool_offs.items() if key not in site.pools
    }
    return [
        _with_watched(
            transaction,
            site.key,
            transaction.pool_state(site.key, key, at=at, cool_off=cool_off, listed=LISTED),
            watched.get(key, ()),
            at,
        )
        for key, cool_off in cool_offs.items()
    ]


def _with_watched(
    transaction: Transaction,
    site: str,
    state: PoolState,
    watched: Sequence[PoolNumber],
    at: datetime,
) -> PoolState:
    states = [number.state for number in watched]
    return replace(
        state,
        quarantined=states.count(NumberState.QUARANTINED),
        draining=states.count(NumberState.DRAINING),
        watched=tuple(_seen(transaction, site, number, at) for number in watched[:LISTED]),
    )


def _seen(transaction: Transaction, site: str, number: PoolNumber, at: datetime) -> WatchedNumber:
    before = at + CLOCK_ERROR
    calls = transaction.calls_on(site, number.number, before=before, limit=1)
    return WatchedNumber(
        number=number.number,
        state=number.state,
        since=number.state_since,
        why=number.state_why,
        due_at=number.due_at,
        last_call_at=calls[0].rang_at if calls else None,
    )
