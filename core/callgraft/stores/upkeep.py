"""What an operator does with a store: migrate it, and check that migrating gives its tables."""

from __future__ import annotations

from collections.abc import Sequence

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from callgraft.stores import migrate
from callgraft.stores.database import Database
from callgraft.stores.schema import metadata
from callgraft.stores.urls import database_url


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
