"""A SQLAlchemy engine whose transactions behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import sqlite3
import time
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from callgraft.errors import BackendError
from callgraft.stores.urls import shown


def make_engine(url: URL) -> Engine:
    """Return an engine whose transactions have to be begun with ``begin``."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    try:
        # A server that does not answer must not hold up a page for the minutes that TCP waits.
        waits = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
        return create_engine(
            url,
            # Transactions begin and end by our own words; psycopg would send each word apart.
            connect_args=waits | {"autocommit": True},
            pool_timeout=5,
            hide_parameters=True,  # callers' numbers, in the text of every error
        )
    except ModuleNotFoundError as error:
        cure = 'Install it: pip install "callgraft[postgresql]".'
        raise BackendError("backend", shown(url), "needs psycopg.", cure) from error


class Mode(Enum):
    """What a transaction is for."""

    READ = "read"
    WRITE = "write"
    WRITE_FOR_GOOD = "write for good"
    """What is committed is there after a power cut, too."""


def begin(connection: Connection, mode: Mode, *, patience: float) -> None:
    """
    Begin the transaction that SQLAlchemy believes to have begun.

    Not by a listener for its ``begin``, which would make every statement a quarter slower.

    :param patience: seconds to wait until other processes have written.
    """
    if connection.dialect.name == "sqlite":
        _begin_sqlite(connection, mode, patience)
        return
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(_BEGIN[mode])
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(_BEGIN[mode], None, error) from error


_BEGIN = {
    Mode.READ: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    Mode.WRITE: "BEGIN; SET LOCAL synchronous_commit = off",
    Mode.WRITE_FOR_GOOD: "BEGIN",
}


def is_lost(error: DBAPIError | sqlite3.Error) -> bool:
    """Whether the server went away, or threw us out, with the transaction under way."""
    driver = getattr(error, "orig", None)
    code = getattr(driver, "sqlstate", "none of PostgreSQL's")
    # Shutdown, crash, start; or no word at all, because the connection broke.
    return code in ("57P01", "57P02", "57P03") or (
        code is None and type(driver).__name__ == "OperationalError"
    )


def in_the_way(error: DBAPIError | sqlite3.Error) -> bool:
    """Whether another process was in the way, so that the same transaction may work next time."""
    # What is asked of the driver itself, it answers with its own errors.
    driver = error if isinstance(error, sqlite3.Error) else error.orig
    if isinstance(driver, sqlite3.Error):
        return _is_busy(getattr(driver, "sqlite_errorcode", None))
    # Serialization failure, deadlock, and two who inserted the same row.
    return getattr(driver, "sqlstate", None) in ("40001", "40P01", "23505")


def _is_busy(code: int | None) -> bool:
    # The low byte is the primary code; extended ones like BUSY_RECOVERY come on top of it.
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _sqlite_engine(url: URL) -> Engine:
    # With ``isolation_level=None`` the sqlite3 module starts no transactions of its own; it would
    # start them late and deferred, and a deferred one that turns to writing fails when it is late.
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": 0},
        pool_timeout=5,
        hide_parameters=True,  # callers' numbers, in the text of every error
    )
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 0")
    # Kept in the file: readers go on while somebody writes.
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection, mode: Mode, patience: float) -> None:
    if mode is Mode.READ:
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    # A commit in WAL mode with NORMAL survives every crash of a process; a power cut can take the
    # last moments (never the file), which is nothing for a page view and a lie for a call.
    driver.execute(f"PRAGMA synchronous = {'NORMAL' if mode is Mode.WRITE else 'FULL'}")
    # Who asks for the write lock at once never finds half-way that somebody else was faster.
    if not _got_write_lock(driver, patience):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


_YOUNG, _YOUNG_STEP, _OLD_STEP = 0.005, 0.0015, 0.0006


def _got_write_lock(connection: Any, patience: float) -> bool:
    """
    Ask for the write lock again and again, on the driver itself, where asking is cheap.

    SQLite would wait in ever longer steps, which starves whoever came first; these become shorter
    after a few milliseconds, so that whoever waits longest has the best chances. Their length is a
    dice's, or two processes could step on each other's toes for ever.
    """
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < patience:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not _is_busy(getattr(error, "sqlite_errorcode", None)):
                raise
            longest = _YOUNG_STEP if waited < _YOUNG else _OLD_STEP
            time.sleep(random.uniform(longest / 4, longest))  # noqa: S311 - a dice, not a secret
        else:
            return True
    return False
