"""A Site document comes into force: its pools get their numbers, and lose those it dropped."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from callgraft.errors import NotPublished
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.protocol import Published, Transaction
from callgraft.tracking.holds import is_guaranteed, is_misdated
from callgraft.tracking.role_history import check_owners, keep_roles, knows_roles


def version_of(site: Site) -> str:
    """The document's version; a site that was put together in Python gets one from its parts."""
    return site.version or sha256(repr(site).encode()).hexdigest()


def publish(transaction: Transaction, site: Site, *, at: datetime, by: str = "") -> None:
    """
    Make ``site`` the document in force; the version that is in force changes nothing.

    A number that left its pool is shown no more: its lease ends, and the session's next page view
    brings another. Its history stays, so calls from pages that are still open are attributed.
    Another pool, or another session, gets the number when the lease's hold would have ended.

    :raises SiteError: another site of the store tracks with one of its numbers.
    """
    transaction.lock_site(site.key)
    in_force = transaction.published(site.key)
    version = version_of(site)
    if in_force and in_force.version == version:
        if not knows_roles(transaction, site):
            check_owners(transaction, site)
            keep_roles(transaction, site, at=in_force.published_at)
        return
    check_owners(transaction, site)
    keep_roles(transaction, site, at=at)
    _sync_numbers(transaction, site, at)
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


def pool_numbers(site: Site) -> dict[str, PoolNumber]:
    """The numbers of all pools of the document, by number."""
    return {
        number.e164: PoolNumber(number=number.e164, pool=pool.key, position=position)
        for pool in site.pools.values()
        for position, number in enumerate(pool.numbers)
    }


def _sync_numbers(transaction: Transaction, site: Site, at: datetime) -> None:
    wanted = pool_numbers(site)
    there = {each.number: each for each in transaction.numbers(site.key)}
    for pool in sorted({each.pool for each in (*wanted.values(), *there.values())}):
        transaction.lock_pool(site.key, pool)
    for number, before in there.items():
        after = wanted.get(number)
        if after is None or after.pool != before.pool:
            _end_lease(transaction, site.key, number, at, "moved" if after else "retired")
    transaction.retire_numbers(site.key, [number for number in there if number not in wanted])
    changed = [each for number, each in wanted.items() if there.get(number) != each]
    transaction.add_numbers(site.key, changed)


def _end_lease(transaction: Transaction, site: str, number: str, at: datetime, why: str) -> None:
    while lease := transaction.lease_of(site, number):
        # One that was seen after ``at`` was so by another machine's clock; it ends no earlier.
        end = at if is_misdated(lease, at) else max(at, lease.seen_at)
        # Its session has the number on the screen: nobody else gets it before the hold is over.
        idle_since = lease.held_until if is_guaranteed(lease, at) else end
        if transaction.release_lease(lease, at=end, why=why, idle_since=idle_since):
            return
