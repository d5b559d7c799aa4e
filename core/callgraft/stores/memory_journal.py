"""Sessions, page loads, published documents and calls in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache

from callgraft.source import Touch
from callgraft.stores.memory_tables import Changes, Index, Rows
from callgraft.stores.protocol import Published, Stay
from callgraft.stores.schema import PATH, WORDS
from callgraft.stores.types import cleaned
from callgraft.tracking.states import Sign, SignKind
from callgraft.tracking.values import Call, CallEvent, PageView, SessionSign

CallKey = tuple[str, str, str, str]


class MemoryJournal:
    """The part of the memory store that deals with what happened."""

    def __init__(self, changes: Changes) -> None:
        self._sessions: Rows[tuple[str, str], Stay] = Rows(changes)
        self._first_views: Rows[tuple[str, str], PageView] = Rows(changes)
        self._visits: Index[tuple[str, str], tuple[datetime, str, bool]] = Index(changes)
        self._visited: Rows[tuple[str, str, datetime, str], bool] = Rows(changes)
        self._signs: Index[tuple[str, str], tuple[datetime, SignKind]] = Index(changes)
        self._published: Rows[tuple[str, int], Published] = Rows(changes)
        self._editions: Rows[str, int] = Rows(changes)
        self._events: Rows[CallKey, CallEvent] = Rows(changes)
        self._events_of: Index[CallKey, tuple[str]] = Index(changes)
        self._calls: Rows[CallKey, Call] = Rows(changes)
        self._calls_of: Index[tuple[str, str], CallKey] = Index(changes)
        self._claims: Rows[str, datetime] = Rows(changes)
        self._tables: Rows[tuple[str, str], str] = Rows(changes)

    def lock_site(self, site: str) -> None:
        """One transaction runs at a time."""

    def knows_session(self, site: str, session: str) -> bool:
        return (site, session) in self._sessions

    def add_session(self, view: PageView) -> None:
        key = (view.site, view.identity.session)
        if key not in self._sessions:
            touch = _cleaned(view.identity.touch)
            region = view.location.region or None
            who = view.identity.visitor
            stay = Stay(touch=touch, device=view.device, region=region, log=(), visitor=who)
            self._sessions.put(key, stay)
            self._first_views.put(key, view)

    def add_visit(self, view: PageView) -> None:
        path = cleaned(view.path, PATH)
        session = (view.site, view.identity.session)
        if (*session, view.at, path) not in self._visited:
            self._visited.put((*session, view.at, path), view.is_contact)
            self._visits.add(session, (view.at, path, view.is_contact))

    def add_sign(self, sign: SessionSign) -> None:
        session, entry = (sign.site, sign.session), (sign.at, sign.kind)
        if entry not in self._signs.group(session):
            self._signs.add(session, entry)

    def stays(self, site: str, asked: Sequence[str]) -> Mapping[str, Stay]:
        known = {session: self._sessions.get((site, session)) for session in asked}
        return {
            session: replace(stay, log=self._log(site, session))
            for session, stay in known.items()
            if stay is not None
        }

    def lock_call(self, told: CallEvent | Call) -> None:
        """One transaction runs at a time."""

    def add_event(self, event: CallEvent, *, received_at: datetime) -> bool:
        key = (*_account(event), event.event_id)
        if key in self._events:
            return False
        self._events.put(key, event)
        self._events_of.add((*_account(event), event.call), (event.event_id,))
        return True

    def event_like(self, event: CallEvent) -> CallEvent | None:
        return self._events.get((*_account(event), event.event_id))

    def events_of(self, event: CallEvent) -> Sequence[CallEvent]:
        account = _account(event)
        ids = self._events_of.group((*account, event.call))
        return [self._events[(*account, event_id)] for (event_id,) in ids]

    def call_of(self, event: CallEvent) -> Call | None:
        return self._calls.get((*_account(event), event.call))

    def put_call(self, call: Call) -> None:
        key = (*_account(call), call.call)
        before = self._calls.get(key)
        if before is None or _ends(before) != _ends(call):
            self._unlist_call(before, key)
            for end in _ends(call):
                self._calls_of.add((call.site, end), key)
        self._calls.put(key, call)

    def _unlist_call(self, call: Call | None, key: CallKey) -> None:
        """Take the call out of the index of the calls of each number and each phone."""
        for end in _ends(call) if call else ():
            self._calls_of.drop((key[0], end), key)

    def calls(self, site: str, *, limit: int, after: str = "") -> Sequence[Call]:
        found = self._newest(lambda call: call.site == site)
        if after:
            ids = [call.id for call in found]
            found = found[ids.index(after) + 1 :] if after in ids else []
        return found[:limit]

    def call(self, site: str, call_id: str) -> Call | None:
        found = (call for _, call in self._calls.items() if (call.site, call.id) == (site, call_id))
        return next(found, None)

    def tables(self, site: str, version: str = "") -> str | None:
        return self._tables.get((site, version))

    def put_tables(self, site: str, version: str, text: str) -> None:
        self._tables.put((site, version), text)
        self._tables.put((site, ""), text)

    def lock_caller(self, site: str, caller: str) -> None:
        """One transaction runs at a time."""

    def calls_by(self, site: str, caller: str, *, limit: int) -> Sequence[Call]:
        of = self._calls_of.group((site, caller))
        return _newest_of(call for key in of if (call := self._calls[key]).caller == caller)[:limit]

    def calls_on(
        self,
        site: str,
        number: str,
        *,
        since: datetime | None = None,
        before: datetime,
        limit: int,
    ) -> Sequence[Call]:
        of = (self._calls[key] for key in self._calls_of.group((site, number)))
        there = (call for call in of if call.number == number and call.rang_at < before)
        return _newest_of(call for call in there if since is None or call.rang_at >= since)[:limit]

    def published(self, site: str) -> Published | None:
        edition = self._editions.get(site)
        return None if edition is None else self._published[site, edition]

    def version_in_force(self, site: str) -> str | None:
        in_force = self.published(site)
        return in_force.version if in_force else None

    def edition(self, site: str, edition: int) -> Published | None:
        return self._published.get((site, edition))

    def editions(self, site: str, *, limit: int) -> Sequence[Published]:
        newest = self._editions.get(site) or 0
        return [self._published[site, edition] for edition in range(newest, 0, -1)][:limit]

    def sites(self) -> Mapping[str, str]:
        newest = sorted(self._editions.items())
        return {site: self._published[site, edition].version for site, edition in newest}

    def add_published(self, published: Published) -> None:
        edition = (self._editions.get(published.site) or 0) + 1
        self._published.put((published.site, edition), replace(published, edition=edition))
        self._editions.put(published.site, edition)

    def _newest(self, wanted: Callable[[Call], bool]) -> list[Call]:
        return _newest_of(call for _, call in self._calls.items() if wanted(call))

    def _log(self, site: str, session: str) -> tuple[Sign, ...]:
        visits = self._visits.group((site, session))
        log = [Sign(at=at, is_contact=is_contact) for at, _, is_contact in visits]
        log += [Sign(at=at, kind=kind) for at, kind in self._signs.group((site, session))]
        return tuple(sorted(log, key=lambda sign: sign.at))


def _account(told: CallEvent | Call) -> tuple[str, str, str]:
    return told.site, told.provider, told.account


def _newest_of(calls: Iterable[Call]) -> list[Call]:
    found = sorted(calls, key=_id)
    found.sort(key=lambda call: call.rang_at, reverse=True)
    return found


def _ends(call: Call) -> set[str]:
    """Both ends of the line; a hidden phone is none."""
    return {call.number, call.caller} - {""}


def _id(call: Call) -> str:
    return call.id


@lru_cache(maxsize=1024)
def _cleaned(touch: Touch) -> Touch:
    return Touch(**{name: cleaned(word, WORDS) for name, word in asdict(touch).items()})
