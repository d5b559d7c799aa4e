"""A number for one more session when every number of the pool is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from callgraft.stores.lease_book import LeaseBook
from callgraft.tracking.values import Lease, LeaseState, PageView, Wanted

LOOKED_AT = 64
"""
How many leases of each state are looked at: those that end first, of the longest silent.
"""


def numbers_to_share(book: LeaseBook, view: PageView, wanted: Wanted) -> Sequence[str]:
    """
    The held numbers in the order in which they should be shared.

    First the one whose holders have been silent longest, for they will hardly ring any more; of
    those the one that fewer have. Once shared it is the least silent, so that all get their turn.
    A session's own number for another target is none of them: a call could not tell the two apart.
    """
    held: defaultdict[str, dict[str, Lease]] = defaultdict(dict)
    for state in (LeaseState.PROVISIONAL, LeaseState.HELD):
        for lease in book.silent_leases(view.site, wanted.pool, state, limit=LOOKED_AT):
            held[lease.number][lease.id] = lease
    others = {
        number: leases.values()
        for number, leases in held.items()
        if all(lease.session != view.identity.session for lease in leases.values())
    }
    return sorted(others, key=lambda number: _rank(number, others[number]))


def _rank(number: str, leases: Iterable[Lease]) -> tuple[datetime, int, str]:
    seen = [lease.seen_at for lease in leases]
    return max(seen), len(seen), number
