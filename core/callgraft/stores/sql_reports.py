"""What reports are made of, in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, or_, select

from callgraft.source import Touch
from callgraft.stores.reports import Came, PoolHour
from callgraft.stores.schema import TOUCH, calls, dry_sessions, pool_hours, sessions, touches
from callgraft.stores.sql_calls import call_in
from callgraft.stores.upsert import insert_new, insert_or_add
from callgraft.tracking.values import Call

_AT_A_TIME = 500
"""How many visitors or sessions are asked for at once; databases take only so many parameters."""

_STAYS = select(
    *(
        sessions.c[name]
        for name in ("visitor", "session", "started_at", "device", "country", "region", "city")
    )
)
_TOUCHES = select(touches.c.session, *(touches.c[word] for word in TOUCH)).order_by(touches.c.at)
_BY_TIME = (sessions.c.started_at, sessions.c.session)


class SqlReports:
    """The part of a transaction that deals with reports."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calls_between(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Call]:
        rang = calls.c.rang_at
        behind = or_(rang > since, and_(rang == since, calls.c.id > after))
        rows = self._connection.execute(
            select(calls)
            .where(calls.c.site == site, rang >= since, rang < until, behind)
            .order_by(rang, calls.c.id)
            .limit(limit)
        )
        return [call_in(row) for row in rows]

    def sessions_of_all(self, site: str, visitors: Sequence[str]) -> Mapping[str, Sequence[Came]]:
        found: dict[str, list[Came]] = {}
        for first in range(0, len(visitors), _AT_A_TIME):
            asked = visitors[first : first + _AT_A_TIME]
            stays = _STAYS.where(sessions.c.site == site, sessions.c.visitor.in_(asked))
            for came in self._came(site, stays):
                found.setdefault(came.visitor, []).append(came)
        for theirs in found.values():
            theirs.sort(key=lambda came: (came.at, came.session))
        return found

    def sessions_by_visitor(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Came]:
        began = sessions.c.started_at
        asked = _STAYS.where(sessions.c.site == site, began >= since, began < until)
        page = asked.where(sessions.c.visitor > after).order_by(sessions.c.visitor, *_BY_TIME)
        found = list(self._came(site, page.limit(limit)))
        if len(found) < limit:
            return found
        last = found[-1].visitor
        whole = self._came(site, asked.where(sessions.c.visitor == last).order_by(*_BY_TIME))
        return [*(came for came in found if came.visitor != last), *whole]

    def is_dry(self, site: str, session: str, pool: str) -> bool:
        kept = select(dry_sessions.c.pool).where(
            dry_sessions.c.site == site,
            dry_sessions.c.session == session,
            dry_sessions.c.pool == pool,
        )
        return self._connection.execute(kept).first() is not None

    def put_dry(self, site: str, session: str, pool: str) -> None:
        statement = insert_new(self._connection.dialect.name, dry_sessions)
        self._connection.execute(statement, {"site": site, "session": session, "pool": pool})

    def add_pool_hours(self, site: str, counted: Sequence[PoolHour]) -> None:
        statement = insert_or_add(self._connection.dialect.name, pool_hours, ("sessions",))
        # In one order for everybody, or two processes could wait for each other.
        for each in sorted(counted, key=lambda one: (one.pool, one.hour, one.outcome)):
            row = {"site": site, "pool": each.pool, "hour": each.hour, "outcome": each.outcome}
            self._connection.execute(statement, row | {"sessions": each.sessions})

    def pool_hours(self, site: str, *, since: datetime, until: datetime) -> Sequence[PoolHour]:
        rows = self._connection.execute(
            select(*(pool_hours.c[name] for name in ("pool", "hour", "outcome", "sessions")))
            .where(pool_hours.c.site == site, pool_hours.c.hour >= since, pool_hours.c.hour < until)
            .order_by(pool_hours.c.hour, pool_hours.c.pool, pool_hours.c.outcome)
        )
        return [PoolHour(**dict(row._mapping)) for row in rows]

    def drop_pool_hours(self, site: str, *, before: datetime) -> None:
        self._connection.execute(
            delete(pool_hours).where(pool_hours.c.site == site, pool_hours.c.hour < before)
        )

    def _came(self, site: str, asked: Select[Any]) -> Iterator[Came]:
        """
        The sessions with their touches, in the order asked for.

        In two statements: in one, SQLite reads all touches of the site.
        """
        stays = self._connection.execute(asked).all()
        whence = self._touches(site, [stay.session for stay in stays])
        for visitor, session, at, device, country, region, city in stays:
            if touch := whence.get(session):
                yield Came(
                    visitor=visitor,
                    session=session,
                    at=at,
                    touch=touch,
                    device=device,
                    country=country,
                    region=region,
                    city=city,
                )

    def _touches(self, site: str, asked: Sequence[str]) -> Mapping[str, Touch]:
        found: dict[str, Touch] = {}
        for first in range(0, len(asked), _AT_A_TIME):
            these = touches.c.session.in_(asked[first : first + _AT_A_TIME])
            for session, *words in self._connection.execute(
                _TOUCHES.where(touches.c.site == site, these)
            ):
                found[session] = Touch(**dict(zip(TOUCH, words, strict=True)))
        return found
