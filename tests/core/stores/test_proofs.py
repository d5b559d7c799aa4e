"""Proofs of who made a call, on every store: kept, told, forgotten, and thrown away."""

from __future__ import annotations

from datetime import timedelta

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.values import Proof, ProofKind
from tests.core.tracked import FIRST, MINUTE, NOON, SECOND, rings, site, view


def proof(call: str, kind: ProofKind = ProofKind.PROMO_CODE, **named: str) -> Proof:
    return Proof(site="okna", call=call, kind=kind, at=NOON, **named)


def kept(store: Store, *calls: str) -> dict[str, set[Proof]]:
    found = store.read(lambda transaction: transaction.proofs("okna", calls))
    return {call: set(proofs) for call, proofs in found.items()}


def add(store: Store, *proofs: Proof) -> None:
    for each in proofs:
        store.write(lambda transaction, each=each: transaction.add_proof(each))


def test_proofs_are_kept_once_by_their_call(store: Store) -> None:
    first, second = proof("1", session="a"), proof("1", ProofKind.CRM, source="ads")
    add(store, first, second, first, proof("2", visitor="anna"))
    assert kept(store, "1", "3") == {"1": {first, second}}
    assert kept(store) == {}


def test_a_source_that_no_database_takes_is_cleaned(store: Store) -> None:
    add(store, proof("1", source="a\x00" + "b" * 300))
    [told] = kept(store, "1")["1"]
    assert told.source == "a\ufffd" + "b" * 254


def test_who_is_forgotten_is_in_no_proof(client: EmbeddedClient, store: Store) -> None:
    for session in "ab":
        client.page_view(view(session))
    theirs = proof("1", session="b")
    add(store, proof("1", session="a"), proof("1", visitor="visitor of a"), theirs)
    client.forget("okna", visitor="visitor of a", at=NOON)
    assert kept(store, "1") == {"1": {theirs}}


def test_proofs_go_with_their_call(client: EmbeddedClient, store: Store) -> None:
    old = client.take_call(rings(FIRST, NOON, call="old"))
    new = client.take_call(rings(SECOND, NOON + timedelta(days=9999), call="new"))
    add(store, proof(old.id, source="ads"), proof(new.id, source="ads"))
    client.purge(site(), at=NOON + timedelta(days=9999) + MINUTE)
    assert list(kept(store, old.id, new.id)) == [new.id]
