"""Calls that are to be attributed again, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from callgraft.stores.protocol import DueCall
from callgraft.stores.schema import calls, due_calls, leases
from callgraft.stores.sql_calls import call_in
from callgraft.stores.upsert import insert_or_update
from callgraft.tracking.values import Call


class SqlDue:
    """The part of a transaction that deals with what came to light late."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_due(self, due: DueCall) -> None:
        # Written over even where it stands: whoever takes it meanwhile waits, and looks again.
        statement = insert_or_update(self._connection.dialect.name, due_calls, ("due_at", "why"))
        self._connection.execute(statement, asdict(due))

    def due_calls(self, *, by: datetime, limit: int) -> Sequence[DueCall]:
        rows = self._connection.execute(
            select(due_calls)
            .where(due_calls.c.due_at <= by)
            .order_by(due_calls.c.due_at, due_calls.c.call)
            .limit(limit)
        )
        return [DueCall(**dict(row._mapping)) for row in rows]

    def take_due(self, site: str, call: str) -> bool:
        this = (due_calls.c.site == site) & (due_calls.c.call == call)
        return self._connection.execute(delete(due_calls).where(this)).rowcount == 1

    def heard(self, site: str, session: str, *, since: datetime, limit: int) -> Sequence[Call]:
        was_shown = exists().where(
            leases.c.site == site,
            leases.c.session == session,
            leases.c.number == calls.c.number,
            leases.c.shown_at <= calls.c.rang_at,
        )
        shown = select(leases.c.number).where(leases.c.site == site, leases.c.session == session)
        rows = self._connection.execute(
            select(calls)
            .where(calls.c.site == site, calls.c.number.in_(shown), calls.c.rang_at >= since)
            .where(was_shown)
            .order_by(calls.c.rang_at, calls.c.id)
            .limit(limit)
        )
        return [call_in(row) for row in rows]

    def calls_later(self, site: str, number: str, *, after: datetime, limit: int) -> Sequence[Call]:
        rows = self._connection.execute(
            select(calls)
            .where(calls.c.site == site, calls.c.number == number, calls.c.rang_at > after)
            .order_by(calls.c.rang_at, calls.c.id)
            .limit(limit)
        )
        return [call_in(row) for row in rows]
