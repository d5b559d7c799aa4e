"""Call events become calls, each once, attributed to the session that made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callgraft.call_terms import CallTerms
from callgraft.errors import RepeatedEvent
from callgraft.phone import region_of
from callgraft.stores.protocol import Transaction
from callgraft.tracking.call_marks import count_calls, marks_of
from callgraft.tracking.call_record import call_of, is_repetition
from callgraft.tracking.proofs import is_test
from callgraft.tracking.records import FORGOTTEN
from callgraft.tracking.rescoring import LOG_WAIT, await_log, follow, judged, tables_for
from callgraft.tracking.scoring import score
from callgraft.tracking.terms_in_force import terms_in_force
from callgraft.tracking.values import Call, CallEvent


def take_call(transaction: Transaction, event: CallEvent, *, received_at: datetime) -> Call:
    """
    Keep the event and return its call.

    The call is put together again from everything told of it, and attributed again only when the
    moment of the ring or the number turned out to be others.

    :raises RepeatedEvent: another event had the same id.
    """
    transaction.lock_call(event)
    known = transaction.call_of(event)
    if not transaction.add_event(event, received_at=received_at):
        _check_repetition(transaction, event)
        if known:
            return known
    told = transaction.events_of(event)
    call = call_of(told)
    if known:  # however ids were made when it was first told of
        call = replace(call, id=known.id, region=known.region)
    if call.caller:
        call = replace(call, region=region_of(call.caller))
    terms = terms_in_force(transaction, call.site)
    callers = sorted({call.caller, known.caller if known else ""} - {""})
    for caller in callers:
        transaction.lock_caller(call.site, caller)
    call = _attributed(transaction, call, known, terms, at=received_at)
    call = replace(call, marks=marks_of(call, terms, is_test=is_test(transaction, call)))
    transaction.put_call(call)
    if known is None or _rang(known) != _rang(call):
        _see_to_others(transaction, call, known, at=received_at)
    # Whoever was forgotten must not come back with the next event of the same call.
    if any(each.raw == FORGOTTEN for each in told):
        return transaction.forget_caller_of(call)
    for caller in callers:
        count_calls(transaction, call.site, caller)
    return transaction.call_of(event) or call


def _attributed(
    transaction: Transaction, call: Call, known: Call | None, terms: CallTerms, *, at: datetime
) -> Call:
    if known is None:
        return replace(call, attribution=score(transaction, call, terms))
    before = replace(
        call,
        attribution=known.attribution,
        rescored_at=known.rescored_at,
        earlier=known.earlier,
    )
    if _rang(known) == _rang(call):
        return before
    found = score(transaction, call, terms, tables=tables_for(transaction, known))
    return judged(before, found, at=at, why="what the provider told later")


def _see_to_others(
    transaction: Transaction, call: Call, known: Call | None, *, at: datetime
) -> None:
    """Calls that rang later were weighed without this one; its sessions' log may still come."""
    before = [known] if known else []
    follow(transaction, min([call, *before], key=lambda each: each.rang_at), at=at)
    if call.attribution.candidates and at < call.rang_at + LOG_WAIT:
        await_log(transaction, call, at=at)


def _check_repetition(transaction: Transaction, event: CallEvent) -> None:
    """A sender that gives two events one id would lose the second one without a word."""
    known = transaction.event_like(event)
    if known and known.raw == FORGOTTEN:
        return  # what it told is gone, and so is what could be compared
    if known is None or not is_repetition(known, event):
        raise RepeatedEvent(event.event_id)


def _rang(call: Call) -> tuple[str, str, str, datetime]:
    """All that an attribution depends on."""
    return call.site, call.number, call.caller, call.rang_at
