"""A page view: who came whence is recorded, and every wanted target gets its number."""

from __future__ import annotations

from collections.abc import Sequence

from callgraft.errors import NotPublished
from callgraft.stores.protocol import Transaction
from callgraft.tracking.allocation import assign
from callgraft.tracking.offers import Prices
from callgraft.tracking.values import Assignment, PageView, Shown


def page_view(
    transaction: Transaction, view: PageView, prices: Prices | None = None
) -> tuple[Assignment, ...]:
    """
    Record one page view and return the number for each wanted target.

    :param prices: tell what a number costs, as for :func:`callgraft.tracking.allocation.assign`.
    :raises NotPublished: there are no numbers because nobody has published the site here.
    """
    if not transaction.knows_session(view.site, view.identity.session):
        transaction.add_session(view)
    if view.is_load:
        transaction.add_visit(view)
    assigned = assign(transaction, view, prices)
    is_dry = any(each.shown is not Shown.LEASE for each in assigned)
    if is_dry and transaction.version_in_force(view.site) is None:
        raise NotPublished(view.site)
    return assigned


def page_views(
    transaction: Transaction, views: Sequence[PageView], prices: Prices | None = None
) -> Sequence[tuple[Assignment, ...]]:
    """The same for each of several, in their order."""
    if len(views) > 1:
        # All at once and in one order for everybody, or two of these could wait for each other.
        for site, pool in sorted(
            {(view.site, each.pool) for view in views for each in view.wanted}
        ):
            transaction.lock_pool(site, pool)
    return [page_view(transaction, view, prices) for view in views]
