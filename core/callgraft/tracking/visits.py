"""A page view: who came whence is recorded, and every wanted target gets its number."""

from __future__ import annotations

from callgraft.stores.protocol import Transaction
from callgraft.tracking.allocation import assign
from callgraft.tracking.values import Assignment, PageView


def page_view(transaction: Transaction, view: PageView) -> tuple[Assignment, ...]:
    """Record one page view and return the number for each wanted target."""
    if not transaction.knows_session(view.site, view.identity.session):
        transaction.add_session(view)
    if view.is_load:
        transaction.add_visit(view)
    return assign(transaction, view)
