"""Proofs of who made a call, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from callgraft.stores.memory_tables import Changes, Rows
from callgraft.stores.schema import PROVEN_SOURCE
from callgraft.stores.types import cleaned
from callgraft.tracking.values import Proof


class MemoryProofs:
    """The part of the memory store that deals with proofs."""

    def __init__(self, changes: Changes) -> None:
        self._proofs: Rows[tuple[str, str], tuple[Proof, ...]] = Rows(changes)

    def add_proof(self, proof: Proof) -> None:
        kept = replace(proof, source=cleaned(proof.source, PROVEN_SOURCE))
        known = self._proofs.get((proof.site, proof.call)) or ()
        if kept not in known:
            self._proofs.put((proof.site, proof.call), (*known, kept))

    def proofs(self, site: str, calls: Sequence[str]) -> Mapping[str, Sequence[Proof]]:
        found = {call: self._proofs.get((site, call)) or () for call in calls}
        return {call: told for call, told in found.items() if told}

    def drop_proofs(self, site: str, visitor: str, sessions: Sequence[str]) -> None:
        for key, told in list(self._proofs.items()):
            left = tuple(
                each
                for each in told
                if each.site != site or (each.visitor != visitor and each.session not in sessions)
            )
            if left != told:
                self._proofs.put(key, left)

    def drop_proofs_of(self, site: str, call: str) -> None:
        """All of one call, which is thrown away."""
        if (site, call) in self._proofs:
            self._proofs.drop((site, call))
