"""Visitors, sessions, touches, page loads and published documents in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql

from callgraft.stores.hot import Hot
from callgraft.stores.locks import lock
from callgraft.stores.protocol import Published
from callgraft.stores.schema import TOUCH, meta, sessions, signs, sites, touches, visitors, visits
from callgraft.stores.sql_stays import SqlStays
from callgraft.stores.upsert import insert_new, insert_or_update
from callgraft.tracking.values import PageView, SessionSign

_KNOWN = Hot(
    select(sessions.c.session).where(
        sessions.c.site == bindparam("site"), sessions.c.session == bindparam("session")
    )
)

_VERSION = (
    select(sites.c.version)
    .where(sites.c.site == bindparam("site"))
    .order_by(sites.c.edition.desc())
    .limit(1)
)
_newest = select(sites.c.site, func.max(sites.c.edition).label("edition")).group_by(sites.c.site)
_in_force = _newest.subquery()
_VERSIONS = (
    select(sites.c.site, sites.c.version)
    .join(
        _in_force,
        (sites.c.site == _in_force.c.site) & (sites.c.edition == _in_force.c.edition),
    )
    .order_by(sites.c.site)
)


class SqlJournal(SqlStays):
    """The part of a transaction that deals with visits and documents."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock_site(self, site: str) -> None:
        lock(self._connection, "site")  # all sites: they must not take one number at one time

    def knows_session(self, site: str, session: str) -> bool:
        return bool(_KNOWN.rows(self._connection, {"site": site, "session": session}))

    def add_session(self, view: PageView) -> None:
        who = view.identity
        key = {"site": view.site, "session": who.session}
        visitor = {"site": view.site, "visitor": who.visitor}
        self._insert_new(visitors, visitor | {"first_seen_at": who.first_seen_at})
        self._insert_new(sessions, key | visitor | _session(view))
        words = {word: getattr(who.touch, word) for word in TOUCH}
        if self._connection.dialect.name == "postgresql":
            rows = (
                (visitors, visitor | {"first_seen_at": who.first_seen_at}),
                (sessions, key | visitor | _session(view)),
                (touches, key | words | {"at": who.session_started_at}),
            )
            named: dict[str, object] = {
                f"{table.name}_{name}": value for table, row in rows for name, value in row.items()
            }
            _ALL_NEW.rows(self._connection, named)
            return
        self._insert_new(touches, key | words | {"at": who.session_started_at})

    def add_visit(self, view: PageView) -> None:
        self._insert_new(
            visits,
            {
                "site": view.site,
                "session": view.identity.session,
                "at": view.at,
                "path": view.path,
                "is_contact": view.is_contact,
            },
        )

    def add_sign(self, sign: SessionSign) -> None:
        self._insert_new(signs, asdict(sign))

    def published(self, site: str) -> Published | None:
        newest = self.editions(site, limit=1)
        return newest[0] if newest else None

    def version_in_force(self, site: str) -> str | None:
        version: str | None = self._connection.scalar(_VERSION, {"site": site})
        return version

    def edition(self, site: str, edition: int) -> Published | None:
        wanted = select(sites).where(sites.c.site == site, sites.c.edition == edition)
        row = self._connection.execute(wanted).first()
        return Published(**dict(row._mapping)) if row else None

    def editions(self, site: str, *, limit: int) -> Sequence[Published]:
        rows = self._connection.execute(
            select(sites).where(sites.c.site == site).order_by(sites.c.edition.desc()).limit(limit)
        )
        return [Published(**dict(row._mapping)) for row in rows]

    def sites(self) -> Mapping[str, str]:
        return {row.site: row.version for row in self._connection.execute(_VERSIONS)}

    def add_published(self, published: Published) -> None:
        newest = select(func.max(sites.c.edition)).where(sites.c.site == published.site)
        edition = (self._connection.scalar(newest) or 0) + 1
        self._connection.execute(
            insert(sites),
            {
                "site": published.site,
                "edition": edition,
                "version": published.version,
                "document": published.document,
                "published_at": published.published_at,
                "by": published.by,
            },
        )

    def tables(self, site: str, version: str = "") -> str | None:
        wanted = select(meta.c.value).where(meta.c.key == _key_of_tables(site, version))
        kept: str | None = self._connection.scalar(wanted)
        return kept

    def put_tables(self, site: str, version: str, text: str) -> None:
        statement = insert_or_update(self._connection.dialect.name, meta, ("value",))
        for each in (version, ""):
            row = {"key": _key_of_tables(site, each), "value": text}
            self._connection.execute(statement, row)

    def _insert_new(self, table: Table, row: Mapping[str, object]) -> None:
        _new(table).count(self._connection, row)


def _all_new() -> Select[tuple[object, ...]]:
    """A visitor, a session and its touch in one round trip; keys are compared when it is done."""
    statement: Select[tuple[object, ...]] = select(literal_column("1"))
    for table in (visitors, sessions, touches):
        named: dict[str, Any] = {
            column.name: bindparam(f"{table.name}_{column.name}") for column in table.c
        }
        statement = statement.add_cte(
            postgresql.insert(table).values(named).on_conflict_do_nothing().cte(f"new_{table.name}")
        )
    return statement


_ALL_NEW = Hot(lambda dialect: _all_new())


@cache
def _new(table: Table) -> Hot:
    return Hot(lambda dialect: insert_new(dialect, table))


def _key_of_tables(site: str, version: str) -> str:
    return f"tables {site} {version}".rstrip()


def _session(view: PageView) -> dict[str, object]:
    return {
        "started_at": view.identity.session_started_at,
        "device": view.device,
        "country": view.location.country,
        "region": view.location.region,
        "city": view.location.city,
        "network": view.network,
    }
