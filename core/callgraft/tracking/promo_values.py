"""Promo codes as values: what is asked for, what is kept, and what a caller's code tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callgraft.tracking.records import SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoWanted:
    """A code wanted for a session's pages, of ``digits`` digits while there are enough such."""

    site: str
    session: str
    visitor: str
    at: datetime
    digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoCode:
    """A code that a session was given: no other session of the site has it, and this no other."""

    site: str
    code: str
    session: str
    visitor: str
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoVisit:
    """
    Whose code it is.

    ``stay`` is that session with its touch and its pages; None for the moment in which its first
    page view is not written yet.
    """

    code: PromoCode
    stay: SessionRecord | None = None
