"""What is told of a session after a call that it bears on: the call is looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from callgraft.stores.protocol import Transaction
from callgraft.tracking.rescoring import LOG_WAIT, log_is_late
from callgraft.tracking.values import PageView, SessionSign

Told = tuple[str, str, datetime]
"""Site, session, and when it did what is told of it."""


def of_views(views: Iterable[PageView]) -> list[Told]:
    return [(view.site, view.identity.session, view.at) for view in views]


def of_signs(signs: Iterable[SessionSign]) -> list[Told]:
    return [(sign.site, sign.session, sign.at) for sign in signs]


def has_late(told: Iterable[Told], *, now: datetime) -> bool:
    """Whether calls may have been attributed without some of this."""
    return any(now - at > LOG_WAIT for _, _, at in told)


def heed(transaction: Transaction, told: Iterable[Told], *, now: datetime) -> None:
    """
    Make calls due that rang before this was told, and after it happened.

    What comes in time costs a comparison: so long every call is waited for anyway.
    """
    late: dict[tuple[str, str], datetime] = {}
    for site, session, at in told:
        if now - at > LOG_WAIT:
            late[site, session] = min(at, late.get((site, session), at))
    for (site, session), since in sorted(late.items()):
        log_is_late(transaction, site, session, since=since, at=now)
