"""
What a store promises; every store passes the contract suite in ``tests/core/stores``.

A store keeps; which number somebody gets, and when, is decided in ``callgraft.tracking``, once for
all stores. ``LeaseBook`` is apart from ``Journal`` so that leases can live elsewhere (Redis) than
what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from callgraft.errors import StoreUnavailable
from callgraft.roles import Role
from callgraft.source import Touch
from callgraft.stores.tokens import Tokens
from callgraft.tracking.states import Sign
from callgraft.tracking.values import (
    Call,
    CallEvent,
    Lease,
    LeaseState,
    PageView,
    PoolState,
    SessionSign,
)

Result = TypeVar("Result")


class Conflict(StoreUnavailable):
    """What was to be written would have broken a promise of the store; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolNumber:
    """A tracking number's place: its pool, and its position there."""

    number: str
    pool: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One version of a site's document, as it was published."""

    site: str
    version: str
    document: str
    published_at: datetime
    by: str = ""
    """Who published it: a person, a door, a token's name."""
    edition: int = 0
    """Counts up with everything that is published; a version that comes back gets a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRole:
    """What a number was to a site from ``since`` on; ``until`` None: it still is."""

    site: str
    number: str
    role: Role
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What is kept of a session: where it came from, and its page loads as signs."""

    touch: Touch
    device: str
    region: str | None
    log: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested:
    """
    What numbers may be given out: those idle, or past their hold, since ``since`` or longer.

    Those of which it is said that they will be idle only after ``beyond`` are rested too: no hold
    is that long, so a clock was wrong when it was written.
    """

    since: datetime
    beyond: datetime


class LeaseBook(Protocol):
    """Numbers and their leases, inside one transaction."""

    def lock_pool(self, site: str, pool: str) -> None:
        """
        Be the only one who hands out numbers of the pool until the transaction ends.

        What is read afterwards is the newest. Stores that have one writer at a time do nothing.
        """
        ...

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        """The session's leases that nobody released, whether or not their hold ran out."""
        ...

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        """The newest lease that the visitor had, open or released."""
        ...

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        """Whether the number is in the pool, on no lease, and rested."""
        ...

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        """
        The rested number of the pool that is idle longest.

        Numbers never issued come first, in the order of the document. Found by an index: a pool of
        40,000 numbers is never walked through.
        """
        ...

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        """
        The open lease in ``state`` whose hold ran out first, if its number is rested.

        Of those that ran out at one moment it is the one on the lowest number.
        """
        ...

    def add_lease(self, lease: Lease) -> None:
        """
        Write an open lease; its number must be free.

        A second open lease for the number, or for the session's pool and target, must fail here
        whatever the caller did, and the transaction with it.

        :raises Conflict: from ``Store.write``.
        """
        ...

    def renew_lease(self, lease: Lease) -> bool:
        """Write state, moments and hold of an open lease; False: it is open no longer."""
        ...

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        """
        End the lease unless it was renewed or ended since.

        :param idle_since: from when on its number counts as idle; ``at``, unless a hold that is
            still guaranteed ends later.
        """
        ...

    def add_numbers(self, site: str, numbers: Sequence[PoolNumber]) -> None:
        """Put numbers where they belong; retired ones come back, new ones start as never issued."""
        ...

    def retire_numbers(self, site: str, numbers: Sequence[str]) -> None:
        """Never hand these out again; their history stays."""
        ...

    def numbers(self, site: str) -> Sequence[PoolNumber]:
        """The numbers that may be handed out."""
        ...

    def was_in_pool(self, site: str, number: str) -> str | None:
        """The pool that the number is or was in, or None."""
        ...

    def lease_of(self, site: str, number: str) -> Lease | None:
        """The number's open lease."""
        ...

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        """Who held the number, newest first; only what was shown at ``until`` or before."""
        ...

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        """The pool's numbers counted, and ``listed`` of its open leases, last seen first."""
        ...


class Journal(Protocol):
    """What happened: sessions, page loads, call events, calls, published documents."""

    def lock_site(self, site: str) -> None:
        """Be the only one who publishes a site until the transaction ends."""
        ...

    def knows_session(self, site: str, session: str) -> bool: ...

    def add_session(self, view: PageView) -> None:
        """Keep visitor, session and touch; what is there already stays as it is."""
        ...

    def add_visit(self, view: PageView) -> None:
        """Log the page load; the same page load a second time changes nothing."""
        ...

    def add_sign(self, sign: SessionSign) -> None:
        """Log what a known session told of itself; the same sign again changes nothing."""
        ...

    def stays(self, site: str, sessions: Sequence[str]) -> Mapping[str, Stay]:
        """What is known of each session; the log in order of time."""
        ...

    def lock_call(self, event: CallEvent) -> None:
        """Be the only one who works on the event's call until the transaction ends."""
        ...

    def add_event(self, event: CallEvent, *, received_at: datetime) -> bool:
        """Keep the event as it came, once per site, provider, account, id; False: it is known."""
        ...

    def event_like(self, event: CallEvent) -> CallEvent | None:
        """The event that was kept under this one's site, provider, account and id."""
        ...

    def events_of(self, event: CallEvent) -> Sequence[CallEvent]:
        """All that was told of the event's call, in any order."""
        ...

    def call_of(self, event: CallEvent) -> Call | None:
        """The event's call, as it is known: by site, provider, account and the provider's key."""
        ...

    def put_call(self, call: Call) -> None:
        """Write the call, in place of what was known of it."""
        ...

    def calls(self, site: str, *, limit: int, after: str = "") -> Sequence[Call]:
        """The newest first; only what comes behind the call with the id ``after``."""
        ...

    def call(self, site: str, call_id: str) -> Call | None: ...

    def calls_on(self, site: str, number: str, *, before: datetime, limit: int) -> Sequence[Call]:
        """The newest calls to one number that rang before ``before``."""
        ...

    def published(self, site: str) -> Published | None:
        """The document in force."""
        ...

    def version_in_force(self, site: str) -> str | None:
        """The version of the document in force; it is asked for often, the document is large."""
        ...

    def editions(self, site: str, *, limit: int) -> Sequence[Published]:
        """What was published, newest first."""
        ...

    def sites(self) -> Sequence[str]:
        """The keys of the sites that have a document, in alphabetical order."""
        ...

    def add_published(self, published: Published) -> None:
        """Make this the document in force, with the next edition; the earlier ones are kept."""
        ...


class Roles(Protocol):
    """What numbers are, and were."""

    def roles_in_force(self, site: str) -> Mapping[str, NumberRole]:
        """What the numbers of the document in force are, by number."""
        ...

    def roles_of(self, site: str, number: str) -> Sequence[NumberRole]:
        """All that the number is and was to the site, newest first."""
        ...

    def roles_elsewhere(self, site: str, asked: Sequence[str]) -> Sequence[NumberRole]:
        """What the numbers are to other sites of this store."""
        ...

    def put_roles(self, roles: Sequence[NumberRole]) -> None:
        """Write these, in their order, in place of those of the same site, number and moment."""
        ...


class Transaction(LeaseBook, Journal, Roles, Tokens, Protocol):
    """Everything of it happens, or nothing."""


class Store(Protocol):
    """
    A place that keeps what tracking knows, shared by any number of threads and processes.

    :raises StoreUnavailable: from any method, when the store does not answer.
    """

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        """
        Run ``work`` in one transaction, and return its result once that is kept.

        A crash of this process takes nothing back; with ``for_good`` not even a power cut does.

        ``work`` sees everything that was written before, and nobody sees a part of it. It may be
        run again from the start when another process was in the way, so it does nothing but
        read and write its transaction.
        """
        ...

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work``, which only reads, on one consistent view of the store."""
        ...

    def secret(self) -> bytes:
        """32 random bytes, made once however many ask first at the same time."""
        ...

    def close(self) -> None: ...
