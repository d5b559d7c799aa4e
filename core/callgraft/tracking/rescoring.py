"""Calls are attributed again when something comes to light that was not known when they rang."""

from __future__ import annotations

from dataclasses import replace

from callgraft.errors import UnknownCall
from callgraft.stores.protocol import Transaction
from callgraft.tracking.call_marks import count_calls, marks_of
from callgraft.tracking.proofs import is_test
from callgraft.tracking.scoring import score
from callgraft.tracking.terms_in_force import terms_in_force
from callgraft.tracking.values import Call, Proof


def prove(transaction: Transaction, proof: Proof) -> Call:
    """
    Keep the proof, and return its call as it is attributed by it.

    :raises UnknownCall: the site has no such call.
    """
    call = transaction.call(proof.site, proof.call)
    if call is None:
        raise UnknownCall(proof.site, proof.call)
    transaction.lock_call(call)
    if call.caller:
        transaction.lock_caller(call.site, call.caller)
    transaction.add_proof(proof)
    return rescore(transaction, transaction.call(proof.site, proof.call) or call)


def rescore(transaction: Transaction, call: Call) -> Call:
    """Attribute the call by all that is known now; whoever asks has locked it."""
    terms = terms_in_force(transaction, call.site)
    found = score(transaction, call, terms)
    marks = marks_of(call, terms, is_test=is_test(transaction, call))
    counted = replace(call, attribution=found, marks=marks)
    transaction.put_call(counted)
    count_calls(transaction, call.site, call.caller)
    return transaction.call(call.site, call.id) or counted
