"""
Calls are attributed again when something comes to light that was not known when they rang.

An attribution is a function of what the store knows: the same evidence and the same version of the
weights give the same answer, in whatever order the evidence came. So a call whose attribution
changes makes those due that were weighed with it: later ones of its number and of its phone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callgraft.errors import UnknownCall
from callgraft.stores.protocol import DueCall, Transaction
from callgraft.tracking.call_marks import LOOKED_AT, count_calls, marks_of
from callgraft.tracking.exposures import CALLS
from callgraft.tracking.learned import tables_of
from callgraft.tracking.proofs import evidence_of, is_test
from callgraft.tracking.proven import proven
from callgraft.tracking.scoring import score
from callgraft.tracking.tables import Tables
from callgraft.tracking.terms_in_force import terms_in_force
from callgraft.tracking.values import Attribution, Call, CallMark, Proof, ProofKind
from callgraft.tracking.verdicts import Verdict

LOG_WAIT = timedelta(seconds=2)
"""How late a session's log may be written without anybody looking for the calls it belongs to."""

ANEW = "a rescoring"

KEPT = 20
"""How many earlier verdicts a call keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """A call before and after it was attributed again."""

    before: Call
    after: Call

    @property
    def is_changed(self) -> bool:
        """Whether something else is told of it than before."""
        return told_of(self.before.attribution) != told_of(self.after.attribution)


def prove(transaction: Transaction, proof: Proof, *, at: datetime) -> Call:
    """
    Keep the proof, and return its call as it is attributed by it.

    :raises UnknownCall: the site has no such call.
    """
    if transaction.call(proof.site, proof.call) is None:
        raise UnknownCall(proof.site, proof.call)
    transaction.add_proof(proof)
    done = rescore(transaction, proof.site, proof.call, at=at, why=_WHY[proof.kind])
    if done is None:
        raise UnknownCall(proof.site, proof.call)
    return done.after


def rescore(
    transaction: Transaction,
    site: str,
    call_id: str,
    *,
    at: datetime,
    why: str,
    is_anew: bool = False,
    is_alone: bool = False,
) -> Rescored | None:
    """
    Attribute the call by all that is known now; None where there is no such call.

    :param is_anew: by the weights in force, and not by those that it was attributed by.
    :param is_alone: later calls do not become due; they are attributed again anyway.
    """
    transaction.take_due(site, call_id)  # also of a call that was thrown away meanwhile
    known = transaction.call(site, call_id)
    if known is None:
        return None
    transaction.lock_call(known)
    if known.caller:
        transaction.lock_caller(site, known.caller)
    call = transaction.call(site, call_id) or known
    found = _found(transaction, call, is_anew=is_anew)
    after = _written(transaction, judged(call, found, at=at, why=why))
    if not is_alone and found != call.attribution:
        follow(transaction, call, at=at)
    return Rescored(before=call, after=after)


def rehearse(transaction: Transaction, site: str, call_id: str, *, at: datetime) -> Rescored | None:
    """What attributing the call anew would come to, beside the other calls as they are."""
    call = transaction.call(site, call_id)
    if call is None:
        return None
    found = _found(transaction, call, is_anew=True)
    return Rescored(before=call, after=judged(call, found, at=at, why=ANEW))


def judged(call: Call, found: Attribution, *, at: datetime, why: str) -> Call:
    """The call with another attribution; what was told of it before is kept where it differs."""
    if found == call.attribution:
        return call
    if told_of(found) == told_of(call.attribution):
        return replace(call, attribution=found, rescored_at=at)
    method, probability, visitor, session, source = told_of(call.attribution)
    earlier = Verdict(
        until=at,
        why=why,
        method=method,
        probability=probability,
        visitor=visitor,
        session=session,
        source=source,
    )
    kept = (*call.earlier, earlier)[-KEPT:]
    return replace(call, attribution=found, rescored_at=at, earlier=kept)


def told_of(found: Attribution) -> tuple[str, float, str, str, str]:
    """What people are told of an attribution."""
    sure = round(found.probability, 2)
    return found.method, sure, found.visitor, found.session, found.source


def follow(transaction: Transaction, call: Call, *, at: datetime) -> None:
    """Make those due that were weighed with what is told of this call."""
    later = transaction.calls_later(call.site, call.number, after=call.rang_at, limit=CALLS)
    theirs = transaction.calls_by(call.site, call.caller, limit=LOOKED_AT) if call.caller else ()
    later = [*later, *(each for each in theirs if each.rang_at > call.rang_at)]
    _make_due(transaction, later, at=at, why="an earlier call")


def log_is_late(
    transaction: Transaction, site: str, session: str, *, since: datetime, at: datetime
) -> None:
    """Make the calls due that the session could have made, now that more is known of it."""
    heard = transaction.heard(site, session, since=since, limit=CALLS)
    _make_due(transaction, heard, at=at, why="signs that came late")


def await_log(transaction: Transaction, call: Call, *, at: datetime) -> None:
    """Look at a call again when the last of its sessions' log must have been written."""
    _make_due(transaction, [call], at=at, why="signs that came late")


def tables_for(transaction: Transaction, call: Call) -> Tables | None:
    """The weights that the call was attributed by: what is in force since then is no evidence."""
    version = call.attribution.tables
    return tables_of(transaction, call.site, version) if version else None


_WHY = {
    ProofKind.TEST_CALL: "a test call",
    ProofKind.PROMO_CODE: "a promo code",
    ProofKind.FORM: "a form",
    ProofKind.CRM: "the CRM",
    ProofKind.REPEAT: "another call",
}


_OF_PHONES = {CallMark.FIRST, CallMark.REPEAT, CallMark.SERVICE, CallMark.CLIENT}


def _found(transaction: Transaction, call: Call, *, is_anew: bool) -> Attribution:
    if not _all_is_there(transaction, call):
        evidence = evidence_of(transaction, call)
        told = call.attribution
        return proven(evidence, None, told, rang_at=call.rang_at) if evidence else told
    terms = terms_in_force(transaction, call.site)
    return score(
        transaction, call, terms, tables=None if is_anew else tables_for(transaction, call)
    )


def _all_is_there(transaction: Transaction, call: Call) -> bool:
    """Whether nobody was forgotten, or thrown away after its time, who bears on the call."""
    if not call.caller and call.attribution.method in ("client", "known_phone"):
        return False
    named = call.attribution.candidates
    sessions = [each.session for each in named if each.session]
    return all(each.visitor for each in named) and len(set(sessions)) == len(
        transaction.stays(call.site, sessions)
    )


def _written(transaction: Transaction, call: Call) -> Call:
    terms = terms_in_force(transaction, call.site)
    marks = set(marks_of(call, terms, is_test=is_test(transaction, call)))
    if not call.caller:  # the phone may have been forgotten, and with it what it told
        marks |= set(call.marks) & _OF_PHONES
    marked = replace(call, marks=tuple(mark for mark in CallMark if mark in marks))
    transaction.put_call(marked)
    count_calls(transaction, call.site, call.caller)
    return transaction.call(call.site, call.id) or marked


def _make_due(transaction: Transaction, calls: Iterable[Call], *, at: datetime, why: str) -> None:
    # Not at once: what comes late seldom comes alone.
    due_at = at + LOG_WAIT
    for call in calls:
        transaction.put_due(DueCall(site=call.site, call=call.id, due_at=due_at, why=why))
