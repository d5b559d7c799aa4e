"""Proofs of who made a call, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, or_, select

from callgraft.stores.schema import proofs
from callgraft.stores.upsert import insert_new
from callgraft.tracking.values import Proof, ProofKind


class SqlProofs:
    """The part of a transaction that deals with proofs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_proof(self, proof: Proof) -> None:
        statement = insert_new(self._connection.dialect.name, proofs)
        self._connection.execute(statement, asdict(proof))

    def proofs(self, site: str, calls: Sequence[str]) -> Mapping[str, Sequence[Proof]]:
        found: dict[str, list[Proof]] = {}
        for row in self._connection.execute(
            select(proofs).where(proofs.c.site == site, proofs.c.call.in_(calls))
        ):
            proof = Proof(**dict(row._mapping) | {"kind": ProofKind(row.kind)})
            found.setdefault(row.call, []).append(proof)
        return found

    def drop_proofs(self, site: str, visitor: str, sessions: Sequence[str]) -> None:
        named = or_(proofs.c.visitor == visitor, proofs.c.session.in_(sessions))
        self._connection.execute(delete(proofs).where(proofs.c.site == site, named))
