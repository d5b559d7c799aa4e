"""
The store whose leases are in Redis, beside a SQL database.

What it promises, whatever happens to Redis: every lease that was shown to anybody is in SQL, so
Redis can be filled from there at any time. That is done for a site that Redis does not know (it was
emptied, restarted, replaced), and where SQL refused what Redis had said.

A process that dies between the two leaves in Redis a lease that SQL does not know, and that nobody
was shown, or has taken one away that SQL still has. The first is dropped by the session's next page
view; both are put right when the number is wanted next, because SQL refuses.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, select

from callgraft.errors import StoreUnavailable
from callgraft.stores import renewing
from callgraft.stores.database import PATIENCE
from callgraft.stores.hybrid_leases import Behind, HybridLeases
from callgraft.stores.locks import lock
from callgraft.stores.protocol import Conflict, Transaction
from callgraft.stores.redis_book import Moved, RedisBook
from callgraft.stores.redis_entry import SiteKeys
from callgraft.stores.redis_loading import is_loaded, load
from callgraft.stores.redis_server import Cold, RedisServer
from callgraft.stores.schema import meta
from callgraft.stores.sql import SqlStore
from callgraft.stores.upsert import insert_new
from callgraft.tracking.values import Lease, PageView

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

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        return self._in_agreement(lambda: self._write(work, for_good=for_good))

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        def attempt(connection: Connection) -> Result:
            return work(HybridLeases(connection, RedisBook(self._server, self._name)))

        return self._in_agreement(lambda: self._database.read(attempt))

    def open_leases(self, view: PageView) -> Sequence[Lease] | None:
        # SQLite has no round trips that could be saved.
        if not self._database.is_postgresql:
            return None
        try:
            found = RedisBook(self._server, self._name).open(view.site, view.identity.session)
        except Cold:
            return None
        return [entry.lease for entry in found] or None

    def renew(self, view: PageView, lease: Lease) -> bool:
        book = RedisBook(self._server, self._name)
        try:
            renewed = book.renew(lease)
            if renewed is None:
                return False
            if not self._database.run(
                lambda here: _log(here, view, renewed.lease, renewed.is_sure)
            ):
                book.undo()
                return False
        except Cold:
            return False
        except Conflict:  # SQL does not know the session either
            book.undo()
            return False
        except BaseException:
            book.undo()
            raise
        if not renewed.is_sure:
            book.tell(lease)
            book.settle()
        return True

    def close(self) -> None:
        super().close()
        self._server.close()

    def _write(self, work: Callable[[Transaction], Result], *, for_good: bool) -> Result:
        books: list[RedisBook] = []
        changed: set[str] = set()

        def attempt(connection: Connection) -> Result:
            _undo(books)  # of an attempt whose commit failed
            book = RedisBook(self._server, self._name)
            books.append(book)
            transaction = HybridLeases(connection, book)
            result = work(transaction)
            changed.update(transaction.changed)
            for site in transaction.changed:
                # Before the commit: whoever crashes after it leaves nobody with numbers of before.
                book.forget(site)
            return result

        try:
            result = self._database.write(attempt, for_good=for_good)
        except BaseException:
            _undo(books)
            raise
        books[-1].settle()
        for site in changed:
            with suppress(StoreUnavailable):  # whoever wants a number next loads it
                self._load(site)
        return result

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
            except (Behind, Moved) as error:
                if attempts > _ATTEMPTS:
                    raise Conflict(str(error)) from error
                if isinstance(error, Behind) or attempts % _IN_A_ROW == 0:
                    logger.warning("%s Redis is told of them anew.", error)
                    self._load(error.site, anew=True)

    def _load(self, site: str, *, anew: bool = False) -> None:
        """Make Redis know the site, one process at a time."""

        def work(connection: Connection) -> bool:
            lock(connection, "leases", site)
            self._name = _name_of_store(connection)  # another file may be in its place
            keys = SiteKeys(site, self._name)
            return (not anew and is_loaded(self._server, keys)) or load(
                connection, self._server, keys
            )

        deadline = time.monotonic() + PATIENCE.total_seconds()
        while not self._database.write(work):
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"The leases of {site!r} could not be loaded into Redis.")


def _undo(books: list[RedisBook]) -> None:
    while books:
        books.pop().undo()


def _log(connection: Connection, view: PageView, lease: Lease, is_sure: bool) -> bool:
    """Log the page view, and tell SQL of a renewal that it has to know of."""
    if not is_sure:
        return renewing.renew(connection, view, lease)
    if view.is_load:
        renewing.log_visit(connection, view)
    return True


def _name_of_store(connection: Connection) -> str:
    """What tells this installation's leases from another one's in the same Redis."""
    wanted = select(meta.c.value).where(meta.c.key == "leases")
    known: str | None = connection.scalar(wanted)
    if known is None:
        made = {"key": "leases", "value": secrets.token_hex(4)}
        connection.execute(insert_new(connection.dialect.name, meta), made)
        known = connection.scalar(wanted) or made["value"]
    return known
