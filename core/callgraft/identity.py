"""Who a visitor is: visitor and session ids, kept in a first-party signed cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from callgraft.source import Touch

SESSION_IDLE = timedelta(minutes=30)
"""A session ends after this long without a page view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    One visitor in one session, at one page view.

    The cookie carries all of it, so that no store is asked who somebody is. ``touch`` is the one
    that opened the session: rules look at it for the whole stay, so a number never changes between
    two pages. ``pages`` counts this page view too; ``seen_at`` is the page view's moment.
    """

    visitor: str
    session: str
    first_seen_at: datetime
    session_started_at: datetime
    seen_at: datetime
    pages: int
    touch: Touch

    @property
    def is_returning(self) -> bool:
        """The visitor was here before this session."""
        return self.first_seen_at < self.session_started_at
