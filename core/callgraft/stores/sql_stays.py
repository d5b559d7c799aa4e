"""What sessions did, in SQL: read for each call of all who may have made it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import attrgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from callgraft.source import Touch
from callgraft.stores.hot import Hot
from callgraft.stores.protocol import Stay
from callgraft.stores.schema import TOUCH, sessions, signs, touches, visits
from callgraft.tracking.states import Sign, SignKind


class SqlStays:
    """The part of a transaction that reads sessions."""

    _connection: Connection

    def stays(self, site: str, asked: Sequence[str]) -> Mapping[str, Stay]:
        if not asked:
            return {}
        is_postgresql = self._connection.dialect.name == "postgresql"
        # Written once, so the sessions are one value however many they are.
        of = {"site": site, "sessions": list(asked) if is_postgresql else json.dumps(list(asked))}
        logs: defaultdict[str, list[Sign]] = defaultdict(list)
        for session, at, is_contact in _VISITS.rows(self._connection, of):
            logs[session].append(Sign(at=at, is_contact=is_contact))
        for session, at, kind in _SIGNS.rows(self._connection, of):
            logs[session].append(Sign(at=at, kind=SignKind(kind)))
        # A session has one touch today; were there several, the last one read wins: the newest.
        return {row[0]: _stay(row, logs[row[0]]) for row in _SESSIONS.rows(self._connection, of)}


def _stay(row: Sequence[str], log: list[Sign]) -> Stay:
    _, visitor, device, region, *words = row
    log.sort(key=attrgetter("at"))
    return Stay(
        touch=Touch(**dict(zip(TOUCH, words, strict=True))),
        device=device,
        region=region or None,
        log=tuple(log),
        visitor=visitor,
    )


def _is_asked(table: Table, dialect: str) -> ColumnElement[bool]:
    """Whether a row is of one of the sessions: a list, or one in JSON where there are no lists."""
    session = table.c.session
    if dialect == "postgresql":
        return session == any_(bindparam("sessions", type_=ARRAY(String)))
    listed = func.json_each(bindparam("sessions", type_=String)).table_valued("value")
    return session.in_(select(listed.c.value))


def _visits(dialect: str) -> Select[tuple[object, ...]]:
    columns = (visits.c.session, visits.c.at, visits.c.is_contact)
    return (
        select(*columns)
        .where(visits.c.site == bindparam("site"), _is_asked(visits, dialect))
        .order_by(visits.c.at, visits.c.path)
    )


def _signs(dialect: str) -> Select[tuple[object, ...]]:
    return (
        select(signs.c.session, signs.c.at, signs.c.kind)
        .where(signs.c.site == bindparam("site"), _is_asked(signs, dialect))
        .order_by(signs.c.at, signs.c.kind)
    )


def _sessions(dialect: str) -> Select[tuple[object, ...]]:
    columns = (sessions.c[name] for name in ("session", "visitor", "device", "region"))
    return (
        select(*columns, *(touches.c[word] for word in TOUCH))
        .join(
            touches,
            (touches.c.site == sessions.c.site) & (touches.c.session == sessions.c.session),
        )
        .where(sessions.c.site == bindparam("site"), _is_asked(sessions, dialect))
        .order_by(touches.c.at)
    )


_VISITS, _SIGNS, _SESSIONS = Hot(_visits), Hot(_signs), Hot(_sessions)
