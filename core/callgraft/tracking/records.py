"""What is known of one visitor, and what became of it when it was forgotten or thrown away."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from callgraft.source import Touch
from callgraft.tracking.values import Call, Lease, SessionSign

FORGOTTEN = b"(forgotten)"
"""What stands in place of a call event's body when its caller was forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLoad:
    """One page that a session loaded."""

    at: datetime
    path: str
    is_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """All that is kept of one session; ``network`` is a truncated address."""

    session: str
    visitor: str
    started_at: datetime
    device: str
    country: str
    region: str
    city: str
    network: str
    touch: Touch
    visits: tuple[PageLoad, ...] = ()
    signs: tuple[SessionSign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorRecord:
    """
    All that is kept of one visitor.

    ``calls`` are those that name the visitor in any place, without the caller's number and without
    other visitors.
    """

    site: str
    visitor: str
    sessions: tuple[SessionRecord, ...]
    leases: tuple[Lease, ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """
    How much was forgotten.

    Sessions are deleted with their page loads and signs, leases go over to nobody, calls lose the
    visitor or the caller, and events their caller and their text.
    """

    sessions: int = 0
    visits: int = 0
    signs: int = 0
    leases: int = 0
    calls: int = 0
    events: int = 0

    def __add__(self, other: Forgotten) -> Forgotten:
        mine, others = asdict(self), asdict(other)
        return Forgotten(**{name: mine[name] + others[name] for name in mine})


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much was thrown away because its time was over."""

    sessions: int = 0
    calls: int = 0
    callers: int = 0

    def __add__(self, other: Purged) -> Purged:
        mine, others = asdict(self), asdict(other)
        return Purged(**{name: mine[name] + others[name] for name in mine})

    def __bool__(self) -> bool:
        return bool(self.sessions or self.calls or self.callers)
