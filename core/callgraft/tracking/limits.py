"""How many of a pool's numbers one network may have, so that nobody can drain the pool."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

from callgraft.site import Pool
from callgraft.stores.lease_book import LeaseBook, Rested
from callgraft.tracking.values import LeaseState, PageView, Wanted

HELD_TOO = 3
"""
How many times the limit a network may have in all, when leases of persons are counted too.

A quarter of the pool for who just came, and so three quarters for all: the rest of the world always
finds a number. With a hold of 30 minutes, visitors who have not shown that they are persons have a
sixth of the numbers in use, so not even a site whose visitors all share one network meets the
first limit on an ordinary day.
"""

_FEWEST = 2


def wanted_of(pool: Pool, target: str) -> Wanted:
    """The terms on which a page view gets a number of the pool for ``target``."""
    return Wanted(
        target=target,
        pool=pool.key,
        overflow=pool.overflow.e164 if pool.overflow else None,
        hold=pool.hold,
        cool_off=pool.cool_off,
        is_sharing=pool.is_sharing,
        per_network=_per_network(pool),
        quarantine=pool.quiet if pool.quarantine else None,
    )


def has_enough(
    book: LeaseBook, view: PageView, wanted: Wanted, state: LeaseState, rested: Rested
) -> bool:
    """Whether the view's network has as many numbers of the pool as one may have."""
    limit = limit_of(view, wanted)
    if not limit:
        return False
    had = book.leases_of_network(
        view.site, wanted.pool, view.network, rested, limit=HELD_TOO * limit
    )
    if sum(had.values()) >= HELD_TOO * limit:
        return True
    return state is LeaseState.PROVISIONAL and had.get(state, 0) >= limit


def limit_of(view: PageView, wanted: Wanted) -> int:
    """How many provisional leases the view's network may have at a time, 0 any number."""
    return wanted.per_network if wanted.per_network and _is_public(view.network) else 0


def _per_network(pool: Pool) -> int:
    if pool.per_network is not None:
        return pool.per_network
    size = len(pool.numbers) + len(pool.quarantine)
    return max(_FEWEST, -(-size // 4))


_LOCAL = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "::/48", "fc00::/7", "fe80::/10"),
    )
)


@lru_cache(maxsize=1024)
def _is_public(network: str) -> bool:
    """
    Whether the visitors of the network are neighbours in the internet.

    A local address is that of a proxy which nobody listed as trusted: everybody comes from it.
    """
    if not network:
        return False
    address = ip_address(network)
    return not any(address in local for local in _LOCAL)
