"""What a store promises about reports: calls and sessions in pages, and what pools had to give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callgraft.source import Touch
from callgraft.tracking.values import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A session as reports need it: who came whence, when and from where."""

    visitor: str
    session: str
    at: datetime
    touch: Touch
    device: str = ""
    country: str = ""
    region: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolHour:
    """How many sessions a pool answered in one way within an hour, which began at ``hour``."""

    pool: str
    hour: datetime
    outcome: str
    sessions: int


class Reports(Protocol):
    """What reports are made of, in portions, so that no report needs more than a few of them."""

    def calls_between(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Call]:
        """
        Calls that rang from ``since`` on and before ``until``, the oldest first.

        :param after: the id of a call that rang at ``since``; only those that come behind it.
        """
        ...

    def sessions_of_all(self, site: str, visitors: Sequence[str]) -> Mapping[str, Sequence[Came]]:
        """The sessions of each visitor, in order of time; nobody's are left out."""
        ...

    def sessions_by_visitor(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Came]:
        """
        Sessions that began in that time, by visitor and then by time.

        All of a visitor's are told at once, so there may be more than ``limit``.

        :param after: a visitor; only the sessions of those that come behind.
        """
        ...

    def is_dry(self, site: str, session: str, pool: str) -> bool:
        """Whether the pool once had no number for the session."""
        ...

    def put_dry(self, site: str, session: str, pool: str) -> None:
        """Remember that the pool had no number for the session; it goes with the session."""
        ...

    def add_pool_hours(self, site: str, counted: Sequence[PoolHour]) -> None:
        """Add these sessions to those that were counted before."""
        ...

    def pool_hours(self, site: str, *, since: datetime, until: datetime) -> Sequence[PoolHour]:
        """What was counted of hours that began in that time, in their order."""
        ...

    def drop_pool_hours(self, site: str, *, before: datetime) -> None:
        """Delete the counts of hours before."""
        ...
