"""The store on SQLite or PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, select

from callgraft.stores import renewing
from callgraft.stores.database import PATIENCE, Database
from callgraft.stores.protocol import Transaction
from callgraft.stores.schema import meta
from callgraft.stores.sql_calls import SqlCalls
from callgraft.stores.sql_due import SqlDue
from callgraft.stores.sql_forgetting import SqlForgetting
from callgraft.stores.sql_journal import SqlJournal
from callgraft.stores.sql_leases import SqlLeases
from callgraft.stores.sql_numbers import SqlNumbers
from callgraft.stores.sql_people import SqlPeople
from callgraft.stores.sql_promo import SqlPromo
from callgraft.stores.sql_proofs import SqlProofs
from callgraft.stores.sql_reports import SqlReports
from callgraft.stores.sql_roles import SqlRoles
from callgraft.stores.sql_tokens import SqlTokens
from callgraft.stores.upsert import insert_new
from callgraft.stores.urls import database_url
from callgraft.tracking.values import Lease, PageView

Result = TypeVar("Result")


class SqlTransaction(
    SqlLeases,
    SqlNumbers,
    SqlJournal,
    SqlPeople,
    SqlCalls,
    SqlDue,
    SqlPromo,
    SqlProofs,
    SqlForgetting,
    SqlReports,
    SqlRoles,
    SqlTokens,
):
    """One transaction on one connection."""


class SqlStore:
    """
    A store in a SQL database, created and migrated when it is opened.

    :param url: ``sqlite:///callgraft.db`` or ``postgresql://user@host/name``.
    :param patience: how long to wait for other writers.
    :raises BackendError: the URL names nothing that can be used.
    """

    def __init__(self, url: str, *, patience: timedelta = PATIENCE) -> None:
        self._database = Database(database_url(url), patience=patience)

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        return self._database.write(
            lambda connection: work(SqlTransaction(connection)), for_good=for_good
        )

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        return self._database.read(lambda connection: work(SqlTransaction(connection)))

    def open_leases(self, view: PageView) -> Sequence[Lease] | None:
        # SQLite has no round trips that could be saved.
        if not self._database.is_postgresql:
            return None
        return self._database.run(lambda connection: renewing.open_leases(connection, view))

    def renew(self, view: PageView, lease: Lease) -> bool:
        return self._database.run(lambda connection: renewing.renew(connection, view, lease))

    def secret(self) -> bytes:
        kept = self._database.read(_secret)
        return bytes.fromhex(kept or self._database.write(_make_secret, for_good=True))

    def close(self) -> None:
        self._database.close()


def _secret(connection: Connection) -> str | None:
    kept: str | None = connection.scalar(select(meta.c.value).where(meta.c.key == "secret"))
    return kept


def _make_secret(connection: Connection) -> str:
    # Whoever inserts first made it; everybody else reads that one.
    made = {"key": "secret", "value": secrets.token_hex(32)}
    connection.execute(insert_new(connection.dialect.name, meta), made)
    return _secret(connection) or made["value"]
