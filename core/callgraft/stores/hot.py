"""The few statements that every page view runs, straight on the database's driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """SQL in a dialect's words; the parameters in order, or None where they go by name."""

    sql: str
    order: Sequence[str] | None
    usual: Mapping[str, object]
    asked: Mapping[str, Convert]
    told: Sequence[tuple[int, Convert]]
    """
    What some parameters are, and what to do to some, by name; what to do to some columns of the
    answer, by place.
    """


class Hot:
    """
    A statement that goes past SQLAlchemy.

    There, a statement takes five to ten times as long as SQLite takes to answer it. It is written
    and compiled by SQLAlchemy all the same, once for each database, and values are converted by the
    types of their columns.

    :param written: by the name of a dialect, or the same for all.
    """

    def __init__(self, written: ClauseElement | Callable[[str], ClauseElement]) -> None:
        self._written = written
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, object]) -> Sequence[list[Any]]:
        """Run it and return its rows."""
        rows = [list(row) for row in self._run(connection, values).fetchall()]
        told = self._for(connection.dialect).told
        for row in rows:
            for place, convert in told:
                row[place] = convert(row[place])
        return rows

    def count(self, connection: Connection, values: Mapping[str, object]) -> int:
        """Run it and return how many rows it changed."""
        changed: int = self._run(connection, values).rowcount
        return changed

    def _run(self, connection: Connection, values: Mapping[str, object]) -> Any:
        dialect = connection.dialect
        compiled = self._for(dialect)
        asked: Any = {**compiled.usual, **values}
        for name, convert in compiled.asked.items():
            asked[name] = convert(asked[name])
        if compiled.order is not None:
            asked = [asked[name] for name in compiled.order]
        driver: Any = connection.connection.driver_connection
        try:
            return driver.execute(compiled.sql, asked)
        except dialect.loaded_dbapi.IntegrityError as error:
            raise IntegrityError(compiled.sql, None, error) from error
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError(compiled.sql, None, error) from error

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            written = self._written
            statement = written if isinstance(written, ClauseElement) else written(dialect.name)
            compiled = self._compiled[dialect.name] = _compile(statement, dialect)
        return compiled


def _compile(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    made: Any = statement.compile(dialect=dialect)
    asked = {
        name: convert
        for name, bind in made.binds.items()
        if (convert := _binder(bind.type, dialect)) is not None
    }
    columns = statement.selected_columns if isinstance(statement, Select | CompoundSelect) else ()
    told = [
        (place, convert)
        for place, column in enumerate(columns)
        if (convert := _reader(column.type, dialect)) is not None
    ]
    usual = {name: value for name, value in made.params.items() if value is not None}
    return _Compiled(made.string, made.positiontup, usual, asked, told)


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, TypeDecorator):
        return lambda value: kind.process_bind_param(value, dialect)
    return None


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, TypeDecorator):
        # Types that change nothing on the way out do not have it.
        is_plain = type(kind).process_result_value is TypeDecorator.process_result_value
        return None if is_plain else lambda value: kind.process_result_value(value, dialect)
    return bool if isinstance(kind, Boolean) else None  # SQLite knows 0 and 1
