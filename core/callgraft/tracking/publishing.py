"""A Site document comes into force: its pools get their numbers, and lose those it dropped."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from callgraft.errors import NotPublished
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.protocol import Published, Transaction
from callgraft.tracking.holds import is_guaranteed, is_misdated
from callgraft.tracking.number_states import ENDED_BY, as_left, as_listed, listings, settle_all
from callgraft.tracking.numbers import PoolNumber
from callgraft.tracking.role_history import check_owners, keep_roles, knows_roles
from callgraft.tracking.values import Lease


def version_of(site: Site) -> str:
    """The document's version; a site that was put together in Python gets one from its parts."""
    return site.version or sha256(repr(site).encode()).hexdigest()


def publish(transaction: Transaction, site: Site, *, at: datetime, by: str = "") -> None:
    """
    Make ``site`` the document in force; the version that is in force changes nothing.

    A number that left its pool, or is listed as draining or in quarantine now, is shown no more:
    its leases end, and the session's next page view brings another. Its history stays, so calls
    from pages that are still open are attributed. Another pool, or another session, gets the
    number when the hold would have ended.

    :raises SiteError: another site of the store tracks with one of its numbers.
    """
    transaction.lock_site(site.key)
    in_force = transaction.published(site.key)
    version = version_of(site)
    if in_force and in_force.version == version:
        if not knows_roles(transaction, site):
            check_owners(transaction, site)
            keep_roles(transaction, site, at=in_force.published_at)
        settle_all(transaction, site, at=at)
        return
    check_owners(transaction, site)
    keep_roles(transaction, site, at=at)
    _sync_numbers(transaction, site, at)
    settle_all(transaction, site, at=at)
    transaction.add_published(
        Published(site=site.key, version=version, document=site.document, published_at=at, by=by)
    )


def restore(
    transaction: Transaction, site: str, edition: int, *, at: datetime, by: str = ""
) -> Published:
    """
    Publish an older edition anew.

    :raises NotPublished: the site has no such edition.
    """
    transaction.lock_site(site)
    older = transaction.edition(site, edition)
    if older is None:
        raise NotPublished(site, edition)
    document = read_site(older.document, name=f"edition {edition} of {site}", environ=None)
    publish(transaction, document, at=at, by=by)
    in_force = transaction.published(site)
    return in_force or older


def newest(transaction: Transaction, site: str, other_than: str) -> Published | None:
    """The document in force, if it is another version than the one that is known."""
    if transaction.version_in_force(site) in (None, other_than):
        return None
    return transaction.published(site)


def _sync_numbers(transaction: Transaction, site: Site, at: datetime) -> None:
    wanted = listings(site)
    pools = {listing.pool for listing in wanted.values()}
    pools |= {number.pool for number in transaction.numbers(site.key)}
    for pool in sorted(pools):
        transaction.lock_pool(site.key, pool)
    there = {each.number: each for each in transaction.numbers(site.key)}
    left = [
        as_left(before, site, at=at) for number, before in there.items() if number not in wanted
    ]
    listed = [
        as_listed(number, there.get(number), listing, at=at) for number, listing in wanted.items()
    ]
    changed = [number for number in (*left, *listed) if there.get(number.number) != number]
    for number in changed:
        _end_leases(transaction, site.key, there.get(number.number), number, at)
    transaction.put_numbers(site.key, changed)


def _end_leases(
    transaction: Transaction,
    site: str,
    before: PoolNumber | None,
    after: PoolNumber,
    at: datetime,
) -> None:
    if before is None or (before.pool, before.state) == (after.pool, after.state):
        return
    why = ENDED_BY[after.state]
    idle_since = min(at, before.state_since)
    while leases := transaction.open_on(site, after.number):
        # Its sessions have it on the screen: nobody else gets it before the last hold is over.
        idle_since = max(idle_since, *(_rests_until(lease, at) for lease in leases))
        for lease in leases:
            end = _end(lease, at)
            transaction.release_lease(lease, at=end, why=why, idle_since=idle_since)


def _rests_until(lease: Lease, at: datetime) -> datetime:
    return lease.held_until if is_guaranteed(lease, at) else _end(lease, at)


def _end(lease: Lease, at: datetime) -> datetime:
    # One that was seen after ``at`` was so by another machine's clock; it ends no earlier.
    return at if is_misdated(lease, at) else max(at, lease.seen_at)
