"""Run by Alembic: migrate on the connection, and in the transaction, that ``migrate.py`` opened."""

from __future__ import annotations

from alembic import context

from callgraft.stores.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Alembic believes that SQLite cannot roll back tables; it can, once BEGIN is left to us.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
