"""A page view: who came whence is recorded, and every wanted target gets its number."""

from __future__ import annotations

from callgraft.errors import NotPublished
from callgraft.stores.protocol import Transaction
from callgraft.tracking.allocation import assign
from callgraft.tracking.values import Assignment, PageView, Shown


def page_view(transaction: Transaction, view: PageView) -> tuple[Assignment, ...]:
    """
    Record one page view and return the number for each wanted target.

    :raises NotPublished: there are no numbers because nobody has published the site here.
    """
    if not transaction.knows_session(view.site, view.identity.session):
        transaction.add_session(view)
    if view.is_load:
        transaction.add_visit(view)
    assigned = assign(transaction, view)
    is_dry = any(each.shown is not Shown.LEASE for each in assigned)
    if is_dry and transaction.published(view.site) is None:
        raise NotPublished(view.site)
    return assigned
