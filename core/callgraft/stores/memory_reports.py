"""What reports are made of, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from callgraft.stores.memory_journal import MemoryJournal
from callgraft.stores.memory_tables import Changes, Rows
from callgraft.stores.reports import Came, PoolHour
from callgraft.tracking.values import Call, PageView

_HourKey = tuple[str, str, datetime, str]


class MemoryReports(MemoryJournal):
    """The part of the memory store that deals with reports."""

    def __init__(self, changes: Changes) -> None:
        self._pool_hours: Rows[_HourKey, int] = Rows(changes)
        self._dry: Rows[tuple[str, str], frozenset[str]] = Rows(changes)

    def calls_between(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Call]:
        found = [
            call
            for _, call in self._calls.items()
            if call.site == site
            and (since, after) < (call.rang_at, call.id)
            and call.rang_at < until
        ]
        return sorted(found, key=lambda call: (call.rang_at, call.id))[:limit]

    def sessions_of_all(self, site: str, visitors: Sequence[str]) -> Mapping[str, Sequence[Came]]:
        asked = set(visitors)
        found: dict[str, list[Came]] = {}
        for came in self._all_that_came(site):
            if came.visitor in asked:
                found.setdefault(came.visitor, []).append(came)
        return found

    def sessions_by_visitor(
        self, site: str, *, since: datetime, until: datetime, limit: int, after: str = ""
    ) -> Sequence[Came]:
        found = [
            came
            for came in self._all_that_came(site)
            if since <= came.at < until and came.visitor > after
        ]
        found.sort(key=lambda came: came.visitor)
        while 0 < limit < len(found) and found[limit].visitor == found[limit - 1].visitor:
            limit += 1
        return found[:limit]

    def is_dry(self, site: str, session: str, pool: str) -> bool:
        return pool in (self._dry.get((site, session)) or ())

    def put_dry(self, site: str, session: str, pool: str) -> None:
        known = self._dry.get((site, session)) or frozenset()
        self._dry.put((site, session), known | {pool})

    def add_pool_hours(self, site: str, counted: Sequence[PoolHour]) -> None:
        for each in counted:
            key = (site, each.pool, each.hour, each.outcome)
            self._pool_hours.put(key, (self._pool_hours.get(key) or 0) + each.sessions)

    def pool_hours(self, site: str, *, since: datetime, until: datetime) -> Sequence[PoolHour]:
        found = [
            PoolHour(pool=pool, hour=hour, outcome=outcome, sessions=sessions)
            for (of, pool, hour, outcome), sessions in self._pool_hours.items()
            if of == site and since <= hour < until
        ]
        return sorted(found, key=lambda each: (each.hour, each.pool, each.outcome))

    def drop_pool_hours(self, site: str, *, before: datetime) -> None:
        for key, _ in list(self._pool_hours.items()):
            if key[0] == site and key[2] < before:
                self._pool_hours.drop(key)

    def _forget_dry(self, site: str, session: str) -> None:
        if (site, session) in self._dry:
            self._dry.drop((site, session))

    def _all_that_came(self, site: str) -> Iterable[Came]:
        views = [view for key, view in self._first_views.items() if key[0] == site]
        found = [self._came(view) for view in views]
        return sorted(found, key=lambda came: (came.at, came.session))

    def _came(self, view: PageView) -> Came:
        who = view.identity
        return Came(
            visitor=who.visitor,
            session=who.session,
            at=who.session_started_at,
            touch=self._sessions[view.site, who.session].touch,
            device=view.device,
            country=view.location.country or "",
            region=view.location.region or "",
            city=view.location.city or "",
        )
