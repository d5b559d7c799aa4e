"""Callers' data in SQL: forgotten, thrown away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    cast,
    delete,
    exists,
    or_,
    select,
    union,
    update,
)

from callgraft.stores.schema import call_events, calls, proofs
from callgraft.stores.sql_calls import CALL, call_in
from callgraft.tracking.records import FORGOTTEN
from callgraft.tracking.values import Call

Key = tuple[str, ...]


class SqlForgetting:
    """The part of a transaction that deals with callers' data."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calls_naming(self, site: str, visitor: str) -> Sequence[Call]:
        # Every call of the site is looked at: people are forgotten so rarely that no index pays.
        name = json.dumps(visitor)
        is_named = or_(
            *(
                cast(calls.c[told], Text).contains(name, autoescape=True)
                for told in ("attribution", "earlier")
            )
        )
        rows = self._connection.execute(
            select(calls)
            .where(calls.c.site == site, is_named)
            .order_by(calls.c.rang_at.desc(), calls.c.id)
        )
        return [call_in(row) for row in rows]

    def forget_caller(self, site: str, caller: str) -> tuple[int, int]:
        def theirs(table: Table) -> Any:
            return select(*_key(table)).where(table.c.site == site, table.c.caller == caller)

        keys = [tuple(row) for row in self._connection.execute(union(*map(theirs, _TABLES)))]
        return len(keys), self._forget(keys)

    def forget_callers_before(self, site: str, *, before: datetime, limit: int) -> int:
        has_text = exists().where(_is_of_call(), call_events.c.raw != FORGOTTEN)
        told = (calls.c.caller != "") | has_text
        keys = self._old(site, before, limit, told)
        self._forget(keys)
        return len(keys)

    def forget_caller_of(self, call: Call) -> Call:
        key = tuple(getattr(call, name) for name in CALL)
        self._forget([key])
        row = self._connection.execute(select(calls).where(_has(calls, key))).one()
        return call_in(row)

    def drop_calls(self, site: str, *, before: datetime, limit: int) -> int:
        keys = self._old(site, before, limit)
        for key in keys:
            these = select(calls.c.id).where(_has(calls, key)).scalar_subquery()
            of_call = (proofs.c.site == site) & (proofs.c.call == these)
            self._connection.execute(delete(proofs).where(of_call))
            for table in _TABLES:
                self._connection.execute(delete(table).where(_has(table, key)))
        return len(keys)

    def _old(
        self, site: str, before: datetime, limit: int, *more: ColumnElement[bool]
    ) -> list[Key]:
        rows = self._connection.execute(
            select(*_key(calls))
            .where(calls.c.site == site, calls.c.rang_at < before, *more)
            .order_by(calls.c.rang_at)
            .limit(limit)
        )
        return [tuple(row) for row in rows]

    def _forget(self, keys: Iterable[Key]) -> int:
        """Forget the caller of these calls; how many events told of them."""
        events = 0
        for key in keys:
            told = update(call_events).where(_has(call_events, key))
            done = self._connection.execute(told.values(caller="", raw=FORGOTTEN))
            events += done.rowcount
            self._connection.execute(update(calls).where(_has(calls, key)).values(caller=""))
        return events


_TABLES = (call_events, calls)


def _key(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in CALL]


def _has(table: Table, key: Key) -> ColumnElement[bool]:
    return and_(*(table.c[name] == part for name, part in zip(CALL, key, strict=True)))


def _is_of_call() -> ColumnElement[bool]:
    return and_(*(call_events.c[name] == calls.c[name] for name in CALL))
