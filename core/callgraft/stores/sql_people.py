"""Visitors' data in SQL: told, handed over, thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    tuple_,
    update,
)

from callgraft.source import Touch
from callgraft.stores.locks import lock
from callgraft.stores.schema import (
    TOUCH,
    dry_sessions,
    leases,
    meta,
    numbers,
    promo_codes,
    sessions,
    signs,
    touches,
    visitors,
    visits,
)
from callgraft.stores.sql_leases import lease_of
from callgraft.stores.upsert import insert_or_update
from callgraft.tracking.records import PageLoad, SessionRecord
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Lease, SessionSign

_VACATE = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.lease == bindparam("of"))
    .values(lease=None, idle_since=bindparam("since"))
)
_LEFT = (
    select(func.min(leases.c.id))
    .where(leases.c.number == bindparam("this"), leases.c.site == bindparam("in_site"))
    .where(leases.c.released_at.is_(None))
    .scalar_subquery()
)
# A number that was shared is not free while somebody else is left on it.
_HAND_ON = (
    update(numbers)
    .where(numbers.c.site == bindparam("in_site"), numbers.c.number == bindparam("this"))
    .where(numbers.c.lease.is_(None))
    .values(lease=_LEFT)
)


class SqlPeople:
    """The part of a transaction that deals with visitors' data."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sessions_of(self, site: str, visitor: str) -> Sequence[SessionRecord]:
        rows = self._connection.execute(
            select(sessions, *(touches.c[word] for word in TOUCH))
            .join(
                touches,
                (touches.c.site == sessions.c.site) & (touches.c.session == sessions.c.session),
            )
            .where(sessions.c.site == site, sessions.c.visitor == visitor)
            .order_by(sessions.c.started_at)
        )
        return [
            _record(row, self._of(visits, site, row.session), self._of(signs, site, row.session))
            for row in rows
        ]

    def old_sessions(self, site: str, *, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        rows = self._connection.execute(
            select(sessions.c.session, sessions.c.visitor)
            .where(
                sessions.c.site == site,
                sessions.c.started_at < before,
                ~exists().where(_of_same_session(visits), visits.c.at >= before),
                ~exists().where(
                    _of_same_session(leases),
                    leases.c.released_at.is_(None),
                    leases.c.held_until >= before,
                ),
            )
            .order_by(sessions.c.started_at)
            .limit(limit)
        )
        return [(row.session, row.visitor) for row in rows]

    def drop_sessions(self, site: str, dropped: Sequence[tuple[str, str]]) -> None:
        these = [session for session, _ in dropped]
        for table in (promo_codes, signs, visits, touches, dry_sessions, sessions):
            self._connection.execute(
                delete(table).where(table.c.site == site, table.c.session.in_(these))
            )
        who = {visitor for _, visitor in dropped}
        stays = exists().where(
            sessions.c.site == visitors.c.site, sessions.c.visitor == visitors.c.visitor
        )
        self._connection.execute(
            delete(visitors).where(visitors.c.site == site, visitors.c.visitor.in_(who), ~stays)
        )

    def leases_of(self, site: str, visitor: str) -> Sequence[Lease]:
        rows = self._connection.execute(
            select(leases)
            .where(leases.c.site == site, leases.c.visitor == visitor)
            .order_by(leases.c.shown_at, leases.c.id)
        )
        return [lease_of(row) for row in rows]

    def hand_over(self, lease: Lease, *, visitor: str, session: str) -> None:
        self._connection.execute(
            update(leases)
            .where(leases.c.id == lease.id)
            .values(visitor=visitor, session=session, network="")
        )

    def drop_leases(self, site: str, of: Sequence[tuple[str, str]]) -> None:
        # By the visitor too, for that is what their index begins with.
        theirs = (
            (leases.c.site == site)
            & leases.c.visitor.in_({visitor for _, visitor in of})
            & tuple_(leases.c.session, leases.c.visitor).in_(list(of))
        )
        is_open = leases.c.released_at.is_(None)
        opened = self._connection.execute(
            select(leases.c.id, leases.c.held_until, leases.c.number).where(theirs, is_open)
        ).all()
        for row in opened:
            ended = {"in_site": site, "of": row.id, "since": row.held_until}
            self._connection.execute(_VACATE, ended)
        self._connection.execute(delete(leases).where(theirs))
        for row in opened:
            self._connection.execute(_HAND_ON, {"in_site": site, "this": row.number})

    def claim(self, task: str, *, at: datetime, every: timedelta) -> bool:
        lock(self._connection, "task", task)
        last = self._connection.scalar(select(meta.c.value).where(meta.c.key == task))
        if last is not None and abs(at - datetime.fromisoformat(last)) < every:
            return False
        statement = insert_or_update(self._connection.dialect.name, meta, ("value",))
        self._connection.execute(statement, {"key": task, "value": at.isoformat()})
        return True

    def _of(self, table: Table, site: str, session: str) -> Sequence[Row[Any]]:
        return self._connection.execute(
            select(table)
            .where(table.c.site == site, table.c.session == session)
            .order_by(table.c.at)
        ).all()


def _of_same_session(table: Table) -> ColumnElement[bool]:
    return (table.c.site == sessions.c.site) & (table.c.session == sessions.c.session)


def _record(row: Row[Any], loads: Iterable[Row[Any]], told: Iterable[Row[Any]]) -> SessionRecord:
    columns = row._mapping
    names = ("session", "visitor", "started_at", "device", "country", "region", "city", "network")
    return SessionRecord(
        **{name: columns[name] for name in names},
        touch=Touch(**{word: columns[word] for word in TOUCH}),
        visits=tuple(
            PageLoad(at=each.at, path=each.path, is_contact=each.is_contact) for each in loads
        ),
        signs=tuple(
            SessionSign(site=each.site, session=each.session, at=each.at, kind=SignKind(each.kind))
            for each in told
        ),
    )
