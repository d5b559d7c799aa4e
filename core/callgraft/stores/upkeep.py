"""What an operator does with a store: look at it, migrate it, check what migrating gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from callgraft.errors import BackendError, StoreUnavailable
from callgraft.stores import migrate
from callgraft.stores.database import Database
from callgraft.stores.dialects import make_engine
from callgraft.stores.schema import metadata
from callgraft.stores.urls import database_url, shown


def migrate_store(url: str) -> str:
    """
    Bring the store's tables to this version and say in a sentence what was done.

    Opening a store does the same; this is for operators who want it done before they restart.
    """
    if url == "memory:":
        return "A store in memory has no tables."
    database = Database(database_url(url))
    database.close()
    if database.found is None:
        return f"The tables were made ({migrate.newest()})."
    if database.found == migrate.newest():
        return f"The tables are those of this version already ({database.found})."
    return f"The tables were migrated from {database.found} to {migrate.newest()}."


def check_migrations() -> Sequence[str]:
    """Say how the tables that the migrations make differ from those in use; empty when not."""
    with create_engine("sqlite://").connect() as connection:
        migrate.upgrade(connection, shown="sqlite://")
        return differences(connection)


def differences(connection: Connection) -> Sequence[str]:
    """Say how the tables that are there differ from those in use."""
    context = MigrationContext.configure(connection)
    return [str(difference) for difference in compare_metadata(context, metadata)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """
    What can be told of a SQL store without changing it.

    ``found`` is the revision of its tables, None in an empty database, and ``is_known`` whether
    this version can migrate from there; ``ahead`` is by how much the database's clock is ahead of
    this machine's, None where they are one.
    """

    found: str | None
    newest: str
    is_known: bool
    ahead: timedelta | None = None


def look_at(url: str, *, clock: Callable[[], datetime]) -> StoreFacts:
    """
    Return the facts about the store that ``url`` names.

    :raises BackendError: it names no SQL store, or no file that is there.
    :raises StoreUnavailable: the database does not answer.
    """
    read = database_url(url)
    is_file = read.get_backend_name() == "sqlite"
    if is_file and not Path(str(read.database)).is_file():
        raise BackendError("backend", shown(read), "is not there.", "A door makes it.")
    engine = make_engine(read)
    try:
        with engine.connect() as connection:
            found = migrate.revision(connection)
            ahead = None if is_file else _ahead(connection, clock)
    except (DBAPIError, sqlite3.Error) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        raise StoreUnavailable(f"{shown(read)}: {why}") from error
    finally:
        engine.dispose()
    is_known = found is None or migrate.is_known(found)
    return StoreFacts(found=found, newest=migrate.newest(), is_known=is_known, ahead=ahead)


def _ahead(connection: Connection, clock: Callable[[], datetime]) -> timedelta:
    before = clock()
    there = connection.scalar(text("SELECT clock_timestamp()"))
    after = clock()
    # It was asked somewhere between the two.
    return timedelta(0) if there is None else there - (before + (after - before) / 2)
