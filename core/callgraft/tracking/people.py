"""People's data: told to them, forgotten for good, thrown away when its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.identity import Identity, new_id
from callgraft.site import Site
from callgraft.source import UNKNOWN
from callgraft.stores.protocol import Transaction
from callgraft.tracking.records import Forgotten, Purged, VisitorRecord
from callgraft.tracking.values import Attribution, Call, Lease, PageView

BATCH = 200
"""How many sessions, or calls, are thrown away in one transaction: page views must not wait."""


def visitor_record(transaction: Transaction, site: str, visitor: str) -> VisitorRecord | None:
    """
    All that is known of the visitor, None when that is nothing.

    It may be handed to the visitor, so it holds nothing of anybody else: of calls not the number
    that rang, for whose it is is only likely, and no other candidates.
    """
    sessions = tuple(transaction.sessions_of(site, visitor))
    leases = tuple(transaction.leases_of(site, visitor))
    calls = tuple(_as_told(call, visitor) for call in transaction.calls_naming(site, visitor))
    if not (sessions or leases or calls):
        return None
    return VisitorRecord(site=site, visitor=visitor, sessions=sessions, leases=leases, calls=calls)


def forget(
    transaction: Transaction, site: str, *, visitor: str, caller: str, at: datetime
) -> Forgotten:
    """Delete what is known of a visitor, or of a caller, or of both, for good."""
    forgotten = Forgotten()
    if visitor:
        forgotten += forget_visitor(transaction, site, visitor, at=at)
    if caller:
        forgotten += forget_caller(transaction, site, caller, at=at)
    return forgotten


def forget_visitor(transaction: Transaction, site: str, visitor: str, *, at: datetime) -> Forgotten:
    """
    Delete what is known of the visitor, for good.

    Leases stay, as nobody's: a number that is on a screen must not be given to somebody else, and
    whoever was shown it later must not look surer for that. Calls stay with their source.
    """
    sessions = transaction.sessions_of(site, visitor)
    leases = transaction.leases_of(site, visitor)
    calls = transaction.calls_naming(site, visitor)
    _hand_over(transaction, site, leases)
    transaction.drop_sessions(site, [(each.session, visitor) for each in sessions])
    transaction.drop_proofs(site, visitor, [each.session for each in sessions])
    for call in calls:
        transaction.put_call(_without(call, visitor))
    _drop_answers(transaction, at)
    return Forgotten(
        sessions=len(sessions),
        visits=sum(len(each.visits) for each in sessions),
        signs=sum(len(each.signs) for each in sessions),
        leases=len(leases),
        calls=len(calls),
    )


def forget_caller(transaction: Transaction, site: str, caller: str, *, at: datetime) -> Forgotten:
    """Delete a caller's number from calls, and from the events that told of them, for good."""
    calls, events = transaction.forget_caller(site, caller)
    _drop_answers(transaction, at)
    return Forgotten(calls=calls, events=events)


def purge_batch(transaction: Transaction, site: Site, *, at: datetime) -> Purged:
    """Throw away some of what the site may keep no longer; nothing, when there is no more."""
    keep, key = site.privacy, site.key
    old = transaction.old_sessions(key, before=at - keep.keep_visits, limit=BATCH)
    if old:
        transaction.drop_leases(key, old)
        transaction.drop_sessions(key, old)
    calls = transaction.drop_calls(key, before=at - keep.keep_calls, limit=BATCH)
    transaction.drop_pool_hours(key, before=at - keep.keep_calls)
    callers = transaction.forget_callers_before(key, before=at - keep.keep_callers, limit=BATCH)
    return Purged(sessions=len(old), calls=calls, callers=callers)


def _hand_over(transaction: Transaction, site: str, leases: Sequence[Lease]) -> None:
    """Each session's leases go over to a session of a visitor who never was."""
    nobody = new_id()
    stand_ins: dict[str, str] = {}
    for lease in leases:
        if lease.session not in stand_ins:
            stand_ins[lease.session] = new_id()
            transaction.add_session(_stay_of_nobody(lease, nobody, stand_ins[lease.session]))
        transaction.hand_over(lease, visitor=nobody, session=stand_ins[lease.session])


def _stay_of_nobody(lease: Lease, visitor: str, session: str) -> PageView:
    who = Identity(
        visitor=visitor,
        session=session,
        first_seen_at=lease.shown_at,
        session_started_at=lease.shown_at,
        seen_at=lease.shown_at,
        pages=1,
        touch=UNKNOWN,
    )
    return PageView(site=lease.site, at=lease.shown_at, identity=who, path="", device="")


def _as_told(call: Call, visitor: str) -> Call:
    found = call.attribution
    mine = tuple(each for each in found.candidates if each.visitor == visitor)
    if found.visitor != visitor:
        why = mine[0].because if mine else ""
        found = Attribution(method=found.method, because=why)
    earlier = tuple(each for each in call.earlier if each.visitor == visitor)
    told = replace(found, candidates=mine)
    return replace(call, caller="", region="", attribution=told, earlier=earlier)


def _without(call: Call, visitor: str) -> Call:
    """The call with its source, and without the visitor."""
    found = call.attribution
    candidates = tuple(
        replace(each, visitor="", session="") if each.visitor == visitor else each
        for each in found.candidates
    )
    kept = replace(found, candidates=candidates)
    if kept.visitor == visitor:
        kept = replace(kept, visitor="", session="")
    earlier = tuple(
        replace(each, visitor="", session="") if each.visitor == visitor else each
        for each in call.earlier
    )
    return replace(call, attribution=kept, earlier=earlier)


def _drop_answers(transaction: Transaction, at: datetime) -> None:
    """What the tracking server answered is kept for a while, and may tell of anybody."""
    transaction.drop_answers(before=at + timedelta(days=1))
