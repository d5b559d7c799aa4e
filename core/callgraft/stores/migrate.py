"""Bring a database to the tables of this version: at once, once, whoever else is starting too."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from callgraft.errors import BackendError

logger = logging.getLogger(__name__)

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x63616C6C67726166  # "callgraf": this number must only be ours in the database


def upgrade(connection: Connection, *, shown: str) -> str | None:
    """
    Migrate to the newest tables, inside the connection's open write transaction.

    Returns the revision that was there before, None in an empty database.

    :param shown: the backend's URL for an error message.
    :raises BackendError: a newer version of Callgraft made these tables.
    """
    _be_alone(connection)
    here = revision(connection)
    if here == newest():
        return here
    if here is not None and not is_known(here):
        problem = f"was made by a newer version of Callgraft (tables {here}, here {newest()})."
        raise BackendError("backend", shown, problem, "Update callgraft, or name another database.")
    logger.info("Migrating the tracking store from %s to %s.", here or "nothing", newest())
    command.upgrade(_config(connection), "head")
    return here


def downgrade(connection: Connection, revision: str) -> None:
    """Go back to the tables of ``revision`` (``base``: none), inside an open write transaction."""
    _be_alone(connection)
    command.downgrade(_config(connection), revision)


def revision(connection: Connection) -> str | None:
    """The revision of the tables that are there, None in an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of Callgraft works with."""
    head = ScriptDirectory(str(_HERE)).get_current_head()
    if head is None:
        raise LookupError(f"No migrations in {_HERE}: the installation is damaged.")
    return head


def is_known(found: str) -> bool:
    """Whether this version of Callgraft knows tables of that revision."""
    scripts = ScriptDirectory(str(_HERE)).walk_revisions()
    return found in {script.revision for script in scripts}


def _be_alone(connection: Connection) -> None:
    """SQLite has one writer at a time; PostgreSQL needs to be asked."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    # Alembic reads % in options as the start of a reference.
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
