"""What is proved of who made a call: kept, and weighed against what else was told."""

from __future__ import annotations

from callgraft.stores.protocol import Stay, Transaction
from callgraft.tracking.proven import Evidence
from callgraft.tracking.values import Call, Proof, ProofKind

_RANKS = {kind: rank for rank, kind in enumerate(ProofKind)}


def evidence_of(transaction: Transaction, call: Call) -> Evidence | None:
    """
    What counts of all that was told of the call: the surest kind, and of that the newest.

    A proof that names nobody whom the store knows, and no source, is none.
    """
    told = transaction.proofs(call.site, [call.id]).get(call.id, ())
    for proof in sorted(told, key=_order):
        if found := _evidence(transaction, call, proof):
            return found
    return None


def is_test(transaction: Transaction, call: Call) -> bool:
    """Whether somebody of the firm made the call, to try out what happens."""
    told = transaction.proofs(call.site, [call.id]).get(call.id, ())
    return any(proof.kind is ProofKind.TEST_CALL for proof in told)


def _order(proof: Proof) -> tuple[int, float, str, str, str]:
    when = proof.at.timestamp()
    return _RANKS[proof.kind], -when, proof.session, proof.visitor, proof.source


def _evidence(transaction: Transaction, call: Call, proof: Proof) -> Evidence | None:
    session, stay = proof.session, _stay(transaction, call.site, proof.session)
    visitor = proof.visitor or (stay.visitor if stay else "")
    if stay is None:
        session = _session_of(transaction, call, proof.visitor)
        stay = _stay(transaction, call.site, session)
    if not (session or visitor or proof.source):
        return None
    touch = stay.touch if stay else None
    return Evidence(
        kind=proof.kind, session=session, visitor=visitor, source=proof.source, touch=touch
    )


def _stay(transaction: Transaction, site: str, session: str) -> Stay | None:
    return transaction.stays(site, [session]).get(session) if session else None


def _session_of(transaction: Transaction, call: Call, visitor: str) -> str:
    """The session in which the visitor saw the number last before it rang."""
    if not visitor:
        return ""
    shown = [
        lease
        for lease in transaction.leases_of(call.site, visitor)
        if lease.number == call.number and lease.shown_at <= call.rang_at
    ]
    return shown[-1].session if shown else ""
