"""What the numbers of a site's pools are doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callgraft.site import Site
from callgraft.stores.protocol import LeaseBook
from callgraft.tracking.values import PoolState

LISTED = 200
"""How many leases of a pool are listed; the counts are of all."""


def pool_states(book: LeaseBook, site: Site, *, at: datetime) -> Sequence[PoolState]:
    """
    Occupancy of each pool, in the order of the document.

    Each number counts once: ``provisional`` and ``held`` are guaranteed to a session; ``expired``
    ones are kept until somebody needs them; ``cooling`` ones rest; ``free`` ones wait.
    """
    return [
        book.pool_state(site.key, pool.key, at=at, cool_off=pool.cool_off, listed=LISTED)
        for pool in site.pools.values()
    ]
