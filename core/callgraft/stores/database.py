"""One SQL database: transactions that wait their turn, and errors in Callgraft's words."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from callgraft.errors import BackendError, StoreUnavailable
from callgraft.stores import migrate
from callgraft.stores.dialects import Mode, begin, in_the_way, is_lost, make_engine
from callgraft.stores.file import DatabaseFile, FileId
from callgraft.stores.protocol import Conflict
from callgraft.stores.urls import shown

Result = TypeVar("Result")

PATIENCE = timedelta(seconds=5)
"""How long a transaction waits for others before the store counts as unavailable."""

_CONFLICTS = 5
"""How often a transaction is run again because somebody else inserted the same row."""


class Database:
    """
    A database that is there and migrated; safe from several threads, and after a fork.

    :raises BackendError: a newer version of Callgraft made it.
    :raises StoreUnavailable: it cannot be opened.
    """

    def __init__(self, url: URL, *, patience: timedelta = PATIENCE) -> None:
        self._patience = patience.total_seconds()
        self._name = shown(url)
        is_file = url.get_backend_name() == "sqlite"
        self._file = DatabaseFile(str(url.database)) if is_file else None
        if self._file:
            self._file.make()
        self._engine = make_engine(url)
        self._start_afresh()
        self.found = self._migrate()
        """The revision of the tables as they were found, None in an empty database."""
        self._file_id = self._file.id() if self._file else None

    def write(self, work: Callable[[Connection], Result], *, for_good: bool = False) -> Result:
        """Run ``work`` in a transaction that writes, again when another process was in the way."""
        mode = Mode.WRITE_FOR_GOOD if for_good else Mode.WRITE
        with self._my_turn():
            file = self._follow_file()
            result = self._again(lambda: self._once(work, mode))
            if self._file and self._file.id() != file:
                raise StoreUnavailable(f"{self._name} was replaced during a transaction.")
        return result

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on one consistent view."""
        if os.getpid() != self._process:
            self._start_afresh()
        self._follow_file()
        return self._again(lambda: self._once(work, Mode.READ))

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Run statements of which each is a transaction of its own; PostgreSQL's can be many."""
        with self._my_turn():
            return self._again(lambda: self._bare(work))

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """
        One write at a time in this process.

        SQLite's own lock is not fair and has to be polled; PostgreSQL lets as many write as there
        are connections.
        """
        if os.getpid() != self._process:
            self._start_afresh()
        turn = self._turn
        if not turn.acquire(timeout=self._patience):
            raise StoreUnavailable(f"{self._name}: other threads were writing for too long.")
        try:
            yield
        finally:
            turn.release()

    def _start_afresh(self) -> None:
        """A fork inherits its parent's connections, and locks that nobody may release."""
        self._engine.dispose(close=False)
        self._process = os.getpid()
        self._looking = threading.Lock()
        at_once = 1 if self._engine.dialect.name == "sqlite" else 10
        self._turn = threading.BoundedSemaphore(at_once)

    def _follow_file(self) -> FileId | None:
        """Go over to a file that was put in place of the one we had open, like a backup."""
        if self._file is None:
            return None
        with self._looking:
            if (now := self._file.id()) != self._file_id:
                self._engine.dispose()
                try:
                    self._migrate()
                except BackendError as error:
                    raise StoreUnavailable(str(error)) from error
                self._file_id = now
            return now

    def _migrate(self) -> str | None:
        return self._again(
            lambda: self._once(
                lambda here: migrate.upgrade(here, shown=self._name), Mode.WRITE_FOR_GOOD
            )
        )

    def _once(self, work: Callable[[Connection], Result], mode: Mode) -> Result:
        with self._engine.begin() as connection:
            begin(connection, mode, patience=self._patience)
            return work(connection)

    def _bare(self, work: Callable[[Connection], Result]) -> Result:
        with self._engine.connect() as connection:
            return work(connection)

    def _again(self, attempt: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + self._patience
        conflicts = losses = 0
        while True:
            try:
                return attempt()
            except IntegrityError as error:
                conflicts += 1
                if conflicts > _CONFLICTS or not in_the_way(error):
                    raise Conflict(f"{self._name}: {error.orig}") from error
            except NoConnection as error:
                raise StoreUnavailable(f"{self._name}: {_reason(error)}") from error
            except (DBAPIError, sqlite3.Error) as error:
                if is_lost(error) and not losses:
                    # Once, on a new connection: the old ones went with a server that is back.
                    losses += 1
                    self._engine.dispose()
                    continue
                if not in_the_way(error) or time.monotonic() > deadline:
                    raise StoreUnavailable(f"{self._name}: {_reason(error)}") from error
            time.sleep(random.uniform(0.001, 0.01))  # noqa: S311 - a dice, not a secret


def _reason(error: DBAPIError | NoConnection | sqlite3.Error) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error)
