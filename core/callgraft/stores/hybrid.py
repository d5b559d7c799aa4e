"""
The store whose leases are in Redis, beside a SQL database.

What a page view needs no thought for, Redis gives away in one step: the session's own number again,
or a free one to somebody new. SQL is told of it within a quarter of a second, and before anybody
asks for history here: a call is attributed by all that was shown when it rang. Until then it stands
in Redis's journal, written in the same step, and in the memory of the process: of the two one must
be lost with the other before anything is.

Whatever happens to Redis, it can be filled from SQL at any time. That is done for a site that Redis
does not know (it was emptied, restarted, replaced), and where SQL refused what Redis had said. A
Redis that lost its memory is given half a second first, in which the processes tell SQL what they
gave away: no number that is on a screen is given to anybody else.

Everything else is a transaction on both. A process that dies between the two leaves in Redis a
lease that SQL does not know, and that nobody was shown, or has taken one away that SQL still has.
The first is dropped by the session's next page view; both are put right when the number is wanted
next, because then the site is loaded anew.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, select

from callgraft.errors import StoreUnavailable
from callgraft.stores.database import PATIENCE
from callgraft.stores.hybrid_leases import Behind, HybridLeases, Unsaid
from callgraft.stores.journal_of_redis import (
    AT_A_TIME,
    Read,
    Turn,
    forget_told,
    lag,
    lock_journal,
    read,
    turn,
    write,
)
from callgraft.stores.locks import lock
from callgraft.stores.protocol import Conflict, Transaction
from callgraft.stores.redis_book import Moved, RedisBook
from callgraft.stores.redis_entry import SiteKeys
from callgraft.stores.redis_loading import Loaded, is_loaded, load
from callgraft.stores.redis_prompt import Prompt, give_at_once
from callgraft.stores.redis_server import Away, Cold, RedisServer
from callgraft.stores.schema import meta
from callgraft.stores.sql import SqlStore
from callgraft.stores.telling import WITHIN, Telling
from callgraft.stores.upsert import insert_new
from callgraft.stores.waiting import Waiting
from callgraft.tracking.renewal import Costs
from callgraft.tracking.values import Assignment, Lease, PageView

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

_ATTEMPTS = 12
"""How often a transaction is run again because others were faster, or Redis had to be loaded."""

_IN_A_ROW = 4
"""After so many attempts nobody is faster every time: something is wrong with Redis's memory."""


class HybridStore(SqlStore):
    """
    A store in a SQL database with its leases in Redis.

    :param url: ``sqlite:///callgraft.db`` or ``postgresql://user@host/name``.
    :param leases: ``redis://host/0``, of one Redis or of a Redis Cluster.
    :raises BackendError: one of them names nothing that can be used.
    """

    def __init__(self, url: str, leases: str, *, patience: timedelta = PATIENCE) -> None:
        self._server = RedisServer(leases)
        super().__init__(url, patience=patience)
        self._name = self._database.write(_name_of_store)
        self._gather = 2 * WITHIN
        self._catching_up = threading.RLock()
        self._telling = Telling(self.catch_up, self._catch_up_in_turn)

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        told: set[str] = set()
        return self._in_agreement(lambda: self._write(work, told, for_good=for_good))

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        unsaid = self._telling.sites()

        def attempt(connection: Connection) -> Result:
            book = RedisBook(self._server, self._name)
            try:
                return work(HybridLeases(connection, book, unsaid=unsaid))
            except Unsaid:
                unsaid.clear()
                raise

        return self._in_agreement(lambda: self._database.read(attempt))

    def open_leases(self, view: PageView) -> Sequence[Lease] | None:
        return None  # what needs no transaction is given at once

    def at_once(
        self, view: PageView, *, costs: Costs, check: Callable[[], None]
    ) -> tuple[Assignment, ...] | None:
        """
        The answer of Redis alone, None where it takes a transaction.

        :param costs: what the numbers of a pool cost the session.
        :param check: raises when nobody waits for the answer any more.
        """

        def attempt() -> Prompt:
            check()
            return give_at_once(self._server, SiteKeys(view.site, self._name), view, costs)

        found = self._in_agreement(attempt)
        if found.waiting.key:
            self._telling.add(view.site, found.waiting)
        given = tuple(each for each in found.assigned if each is not None)
        return given if len(given) == len(view.wanted) else None

    def catch_up(self, site: str) -> None:
        """Tell SQL what Redis gave away, here and by other processes, as far as both answer."""
        with self._catching_up:
            remembered = self._telling.remembered(site)
            try:
                memory = self._tell_from_redis(site)
            except Away as error:
                logger.debug("What others gave away is told later: %s", error)
                memory = ""
            lost = [each for each in remembered if each.memory != memory]
            if lost:
                self._tell(site, lambda connection: lost)
            self._telling.forget(site, len(remembered))

    def _catch_up_in_turn(self, site: str) -> None:
        with self._catching_up:
            remembered = self._telling.remembered(site)
            try:
                found = turn(self._server, SiteKeys(site, self._name), WITHIN / 2)
            except Away:
                found = Turn(memory="", oldest="", is_mine=True)
            if found.is_mine or any(each.memory != found.memory for each in remembered):
                self.catch_up(site)
            elif found.oldest:
                self._telling.forget_before(site, found.oldest)
            else:
                self._telling.forget(site, len(remembered))

    def _tell_from_redis(self, site: str) -> str:
        """Tell what stands in the journal, and return the name of Redis's memory."""
        keys = SiteKeys(site, self._name)
        found = read(self._server, keys)
        while found.entries:
            told: list[Read] = []

            def waiting(connection: Connection, told: list[Read] = told) -> Sequence[Waiting]:
                told[:] = [read(self._server, keys)]  # another one may just have told it
                return told[0].waiting

            self._tell(site, waiting)
            forget_told(self._server, keys, told[0])
            found = read(self._server, keys) if len(told[0].entries) == AT_A_TIME else told[0]
            if found is told[0]:
                break
        return found.memory

    def _tell(self, site: str, waiting: Callable[[Connection], Sequence[Waiting]]) -> None:
        def work(connection: Connection) -> Sequence[Lease]:
            lock_journal(connection, site)
            return write(connection, site, waiting(connection))

        if self._database.write(work):
            RedisBook(self._server, self._name).forget(site)

    def is_known(self, site: str) -> bool:
        """Whether Redis knows the site's leases, and is the one that they are kept in."""
        return is_loaded(self._server, SiteKeys(site, self._name))

    def lag(self, site: str) -> timedelta:
        """How long the oldest entry of Redis's journal waits, by Redis's clock."""
        return lag(self._server, SiteKeys(site, self._name))

    def close(self) -> None:
        self._telling.close()
        super().close()
        self._server.close()

    def _write(
        self, work: Callable[[Transaction], Result], told: set[str], *, for_good: bool
    ) -> Result:
        books: list[RedisBook] = []
        changed: set[str] = set()
        touched: set[str] = set()
        """What may be committed, whatever is said of it."""

        def attempt(connection: Connection) -> Result:
            self._take_back(books, touched)
            book = RedisBook(self._server, self._name)
            books.append(book)
            transaction = HybridLeases(connection, book, told=told)
            try:
                result = work(transaction)
            except Unsaid as error:
                told.add(error.site)
                raise
            changed.update(transaction.changed)
            for site in transaction.changed:
                # Before the commit: whoever crashes after it leaves nobody with numbers of before.
                book.forget(site)
            touched.update(book.touched)
            return result

        try:
            result = self._database.write(attempt, for_good=for_good)
        except BaseException:
            self._take_back(books, touched)
            raise
        books[-1].settle()
        for site in changed:
            with suppress(StoreUnavailable):  # whoever wants a number next loads it
                self._load(site)
        return result

    def _take_back(self, books: list[RedisBook], touched: set[str]) -> None:
        """
        Undo in Redis what failed in SQL.

        A commit that is said to have failed may have worked: then the site is loaded, before a
        number that came back by this is given away.
        """
        for site in touched:
            with suppress(StoreUnavailable):
                books[-1].forget(site)
        touched.clear()
        while books:
            books.pop().undo()

    def _in_agreement(self, attempt: Callable[[], Result]) -> Result:
        attempts = 0
        while True:
            attempts += 1
            try:
                return attempt()
            except Cold as cold:
                if attempts > _ATTEMPTS:
                    raise
                self._load(cold.site)
            except Unsaid as error:
                self.catch_up(error.site)
            except (Behind, Moved) as error:
                if attempts > _ATTEMPTS:
                    raise Conflict(str(error)) from error
                if isinstance(error, Behind):
                    self._mend(error, attempts)
                elif attempts % _IN_A_ROW == 0:
                    logger.warning("%s Redis is told of them anew.", error)
                    self._load(error.site, anew=True)

    def _mend(self, error: Behind, attempts: int) -> None:
        """Tell SQL what it was not told yet; if that was not it, Redis is told what SQL has."""
        if attempts == 1 and read(self._server, SiteKeys(error.site, self._name)).entries:
            self.catch_up(error.site)
        else:
            logger.warning("%s Redis is told of them anew.", error)
            self._load(error.site, anew=True)

    def _load(self, site: str, *, anew: bool = False) -> None:
        """Make Redis know the site, one process at a time."""

        def work(connection: Connection) -> Loaded:
            lock(connection, "leases", site)
            self._name = _name_of_store(connection)  # another file may be in its place
            keys = SiteKeys(site, self._name)
            if not anew and is_loaded(self._server, keys):
                return Loaded(is_done=True)
            return load(connection, self._server, keys, gather=self._gather)

        deadline = time.monotonic() + PATIENCE.total_seconds()
        while True:
            loaded = self._database.write(work)
            if loaded.is_done:
                break
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"The leases of {site!r} could not be loaded into Redis.")
            time.sleep(loaded.wait.total_seconds())
        for told in loaded.told:
            forget_told(self._server, SiteKeys(site, self._name), told)


def _name_of_store(connection: Connection) -> str:
    """What tells this installation's leases from another one's in the same Redis."""
    wanted = select(meta.c.value).where(meta.c.key == "leases")
    known: str | None = connection.scalar(wanted)
    if known is None:
        made = {"key": "leases", "value": secrets.token_hex(4)}
        connection.execute(insert_new(connection.dialect.name, meta), made)
        known = connection.scalar(wanted) or made["value"]
    return known
