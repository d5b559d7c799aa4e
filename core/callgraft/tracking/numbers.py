"""The numbers of the pools: where each stands, and whether it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class NumberState(StrEnum):
    """
    What is done with a number of a pool.

    ``active``: shown; ``quarantined``: bought used, and shown once strangers ring it no more;
    ``draining``: shown no more, and watched until nobody rings it; ``retired``: that is over.
    """

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    DRAINING = "draining"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """When a number counts as quiet: at most ``calls`` calls within ``span``."""

    span: timedelta
    calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolNumber:
    """
    A tracking number's place: its pool, and its position there; and its state.

    ``state_why`` is ``listed`` (the document says so), ``left`` (it left the document), ``moved``
    (the document made something else of it) or ``quiet`` (nobody rang it for long enough).
    ``due_at`` is when the state may change by itself, None where it never does.
    """

    number: str
    pool: str
    position: int
    state: NumberState = NumberState.ACTIVE
    state_since: datetime
    state_why: str = "listed"
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedNumber:
    """A number that is not shown while it is found out whether people still ring it."""

    number: str
    state: NumberState
    since: datetime
    why: str
    due_at: datetime | None
    last_call_at: datetime | None
