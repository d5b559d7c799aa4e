"""
What a store promises; every store passes the contract suite in ``tests/core/stores``.

A store keeps; which number somebody gets, and when, is decided in ``callgraft.tracking``, once for
all stores. What it keeps of numbers and leases is a ``LeaseBook``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from callgraft.errors import StoreUnavailable
from callgraft.roles import Role
from callgraft.source import Touch
from callgraft.stores.lease_book import LeaseBook
from callgraft.stores.people import People
from callgraft.stores.promo import PromoCodes
from callgraft.stores.reports import Reports
from callgraft.stores.tokens import Tokens
from callgraft.tracking.states import Sign
from callgraft.tracking.values import Call, CallEvent, PageView, Proof, SessionSign

Result = TypeVar("Result")


class Conflict(StoreUnavailable):
    """What was to be written would have broken a promise of the store; nothing was written."""


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
    visitor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCall:
    """A call, by its id, that is to be attributed again, and because of what."""

    site: str
    call: str
    due_at: datetime
    why: str


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

    def lock_call(self, told: CallEvent | Call) -> None:
        """Be the only one who works on the call, or the event's, until the transaction ends."""
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

    def add_proof(self, proof: Proof) -> None:
        """Keep what is known of who made a call; the same proof again changes nothing."""
        ...

    def proofs(self, site: str, calls: Sequence[str]) -> Mapping[str, Sequence[Proof]]:
        """What is known of each of these calls, by their ids; calls without any are left out."""
        ...

    def drop_proofs(self, site: str, visitor: str, sessions: Sequence[str]) -> None:
        """Delete the proofs that name the visitor or one of these sessions."""
        ...

    def put_due(self, due: DueCall) -> None:
        """Have the call attributed again, in place of what was due of it."""
        ...

    def due_calls(self, *, by: datetime, limit: int) -> Sequence[DueCall]:
        """What is due by then, of all sites, in order of time."""
        ...

    def take_due(self, site: str, call: str) -> bool:
        """Whether the call was due; it no longer is."""
        ...

    def heard(self, site: str, session: str, *, since: datetime, limit: int) -> Sequence[Call]:
        """Calls that rang from ``since`` on, on a number the session had been shown; the oldest."""
        ...

    def calls_later(self, site: str, number: str, *, after: datetime, limit: int) -> Sequence[Call]:
        """The oldest calls to one number that rang after ``after``."""
        ...

    def tables(self, site: str, version: str = "") -> str | None:
        """The weights that the site learned, as text: those in force, or of one version."""
        ...

    def put_tables(self, site: str, version: str, text: str) -> None:
        """Keep learned weights, and put them in force."""
        ...

    def lock_caller(self, site: str, caller: str) -> None:
        """Be the only one who works on calls of this phone until the transaction ends."""
        ...

    def calls_by(self, site: str, caller: str, *, limit: int) -> Sequence[Call]:
        """The newest calls of one phone."""
        ...

    def calls_on(
        self,
        site: str,
        number: str,
        *,
        since: datetime | None = None,
        before: datetime,
        limit: int,
    ) -> Sequence[Call]:
        """The newest calls to one number that rang before ``before``, and not before ``since``."""
        ...

    def published(self, site: str) -> Published | None:
        """The document in force."""
        ...

    def version_in_force(self, site: str) -> str | None:
        """The version of the document in force; it is asked for often, the document is large."""
        ...

    def edition(self, site: str, edition: int) -> Published | None:
        """What was published as that edition."""
        ...

    def editions(self, site: str, *, limit: int) -> Sequence[Published]:
        """What was published, newest first."""
        ...

    def sites(self) -> Mapping[str, str]:
        """The sites that have a document, each with the version in force."""
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


class Transaction(LeaseBook, Journal, Roles, People, PromoCodes, Reports, Tokens, Protocol):
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
