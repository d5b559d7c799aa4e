"""Call events as they came, and the calls they tell of, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, bindparam, or_, select

from callgraft.stores.locks import lock
from callgraft.stores.schema import call_events, calls
from callgraft.stores.types import EPOCH
from callgraft.stores.upsert import insert_new, insert_or_update
from callgraft.tracking.values import Attribution, Call, CallEvent, CallMark, CallState, Candidate
from callgraft.tracking.verdicts import Verdict

_EVENT = tuple(column for column in call_events.c if column.name != "received_at")
_ACCOUNT = ("site", "provider", "account")
CALL = (*_ACCOUNT, "call")
_PLAIN = (
    "id",
    "site",
    "provider",
    "account",
    "call",
    "number",
    "caller",
    "rang_at",
    "answered_at",
    "ended_at",
    "talk",
    "missed",
    "region",
    "rescored_at",
)


# Statements that each call is attributed by are built once, which takes longer than the answer.
_NEWEST = (
    select(calls)
    .where(calls.c.site == bindparam("site"))
    .order_by(calls.c.rang_at.desc(), calls.c.id)
    .limit(bindparam("limit"))
)
_BY_CALLER = _NEWEST.where(calls.c.caller == bindparam("caller"))
_ON_NUMBER = _NEWEST.where(
    calls.c.number == bindparam("number"),
    calls.c.rang_at >= bindparam("since"),
    calls.c.rang_at < bindparam("before"),
)


class SqlCalls:
    """The part of a transaction that deals with calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_call(self, told: CallEvent | Call) -> None:
        lock(self._connection, "call", *_key(told))

    def add_event(self, event: CallEvent, *, received_at: datetime) -> bool:
        row: dict[str, object] = {column.name: getattr(event, column.name) for column in _EVENT}
        statement = insert_new(self._connection.dialect.name, call_events)
        # SQLAlchemy keeps the count of inserted rows only when asked to.
        statement = statement.execution_options(preserve_rowcount=True)
        added = self._connection.execute(statement, row | {"received_at": received_at})
        return added.rowcount == 1

    def event_like(self, event: CallEvent) -> CallEvent | None:
        found = self._events(_alike(call_events, (*_ACCOUNT, "event_id"), event))
        return found[0] if found else None

    def events_of(self, event: CallEvent) -> Sequence[CallEvent]:
        return self._events(_alike(call_events, CALL, event))

    def call_of(self, event: CallEvent) -> Call | None:
        found = self._calls(select(calls).where(_alike(calls, CALL, event)))
        return found[0] if found else None

    def put_call(self, call: Call) -> None:
        row = _row(call)
        changed = tuple(name for name in row if name != "id")
        statement = insert_or_update(self._connection.dialect.name, calls, changed)
        self._connection.execute(statement, row)

    def calls(self, site: str, *, limit: int, after: str = "") -> Sequence[Call]:
        found = select(calls).where(calls.c.site == site)
        if after:
            found = found.where(_is_behind(site, after))
        return self._calls(found.order_by(calls.c.rang_at.desc(), calls.c.id).limit(limit))

    def call(self, site: str, call_id: str) -> Call | None:
        found = self._calls(select(calls).where(calls.c.id == call_id, calls.c.site == site))
        return found[0] if found else None

    def lock_caller(self, site: str, caller: str) -> None:
        lock(self._connection, "caller", site, caller)

    def calls_by(self, site: str, caller: str, *, limit: int) -> Sequence[Call]:
        return self._calls(_BY_CALLER, {"site": site, "caller": caller, "limit": limit})

    def calls_on(
        self,
        site: str,
        number: str,
        *,
        since: datetime | None = None,
        before: datetime,
        limit: int,
    ) -> Sequence[Call]:
        wanted = {"site": site, "number": number, "limit": limit}
        moments = {"since": since or EPOCH, "before": before}
        return self._calls(_ON_NUMBER, wanted | moments)

    def _events(self, wanted: ColumnElement[bool]) -> list[CallEvent]:
        rows = self._connection.execute(select(*_EVENT).where(wanted))
        return [CallEvent(**dict(row._mapping) | {"state": CallState(row.state)}) for row in rows]

    def _calls(
        self, statement: Select[Any], values: Mapping[str, object] | None = None
    ) -> list[Call]:
        return [call_in(row) for row in self._connection.execute(statement, values or {})]


def _key(event: CallEvent | Call) -> tuple[str, ...]:
    return tuple(getattr(event, name) for name in CALL)


def _alike(table: Table, columns: Iterable[str], event: CallEvent) -> ColumnElement[bool]:
    return and_(*(table.c[name] == getattr(event, name) for name in columns))


def _is_behind(site: str, call: str) -> ColumnElement[bool]:
    """Behind the call in the order "newest first"; nothing is, when there is no such call."""
    this = select(calls.c.rang_at).where(calls.c.site == site, calls.c.id == call)
    rang_at = this.scalar_subquery()
    return or_(calls.c.rang_at < rang_at, and_(calls.c.rang_at == rang_at, calls.c.id > call))


def _row(call: Call) -> dict[str, object]:
    return {
        **{name: getattr(call, name) for name in _PLAIN},
        "state": call.state,
        "visitor": call.attribution.visitor,
        "session": call.attribution.session,
        "attribution": asdict(call.attribution),
        "marks": " ".join(call.marks),
        "earlier": [
            asdict(verdict) | {"until": verdict.until.isoformat()} for verdict in call.earlier
        ],
    }


def call_in(row: Row[Any]) -> Call:
    columns = row._mapping
    return Call(
        **{name: columns[name] for name in _PLAIN},
        state=CallState(row.state),
        attribution=_attribution(row.attribution),
        marks=tuple(CallMark(mark) for mark in row.marks.split()),
        earlier=tuple(
            Verdict(**verdict | {"until": datetime.fromisoformat(verdict["until"])})
            for verdict in row.earlier
        ),
    )


def _attribution(kept: dict[str, Any]) -> Attribution:
    candidates = tuple(Candidate(**candidate) for candidate in kept["candidates"])
    return Attribution(**kept | {"candidates": candidates})
