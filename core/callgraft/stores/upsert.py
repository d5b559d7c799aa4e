"""INSERT … ON CONFLICT in the dialect at hand; SQLAlchemy has one per database."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


@cache
def insert_new(dialect: str, table: Table) -> Insert:
    """Insert a row, unless one with a key of its is there."""
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def insert_or_update(dialect: str, table: Table, changed: tuple[str, ...]) -> Insert:
    """Insert a row, or set the columns ``changed`` of the row with the same primary key."""
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: statement.excluded[name] for name in changed},
    )


@cache
def insert_or_add(dialect: str, table: Table, added: tuple[str, ...]) -> Insert:
    """Insert a row, or add to the columns ``added`` of the row with the same primary key."""
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: table.c[name] + statement.excluded[name] for name in added},
    )


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
