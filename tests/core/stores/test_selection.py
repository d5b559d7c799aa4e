"""Numbers are found by an index: a pool of 40,000 is never walked through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Select, text
from sqlalchemy.dialects import sqlite

from callgraft.stores import sql_candidates, sql_leases
from callgraft.stores.database import Database
from callgraft.stores.hot import Hot
from callgraft.stores.urls import database_url
from callgraft.tracking.values import LeaseState


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (sql_leases._FREE, "numbers_free"),
        (sql_leases._EXPIRED, "leases_expiring"),
        (sql_leases._OPEN_OF_SESSION, "leases_of"),
        (sql_leases._OPEN_ON_NUMBER, "leases_open_on_number"),
        (sql_leases._LAST_OF_VISITOR, "leases_of_visitor"),
        (sql_leases._ON_NUMBER_UNTIL, "leases_on_number"),
        (sql_leases._IN_FORCE.element, "leases_of_network"),
        (sql_leases._ENDING.element, "leases_expiring"),
        (sql_candidates._LONGEST_FREE, "numbers_free"),
        (sql_candidates._longest_over(LeaseState.HELD), "leases_expiring"),
    ],
)
def test_sqlite_answers_from_an_index_alone(
    tmp_path: Path, statement: Select[Any] | Hot, index: str
) -> None:
    database = Database(database_url(f"sqlite:///{tmp_path / 'callgraft.db'}"))
    plan = database.read(lambda connection: _plan(connection, statement))
    assert index in plan[0]
    assert plan[0].startswith("SEARCH")
    # The order may need sorting by the id among leases shown at one moment, nothing more.
    assert [step for step in plan[1:] if "RIGHT PART" not in step and "LAST TERM" not in step] == []
    database.close()


def _plan(connection: Connection, statement: Select[Any] | Hot) -> list[str]:
    written = statement._written if isinstance(statement, Hot) else statement
    assert isinstance(written, Select)
    compiled = written.compile(dialect=sqlite.dialect(paramstyle="named"))
    values = dict.fromkeys(compiled.params, 1)
    return [
        row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), values)
    ]
