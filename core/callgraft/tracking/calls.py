"""Call events become calls, each once, attributed to the session that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from callgraft.call_terms import CallTerms
from callgraft.errors import RepeatedEvent
from callgraft.roles import Role, RoleKind
from callgraft.stores.protocol import NumberRole, Transaction
from callgraft.tracking.attribution import posterior, record, source_only
from callgraft.tracking.call_marks import LOOKED_AT, count_calls, marks_of
from callgraft.tracking.call_record import call_of, is_repetition
from callgraft.tracking.caller_memory import Link, link_of, of_client, remembered, with_visitor
from callgraft.tracking.exposures import exposures_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.records import FORGOTTEN
from callgraft.tracking.role_history import roles_at
from callgraft.tracking.terms_in_force import terms_in_force
from callgraft.tracking.values import Attribution, Call, CallEvent


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
    if known:
        call = replace(call, id=known.id)  # however ids were made when it was first told of
    terms = terms_in_force(transaction, call.site)
    callers = sorted({call.caller, known.caller if known else ""} - {""})
    for caller in callers:
        transaction.lock_caller(call.site, caller)
    if known and _rang(known) == _rang(call):
        found = known.attribution
    else:
        found = _attribution(transaction, call, terms)
    call = replace(call, attribution=found, marks=marks_of(call, terms))
    transaction.put_call(call)
    # Whoever was forgotten must not come back with the next event of the same call.
    if any(each.raw == FORGOTTEN for each in told):
        return transaction.forget_caller_of(call)
    for caller in callers:
        count_calls(transaction, call.site, caller)
    return transaction.call_of(event) or call


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


def _attribution(transaction: Transaction, call: Call, terms: CallTerms) -> Attribution:
    if call.caller in terms.clients:
        return of_client()
    link = None if call.caller in terms.service else _link(transaction, call)
    found = _by_number(transaction, call, link)
    return with_visitor(found, link) if link and found.method == "source_only" else found


def _link(transaction: Transaction, call: Call) -> Link | None:
    """Whose phone it was before this call rang."""
    if not call.caller:
        return None
    known = transaction.calls_by(call.site, call.caller, limit=LOOKED_AT)
    return link_of([each for each in known if each.rang_at < call.rang_at and each.id != call.id])


def _by_number(transaction: Transaction, call: Call, link: Link | None) -> Attribution:
    roles = roles_at(transaction, call.site, call.number, call.rang_at)
    if len({(each.role.kind, each.role.key) for each in roles}) > 1 and any(
        each.role.kind is not RoleKind.POOL for each in roles
    ):
        return _of_changed_number(roles)
    role = roles[0].role if roles else None
    if role and role.kind in (RoleKind.OVERFLOW, RoleKind.FIXED):
        return source_only(role.source, role.medium, role.campaign, _because(role))
    if role and role.kind is RoleKind.TARGET:
        because = f"The number is the target {role.key!r} itself: everybody can see it."
        return Attribution(method="none", because=because)
    # A number that left the document still stands on pages that are open: the store knows it.
    if role or transaction.was_in_pool(call.site, call.number):
        tables = tables_in_force(transaction, call.site)
        exposures = exposures_of(transaction, call)
        shared = posterior(exposures, rang_at=call.rang_at, tables=tables)
        known = link and remembered(link, shared, number=call.number, rang_at=call.rang_at)
        return known or record(shared, rang_at=call.rang_at)
    return Attribution(method="none", because="The number is not one of this site's.")


def _of_changed_number(roles: Sequence[NumberRole]) -> Attribution:
    """
    Only what is true of all that the number was: nobody knows who saw it when.

    An overflow number's visitors are not kept, so none can be weighed against those of a pool.
    """
    told = [each.role for each in roles]
    because = f"The number changed: {'; before that, '.join(_name(role) for role in told)}."
    origins = {(role.source, role.medium) for role in told}
    if len(origins) > 1 or not told[0].source:
        doubt = f"{because} Whoever rang may have seen it as either, so nothing is told."
        return Attribution(method="none", because=doubt)
    campaign = told[0].campaign if len({role.campaign for role in told}) == 1 else ""
    agreed = f"{because} The source is the same, the visitor may be anybody."
    return source_only(told[0].source, told[0].medium, campaign, agreed)


_NAMES = {
    RoleKind.TARGET: "the target",
    RoleKind.POOL: "a number of the pool",
    RoleKind.OVERFLOW: "the overflow number of the pool",
    RoleKind.FIXED: "the fixed number",
}


def _name(role: Role) -> str:
    return f"{_NAMES[role.kind]} {role.key!r}"


def _because(role: Role) -> str:
    if role.kind is RoleKind.OVERFLOW:
        return f"The overflow number of pool {role.key!r}: many visitors see it at one time."
    return f"The fixed number {role.key!r}: it stands for its source, not for a visitor."
