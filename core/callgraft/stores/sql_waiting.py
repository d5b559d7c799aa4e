"""SQL is told of page views that Redis answered: many at a time, each table in one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import Boolean, Connection, Table, Text, TextClause, bindparam, select, text, update

from callgraft.stores.hot import Hot
from callgraft.stores.redis_entry import Entry, unpacked
from callgraft.stores.schema import TOUCH, leases, numbers, sessions, touches, visitors, visits
from callgraft.stores.sql_leases import RENEWAL, renewal_of
from callgraft.stores.types import Moment, Tainted
from callgraft.stores.upsert import insert_new
from callgraft.stores.waiting import Waiting
from callgraft.tracking.values import Lease

_SAME = {name: name for name in (*TOUCH, "site", "session")}
_SESSION = ("site", "session", "visitor", "started_at", "device")
_PLACE = ("country", "region", "city", "network")
# By table, its columns and where they stand in the JSON.
_OF_SESSION: Sequence[tuple[Table, Mapping[str, str]]] = (
    (visitors, {name: name for name in ("site", "visitor", "first_seen_at")}),
    (sessions, {name: name for name in (*_SESSION, *_PLACE)}),
    (touches, _SAME | {"at": "started_at"}),
)
_OF_VISIT = {name: name for name in ("site", "session", "at", "path", "is_contact")}
_NEW_LEASE = Hot(lambda dialect: insert_new(dialect, leases))
_OCCUPY = (
    update(numbers)
    .where(
        numbers.c.site == bindparam("in_site"),
        numbers.c.number == bindparam("this"),
        numbers.c.lease.is_(None),
        select(leases.c.id)
        .where(leases.c.id == bindparam("to"), leases.c.released_at.is_(None))
        .exists(),
    )
    .values(lease=bindparam("to"))
)


_END = (
    update(leases)
    .where(leases.c.id == bindparam("of"))
    .values(released_at=leases.c.shown_at, released_why="contradicted")
)


def tell(connection: Connection, waiting: Sequence[Waiting]) -> Sequence[Lease]:
    """
    Write what waits; what is written already stays as it is.

    Returned are the leases that contradict what SQL has. They were shown, so they are kept, as
    leases that ended when they began: calls are weighed by them.
    """
    if not waiting:
        return []
    dialect = connection.dialect.name
    for table, columns in _OF_SESSION:
        statement = _insert(dialect, table, tuple(columns.items()), _UNLESS.get(table.name, "true"))
        connection.execute(statement, {"views": _listed(_first_of_each(waiting))})
    loads = _insert(dialect, visits, tuple(_OF_VISIT.items()), _field(dialect, "is_load"))
    connection.execute(loads, {"views": _listed(each.view for each in waiting)})
    new = [unpacked(raw.encode()) for each in waiting for raw in each.new]
    refused = _add(connection, new) if new else []
    told = [unpacked(raw.encode()).lease for each in waiting for raw in each.told]
    if told:
        connection.execute(RENEWAL, [renewal_of(lease) for lease in told])
    return refused


def _add(connection: Connection, entries: Sequence[Entry]) -> Sequence[Lease]:
    """Add leases that SQL does not know; returned are those that it refuses."""
    ids = [entry.lease.id for entry in entries]
    known = set(connection.scalars(select(leases.c.id).where(leases.c.id.in_(ids))))
    added = [entry.lease for entry in entries if entry.lease.id not in known]
    return [lease for lease in added if not _is_taken(connection, lease)]


def _is_taken(connection: Connection, lease: Lease) -> bool:
    """Write the lease, and whether its number is its own by that."""
    row = {column.name: getattr(lease, column.name) for column in leases.c}
    if _NEW_LEASE.count(connection, row) != 1:
        over = {"released_at": lease.shown_at, "released_why": "contradicted"}
        _NEW_LEASE.count(connection, row | over)
        return False
    number = {"in_site": lease.site, "this": lease.number, "to": lease.id}
    if connection.execute(_OCCUPY, number).rowcount != 1:
        connection.execute(_END, {"of": lease.id})
        return False
    return True


def _listed(views: Iterable[str]) -> str:
    return f"[{','.join(views)}]"


def _first_of_each(waiting: Sequence[Waiting]) -> Collection[str]:
    """A page view of each session, the first: its touch is the session's."""
    first: dict[tuple[str, str], str] = {}
    for each in waiting:
        told = json.loads(each.view)
        first.setdefault((told["site"], told["session"]), each.view)
    return first.values()


# A session has one touch, whatever a later page view says.
_UNLESS = {
    "touches": "NOT EXISTS (SELECT 1 FROM touches AS known"
    " WHERE known.site = {site} AND known.session = {session})"
}


@cache
def _insert(
    dialect: str, table: Table, columns: tuple[tuple[str, str], ...], only: str
) -> TextClause:
    """Insert rows that stand in JSON, but for those that are there; ``only`` where this is so."""
    names = ", ".join(f'"{name}"' for name, _ in columns)
    told = ", ".join(_field(dialect, name) for _, name in columns)
    source = "json_each(:views) AS told"
    if dialect == "postgresql":
        kinds = {told: _KINDS[type(table.c[name].type)] for name, told in columns}
        kinds["is_load"] = "boolean"
        fields = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
        source = f"json_to_recordset(CAST(:views AS json)) AS told({fields})"
    condition = only.format(site=_field(dialect, "site"), session=_field(dialect, "session"))
    return text(
        f'INSERT INTO "{table.name}" ({names}) SELECT {told} FROM {source}'  # noqa: S608 - our own
        f" WHERE {condition} ON CONFLICT DO NOTHING"
    )


_KINDS: Mapping[type, str] = {Text: "text", Moment: "bigint", Boolean: "boolean", Tainted: "text"}


def _field(dialect: str, name: str) -> str:
    if dialect == "postgresql":
        return f'told."{name}"'
    return f"json_extract(told.value, '$.{name}')"
