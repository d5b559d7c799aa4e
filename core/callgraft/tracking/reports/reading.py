"""Calls read page by page, with the sessions that may have made them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from callgraft.stores.protocol import NumberRole, Store, Transaction
from callgraft.tracking.reports.pieces import Sessions
from callgraft.tracking.values import Call

PAGE = 500
"""Calls read at once: a report must not keep others from a store, nor need much memory."""

Step = Callable[[float, float], object]
"""Told what is done, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsRead:
    """Some calls, the sessions of all who may have made them, and what new numbers were."""

    calls: Sequence[Call]
    sessions: Sessions
    roles: dict[str, Sequence[NumberRole]]


def calls_read(
    store: Store, site: str, *, since: datetime, until: datetime, step: Step | None = None
) -> Iterator[CallsRead]:
    """Read the calls of a time, the oldest first; each page is one consistent view."""
    known: dict[str, Sequence[NumberRole]] = {}
    at, after, whole = since, "", (until - since).total_seconds()
    while True:
        page = store.read(
            partial(_page, site=site, since=at, until=until, after=after, known=known)
        )
        known = page.roles
        if page.calls:
            yield page
        if len(page.calls) < PAGE:
            return
        at, after = page.calls[-1].rang_at, page.calls[-1].id
        if step:
            step((at - since).total_seconds(), whole)


def _page(
    transaction: Transaction,
    *,
    site: str,
    since: datetime,
    until: datetime,
    after: str,
    known: dict[str, Sequence[NumberRole]],
) -> CallsRead:
    calls = transaction.calls_between(site, since=since, until=until, limit=PAGE, after=after)
    visitors = {each.visitor for call in calls for each in call.attribution.candidates}
    new = {call.number for call in calls}.difference(known)
    return CallsRead(
        calls=calls,
        sessions=transaction.sessions_of_all(site, sorted(visitors - {""})),
        roles=known | {number: transaction.roles_of(site, number) for number in new},
    )
