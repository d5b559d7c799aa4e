"""What the tracking engine takes and gives: page views, assignments, leases, calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from callgraft.geo import NOWHERE, Location
from callgraft.identity import Identity
from callgraft.tracking.call_values import (
    Attribution,
    Call,
    CallEvent,
    CallMark,
    CallState,
    Candidate,
    Proof,
    ProofKind,
)
from callgraft.tracking.numbers import Quiet, WatchedNumber
from callgraft.tracking.states import SignKind

__all__ = [
    "Assignment",
    "Attribution",
    "Call",
    "CallEvent",
    "CallMark",
    "CallState",
    "Candidate",
    "Chosen",
    "Lease",
    "LeaseState",
    "PageView",
    "PoolState",
    "Proof",
    "ProofKind",
    "SessionSign",
    "Shown",
    "Wanted",
    "Why",
]


class LeaseState(StrEnum):
    PROVISIONAL = "provisional"
    HELD = "held"
    COOLING = "cooling"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    A number wanted for one target on this page: from which pool, and the pool's terms.

    ``is_sharing`` is ``when_full = "share"``; ``per_network`` is how many provisional leases one
    network may have at a time, 0 any number; ``quarantine`` is when numbers that wait there may be
    shown, None where none waits.
    """

    target: str
    pool: str
    overflow: str | None
    hold: timedelta
    cool_off: timedelta = timedelta(0)
    is_sharing: bool = False
    per_network: int = 0
    quarantine: Quiet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """
    One page that a person was sent: what is recorded, and which numbers it needs.

    ``network`` is the visitor's address, truncated (IPv4 /24, IPv6 /48); ``device`` as in
    Circumstances; ``is_contact`` says that the page is a contact page. ``is_load`` is False for
    what a page loads besides itself: that takes the session's numbers, and is no visit.
    """

    site: str
    at: datetime
    identity: Identity
    path: str
    location: Location = NOWHERE
    device: str = "desktop"
    network: str = ""
    is_contact: bool = False
    is_load: bool = True
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSign:
    """
    What a session told of itself between page loads, with the server's time.

    Any of them is evidence of a person and a sign of life, ``hidden`` too: a provisional lease is
    held from then on.
    """

    site: str
    session: str
    at: datetime
    kind: SignKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """
    A number held by a session. Moments are aware UTC; ``number`` is E.164.

    ``network`` is where the session came from, truncated; ``is_shared`` says that another session
    has the number at the same time, as a pool with ``when_full = "share"`` allows. ``hold`` is the
    pool's: for so long each sign of life guarantees the lease once it is held.
    """

    id: str
    site: str
    pool: str
    target: str
    number: str
    visitor: str
    session: str
    state: LeaseState
    shown_at: datetime
    seen_at: datetime
    held_until: datetime
    released_at: datetime | None = None
    released_why: str = ""
    network: str = ""
    is_shared: bool = False
    hold: timedelta = timedelta(0)


class Shown(StrEnum):
    """What a visitor is shown in place of a target."""

    LEASE = "lease"
    OVERFLOW = "overflow"
    FIXED = "fixed"
    ORIGINAL = "original"


class Why(StrEnum):
    """Why a visitor is shown what an assignment says."""

    KEPT = "kept"
    """The session has the number already."""
    RETURNED = "returned"
    """The visitor had it in an earlier session."""
    FREE = "free"
    RECLAIMED = "reclaimed"
    """The hold of the session that had it was over."""
    SHARED = "shared"
    """Every number is held, and the pool shares."""
    FULL = "full"
    """Every number is held or rests, and the pool does not share."""
    NETWORK = "network"
    """The visitor's network has as many numbers as one may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """
    What the choice of a number went by.

    ``cost`` is how many calls are expected to go to a wrong visitor because the session got this
    number (one that goes to a wrong source counts as several); ``among`` how many numbers it was
    chosen from, and ``runner_up`` what would have been next, and its cost.
    """

    cost: float
    among: int = 0
    runner_up: str = ""
    runner_up_cost: float | None = None

    def __str__(self) -> str:
        told = f"chosen by cost {self.cost:.4f} among {self.among}"
        if self.runner_up_cost is None:
            return told
        return f"{told}; next {self.runner_up} with {self.runner_up_cost:.4f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """
    The number to show for one target, and where it comes from; ``number`` None: the original.

    ``chosen`` is what the choice went by, where this page view got a new lease by cost.
    """

    target: str
    shown: Shown
    number: str | None
    pool: str | None = None
    lease: Lease | None = None
    why: Why | None = None
    chosen: Chosen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """
    A pool's occupancy at one moment: counts of numbers by what they are doing.

    ``total`` are those that may be shown; each of them is one of ``provisional`` … ``free``, and
    ``shared`` are those that several sessions have. ``quarantined`` and ``draining`` come on top,
    and are listed as ``watched``.
    """

    pool: str
    total: int
    provisional: int
    held: int
    expired: int
    cooling: int
    free: int
    shared: int = 0
    quarantined: int = 0
    draining: int = 0
    leases: tuple[Lease, ...] = ()
    watched: tuple[WatchedNumber, ...] = ()
