"""What a call counts as: first, repeat, target, service, client, missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from callgraft.call_terms import CallTerms
from callgraft.stores.protocol import Transaction
from callgraft.tracking.values import Call, CallMark

LOOKED_AT = 200
"""How many calls of one phone are looked at; whoever rings more often is no new caller."""

STRANGER = 0.9
A_MOMENT = timedelta(seconds=5)
"""Who is a stranger with that probability, and stays for less, is taken for a robot."""

_COUNTED = (CallMark.FIRST, CallMark.REPEAT)


def marks_of(call: Call, terms: CallTerms, *, is_test: bool = False) -> tuple[CallMark, ...]:
    """
    All marks but first and repeat, which other calls of the phone decide.

    :param is_test: a proof says that somebody of the firm tried out what happens.
    """
    is_service = is_test or call.caller in terms.service
    is_spam = not is_service and _is_spam(call)
    is_target = call.talk is not None and call.talk >= terms.target_talk and not call.missed
    told = {
        CallMark.SERVICE: is_service,
        CallMark.CLIENT: call.caller in terms.clients,
        CallMark.TARGET: is_target and not is_service and not is_spam,
        CallMark.MISSED: call.missed is True,
        CallMark.SPAM: is_spam,
    }
    return tuple(mark for mark in CallMark if told.get(mark))


def _is_spam(call: Call) -> bool:
    """Whether a stranger, almost surely, was on the line for a moment only, and rang off."""
    if call.attribution.stray < STRANGER:
        return False
    lasted = call.talk
    if lasted is None and call.ended_at is not None:
        lasted = call.ended_at - call.rang_at
    return lasted is not None and lasted < A_MOMENT


def count_calls(transaction: Transaction, site: str, caller: str) -> None:
    """
    Mark the phone's calls first and repeat, in the order in which they rang.

    Events come late: a call may turn out to be the first after another one was taken for that.
    Nobody knows it of hidden phones; calls of the firm itself and of clients are not counted.
    """
    if not caller:
        return
    newest = transaction.calls_by(site, caller, limit=LOOKED_AT)
    counted = [call for call in newest if _is_counted(call)]
    counted.sort(key=lambda call: (call.rang_at, call.id))
    for place, call in enumerate(counted):
        is_first = place == 0 and len(newest) < LOOKED_AT
        mark = CallMark.FIRST if is_first else CallMark.REPEAT
        marks = (mark, *(each for each in call.marks if each not in _COUNTED))
        if marks != call.marks:
            transaction.put_call(replace(call, marks=marks))


def _is_counted(call: Call) -> bool:
    return not {CallMark.SERVICE, CallMark.CLIENT} & set(call.marks)
