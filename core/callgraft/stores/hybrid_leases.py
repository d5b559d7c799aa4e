"""Leases in Redis, and their history in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from callgraft.errors import StoreUnavailable
from callgraft.stores.lease_book import Candidate, Rested
from callgraft.stores.locks import lock
from callgraft.stores.protocol import Conflict, Stay
from callgraft.stores.redis_book import RedisBook
from callgraft.stores.redis_entry import Word, micros
from callgraft.stores.schema import leases, numbers
from callgraft.stores.sql import SqlTransaction
from callgraft.tracking.numbers import NumberState, PoolNumber
from callgraft.tracking.values import Lease, LeaseState, PoolState

_OFFERED = 20
"""Up to so many numbers that come into a pool are found before the site is loaded anew."""


class Behind(StoreUnavailable):
    """Redis and SQL do not agree about the site: SQL's word counts, and Redis has to be loaded."""

    def __init__(self, site: str) -> None:
        super().__init__(f"Redis and the database do not agree about the leases of {site!r}.")
        self.site = site


class Unsaid(StoreUnavailable):
    """Numbers were given away that SQL was not told of yet."""

    def __init__(self, site: str) -> None:
        super().__init__(f"The database was not told all about {site!r} yet.")
        self.site = site


class HybridLeases(SqlTransaction):
    """
    One transaction, on a SQL database and on Redis.

    Who gets what is asked of Redis. What it answers is written to SQL in the same transaction
    before anybody is shown it; only the renewals that change nothing but the end of a hold stay in
    Redis, until SQL's copy is too far behind. SQL has the last word: its unique indexes refuse a
    second lease whatever Redis forgot, and a lease that it does not confirm is none. Where it was
    not told yet what Redis gave away by itself, it is told, and the transaction run again.

    :param unsaid: the sites of which this process gave numbers away.
    :param told: the sites of which SQL was told on behalf of this very transaction.
    """

    def __init__(
        self,
        connection: Connection,
        book: RedisBook,
        *,
        unsaid: Set[str] = frozenset(),
        told: Set[str] = frozenset(),
    ) -> None:
        super().__init__(connection)
        self._book = book
        self._unsaid, self._told = unsaid, told
        self.changed: set[str] = set()
        """The sites whose numbers are others after this transaction."""

    def lock_pool(self, site: str, pool: str) -> None:
        """
        Keep out who fills Redis from SQL, which must not miss what this transaction does.

        Nobody else: each change compares what was read with what is there.
        """
        lock(self._connection, "leases", site, together=True)

    def lock_site(self, site: str) -> None:
        super().lock_site(site)
        lock(self._connection, "leases", site)

    def open_leases(self, site: str, session: str) -> Sequence[Lease]:
        return [entry.lease for entry in self._book.open(site, session)]

    def last_lease(self, site: str, visitor: str, pool: str, target: str) -> Lease | None:
        last = super().last_lease(site, visitor, pool, target)
        if last is None and site not in self._told and self._book.had(site, visitor, pool, target):
            raise Unsaid(site)
        return self._book.newest([last])[0] if last else None

    def is_free(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        return self._book.take_this(site, pool, number, rested)

    def free_number(self, site: str, pool: str, rested: Rested) -> str | None:
        return self._book.take_idle(site, pool, rested)

    def candidates(
        self, site: str, pool: str, rested: Rested, *, limit: int
    ) -> Sequence[Candidate]:
        return self._book.candidates(site, pool, rested, limit)

    def expired_lease(
        self, site: str, pool: str, state: LeaseState, rested: Rested
    ) -> Lease | None:
        return self._book.expired(site, pool, state, rested)

    def silent_leases(
        self, site: str, pool: str, state: LeaseState, *, limit: int
    ) -> Sequence[Lease]:
        return [entry.lease for entry in self._book.silent(site, pool, state, limit)]

    def leases_of_network(
        self, site: str, pool: str, network: str, rested: Rested, *, limit: int
    ) -> Mapping[LeaseState, int]:
        return self._book.of_network(site, pool, network, rested, limit)

    def open_on(self, site: str, number: str) -> Sequence[Lease]:
        return self._book.newest(super().open_on(site, number))

    def leases_on(
        self, site: str, number: str, *, until: datetime | None = None, limit: int
    ) -> Sequence[Lease]:
        return self._as_known(super().leases_on(site, number, until=until, limit=limit))

    def leases_of(self, site: str, visitor: str) -> Sequence[Lease]:
        return self._as_known(super().leases_of(site, visitor))

    def stays(self, site: str, asked: Sequence[str]) -> Mapping[str, Stay]:
        if site in self._unsaid:
            raise Unsaid(site)
        return super().stays(site, asked)

    def add_lease(self, lease: Lease) -> None:
        self._book.add(lease)
        with _confirmed(lease.site):
            super().add_lease(lease)

    def share_number(self, lease: Lease) -> bool:
        if not self._book.share(lease):
            return False
        self._lock_company(lease)
        with _confirmed(lease.site):
            return _agreed(super().share_number(lease), lease)

    def renew_lease(self, lease: Lease) -> bool:
        renewed = self._book.renew(lease)
        if renewed is None:
            return False
        if renewed.word is not Word.SURE:
            self._book.tell(lease)
            return _agreed(super().renew_lease(renewed.lease), lease)
        return True

    def release_lease(
        self, lease: Lease, *, at: datetime, why: str, idle_since: datetime | None = None
    ) -> bool:
        ended = self._book.release(lease, idle_since or at)
        if ended is None:
            return False
        if ended.lease.is_shared:
            self._lock_company(lease)
        as_told = replace(lease, held_until=ended.told)
        return _agreed(super().release_lease(as_told, at=at, why=why, idle_since=idle_since), lease)

    def put_numbers(self, site: str, changed: Sequence[PoolNumber]) -> None:
        if changed:
            self._change(site)
            super().put_numbers(site, changed)
            self._offer(site, [each for each in changed if each.state is NumberState.ACTIVE])

    def hand_over(self, lease: Lease, *, visitor: str, session: str) -> None:
        self._change(lease.site)
        super().hand_over(lease, visitor=visitor, session=session)

    def drop_leases(self, site: str, of: Sequence[tuple[str, str]]) -> None:
        if self._has_open(site, [session for session, _ in of]):
            self._change(site)
        super().drop_leases(site, of)

    def pool_state(
        self, site: str, pool: str, *, at: datetime, cool_off: timedelta, listed: int
    ) -> PoolState:
        state = super().pool_state(site, pool, at=at, cool_off=cool_off, listed=listed)
        newest = sorted(self._book.newest(state.leases), key=lambda lease: lease.number)
        newest.sort(key=lambda lease: lease.seen_at, reverse=True)
        return replace(state, leases=tuple(newest))

    def _leases_of(self, site: str, pool: str, at: datetime, rested: datetime) -> Mapping[str, int]:
        counts = dict.fromkeys(("provisional", "held", "resting", "expired", "shared"), 0)
        for ends in self._book.ends(site, pool).values():
            counts[_doing(ends, micros(at), micros(rested))] += 1
            counts["shared"] += len(ends) > 1
        return counts

    def _lock_company(self, lease: Lease) -> None:
        """
        Be the only one in SQL who comes to the lease's number, or leaves it.

        Of two who leave at once each would see the other one there, and nobody would say that who
        is left has the number alone.
        """
        lock(self._connection, "company", lease.site, lease.number)

    def _as_known(self, found: Sequence[Lease]) -> Sequence[Lease]:
        """
        The leases, the open ones as Redis knows them while it answers.

        Calls are attributed by who was shown the number, which SQL knows: they must not wait for
        Redis to come back.
        """
        try:
            return self._book.newest(found)
        except StoreUnavailable:
            return found

    def _has_open(self, site: str, sessions: Sequence[str]) -> bool:
        found = select(leases.c.id).where(
            leases.c.site == site, leases.c.session.in_(sessions), leases.c.released_at.is_(None)
        )
        return self._connection.scalar(found.limit(1)) is not None

    def _offer(self, site: str, active: Sequence[PoolNumber]) -> None:
        """A few may be let out by the very page view that wants them; a document is loaded."""
        if 0 < len(active) <= _OFFERED:
            found = select(numbers.c.number, numbers.c.idle_since).where(
                numbers.c.site == site,
                numbers.c.number.in_([each.number for each in active]),
                numbers.c.lease.is_(None),
            )
            idle = {row.number: row.idle_since for row in self._connection.execute(found)}
            for each in active:
                if each.number in idle:
                    self._book.offer(site, each, idle[each.number])

    def _change(self, site: str) -> None:
        """From here to the commit nobody loads the site: it would be with numbers of before."""
        lock(self._connection, "leases", site)
        self.changed.add(site)


@contextmanager
def _confirmed(site: str) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, Conflict) as error:
        raise Behind(site) from error


def _agreed(is_so: bool, lease: Lease) -> bool:
    if not is_so:
        raise Behind(lease.site)
    return True


def _doing(ends: Sequence[tuple[LeaseState, int]], at: int, rested: int) -> str:
    """What a number does, by the best that one of its leases is."""
    last = max(until for _, until in ends)
    if last > at:
        held = any(state is LeaseState.HELD and until > at for state, until in ends)
        return "held" if held else "provisional"
    return "resting" if last > rested else "expired"
