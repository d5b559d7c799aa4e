"""What pools had to give: each session counts once per pool, by its first answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callgraft.stores.protocol import Transaction
from callgraft.stores.reports import PoolHour
from callgraft.tracking.values import Assignment, PageView, Shown, Why


class Outcome(StrEnum):
    """How a pool answered a session that wanted a number."""

    OWN = "own"
    """A number that nobody else had then."""
    RETURNED = "returned"
    """The same, and the one that the visitor had in an earlier session."""
    SHARED = "shared"
    OVERFLOW = "overflow"
    ORIGINAL = "original"
    NETWORK = "network"
    """None: the visitor's network had as many as one may have."""


OF_ITS_OWN = (Outcome.OWN, Outcome.RETURNED)
DRY = (Outcome.SHARED, Outcome.OVERFLOW, Outcome.ORIGINAL)
"""No number was left; robots of one network are no reason to buy any."""


@dataclass(frozen=True, slots=True)
class First:
    """A session's first answer of a pool, as far as this process knows."""

    site: str
    pool: str
    session: str
    at: datetime
    outcome: Outcome


def first_of(view: PageView, assigned: Assignment) -> First | None:
    """What an answer counts as; None for a number that the session had already."""
    if assigned.pool is None or assigned.why is Why.KEPT or assigned.why is None:
        return None
    outcome = _outcome(assigned)
    return First(view.site, assigned.pool, view.identity.session, view.at, outcome)


def count(transaction: Transaction, firsts: Iterable[First]) -> Sequence[First]:
    """Add sessions to the hours in which they came, and return those that were new."""
    counted = [first for first in firsts if _is_new(transaction, first)]
    by_site: dict[str, Counter[tuple[str, datetime, str]]] = {}
    for first in counted:
        hour = first.at.replace(minute=0, second=0, microsecond=0)
        hours = by_site.setdefault(first.site, Counter())
        hours[first.pool, hour, first.outcome.value] += 1
    for site, hours in sorted(by_site.items()):
        transaction.add_pool_hours(
            site,
            [
                PoolHour(pool=pool, hour=hour, outcome=outcome, sessions=sessions)
                for (pool, hour, outcome), sessions in hours.items()
            ],
        )
    return counted


def _is_new(transaction: Transaction, first: First) -> bool:
    """
    Whether no other process counted the session.

    One without a number is told so on each page, and by whichever process is asked.
    """
    if transaction.is_dry(first.site, first.session, first.pool):
        return False
    is_dry = first.outcome not in (*OF_ITS_OWN, Outcome.SHARED)
    if is_dry and transaction.knows_session(first.site, first.session):
        transaction.put_dry(first.site, first.session, first.pool)
    return True


def _outcome(assigned: Assignment) -> Outcome:
    match assigned.why:
        case Why.RETURNED:
            return Outcome.RETURNED
        case Why.SHARED:
            return Outcome.SHARED
        case Why.NETWORK:
            return Outcome.NETWORK
    if assigned.shown is Shown.LEASE:
        return Outcome.OWN
    return Outcome.OVERFLOW if assigned.shown is Shown.OVERFLOW else Outcome.ORIGINAL
