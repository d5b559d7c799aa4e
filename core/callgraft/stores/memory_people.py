"""People's data in memory: told, forgotten, thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.stores.memory_journal import CallKey, MemoryJournal
from callgraft.stores.memory_leases import MemoryLeases
from callgraft.stores.memory_promo import MemoryPromo
from callgraft.stores.memory_proofs import MemoryProofs
from callgraft.stores.memory_reports import MemoryReports
from callgraft.tracking.records import FORGOTTEN, PageLoad, SessionRecord
from callgraft.tracking.values import Call, CallEvent, Lease, PageView, SessionSign


class MemoryPeople(MemoryLeases, MemoryPromo, MemoryProofs, MemoryReports, MemoryJournal):
    """The part of the memory store that deals with people's data."""

    def sessions_of(self, site: str, visitor: str) -> Sequence[SessionRecord]:
        views = [
            view
            for key, view in self._first_views.items()
            if key[0] == site and view.identity.visitor == visitor
        ]
        return sorted((self._record(view) for view in views), key=lambda each: each.started_at)

    def old_sessions(self, site: str, *, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        views = [view for key, view in self._first_views.items() if key[0] == site]
        views.sort(key=lambda view: view.identity.session_started_at)
        old = (view.identity for view in views if self._is_over(view, before))
        return [(who.session, who.visitor) for who in old][:limit]

    def drop_sessions(self, site: str, dropped: Sequence[tuple[str, str]]) -> None:
        for session, _ in dropped:
            key = (site, session)
            for at, path, is_contact in list(self._visits.group(key)):
                self._visits.drop(key, (at, path, is_contact))
                self._visited.drop((*key, at, path))
            for sign in list(self._signs.group(key)):
                self._signs.drop(key, sign)
            self._forget_dry(*key)
            self._sessions.drop(key)
            self._first_views.drop(key)
            self._drop_code_of(*key)

    def leases_of(self, site: str, visitor: str) -> Sequence[Lease]:
        leases = [lease for _, lease in self._leases.items()]
        found = [lease for lease in leases if (lease.site, lease.visitor) == (site, visitor)]
        return sorted(found, key=lambda lease: (lease.shown_at, lease.id))

    def hand_over(self, lease: Lease, *, visitor: str, session: str) -> None:
        before = self._leases[lease.id]
        after = replace(before, visitor=visitor, session=session, network="")
        self._leases.put(lease.id, after)
        self._of_visitor.drop(_of_visitor(before), (before.shown_at, before.id))
        self._of_visitor.add(_of_visitor(after), (after.shown_at, after.id))
        if after.released_at is None:
            place = (after.pool, after.target, after.id)
            self._of_session.drop((before.site, before.session), place)
            self._of_session.add((after.site, after.session), place)

    def drop_leases(self, site: str, of: Sequence[tuple[str, str]]) -> None:
        dropped = set(of)
        leases = [lease for _, lease in self._leases.items() if lease.site == site]
        for lease in leases:
            if (lease.session, lease.visitor) in dropped:
                self.release_lease(lease, at=lease.held_until, why="purged")
                self._of_visitor.drop(_of_visitor(lease), (lease.shown_at, lease.id))
                self._on_number.drop((site, lease.number), (lease.shown_at, lease.id))
                self._leases.drop(lease.id)

    def calls_naming(self, site: str, visitor: str) -> Sequence[Call]:
        return self._newest(lambda call: call.site == site and _names(call, visitor))

    def forget_caller(self, site: str, caller: str) -> tuple[int, int]:
        keys = {key for key, call in self._calls.items() if _is_from(call, site, caller)}
        keys |= {_key(event) for _, event in self._events.items() if _is_from(event, site, caller)}
        return len(keys), sum(self._forget(key) for key in keys)

    def forget_callers_before(self, site: str, *, before: datetime, limit: int) -> int:
        keys = [
            key
            for key, call in self._old_calls(site, before)
            if call.caller or any(event.raw != FORGOTTEN for event in self._told(key))
        ]
        for key in keys[:limit]:
            self._forget(key)
        return len(keys[:limit])

    def forget_caller_of(self, call: Call) -> Call:
        key = (call.site, call.provider, call.account, call.call)
        self._forget(key)
        return self._calls[key]

    def drop_calls(self, site: str, *, before: datetime, limit: int) -> int:
        old = self._old_calls(site, before)[:limit]
        for key, call in old:
            for (event_id,) in list(self._events_of.group(key)):
                self._events_of.drop(key, (event_id,))
                self._events.drop((*key[:3], event_id))
            self.drop_proofs_of(site, call.id)
            self._unlist_call(call, key)
            self._calls.drop(key)
        return len(old)

    def claim(self, task: str, *, at: datetime, every: timedelta) -> bool:
        last = self._claims.get(task)
        if last is not None and abs(at - last) < every:
            return False
        self._claims.put(task, at)
        return True

    def _record(self, view: PageView) -> SessionRecord:
        key = (view.site, view.identity.session)
        stay = self._sessions[key]
        return SessionRecord(
            session=view.identity.session,
            visitor=view.identity.visitor,
            started_at=view.identity.session_started_at,
            device=view.device,
            country=view.location.country or "",
            region=view.location.region or "",
            city=view.location.city or "",
            network=view.network,
            touch=stay.touch,
            visits=tuple(
                PageLoad(at=at, path=path, is_contact=is_contact)
                for at, path, is_contact in self._visits.group(key)
            ),
            signs=tuple(
                SessionSign(site=key[0], session=key[1], at=at, kind=kind)
                for at, kind in self._signs.group(key)
            ),
        )

    def _is_over(self, view: PageView, before: datetime) -> bool:
        key = (view.site, view.identity.session)
        visits = self._visits.group(key)
        ends = [lease.held_until for lease in self.open_leases(*key)]
        last = max((view.identity.session_started_at, *(at for at, _, _ in visits), *ends))
        return last < before

    def _old_calls(self, site: str, before: datetime) -> list[tuple[CallKey, Call]]:
        old = [pair for pair in self._calls.items() if pair[1].site == site]
        old = [pair for pair in old if pair[1].rang_at < before]
        return sorted(old, key=lambda pair: pair[1].rang_at)

    def _told(self, key: CallKey) -> list[CallEvent]:
        return [self._events[(*key[:3], event_id)] for (event_id,) in self._events_of.group(key)]

    def _forget(self, key: CallKey) -> int:
        told = self._told(key)
        for event in told:
            self._events.put((*key[:3], event.event_id), replace(event, caller="", raw=FORGOTTEN))
        if call := self._calls.get(key):
            self.put_call(replace(call, caller=""))
        return len(told)


def _of_visitor(lease: Lease) -> tuple[str, str, str, str]:
    return lease.site, lease.visitor, lease.pool, lease.target


def _key(event: CallEvent) -> CallKey:
    return event.site, event.provider, event.account, event.call


def _is_from(told: Call | CallEvent, site: str, caller: str) -> bool:
    return (told.site, told.caller) == (site, caller)


def _names(call: Call, visitor: str) -> bool:
    found = call.attribution
    named = (found.visitor, *(each.visitor for each in found.candidates))
    return visitor in (*named, *(each.visitor for each in call.earlier))
