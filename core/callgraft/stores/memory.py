"""The store in memory: for tests, and for trying things out; it ends with its process."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

from callgraft.stores.memory_due import MemoryDue
from callgraft.stores.memory_journal import MemoryJournal
from callgraft.stores.memory_numbers import MemoryNumbers
from callgraft.stores.memory_people import MemoryPeople
from callgraft.stores.memory_promo import MemoryPromo
from callgraft.stores.memory_proofs import MemoryProofs
from callgraft.stores.memory_reports import MemoryReports
from callgraft.stores.memory_roles import MemoryRoles
from callgraft.stores.memory_tables import Changes
from callgraft.stores.memory_tokens import MemoryTokens
from callgraft.stores.protocol import Transaction

Result = TypeVar("Result")


class MemoryTransaction(
    MemoryNumbers, MemoryPeople, MemoryDue, MemoryProofs, MemoryReports, MemoryRoles, MemoryTokens
):
    """Everything the store knows; one at a time works on it."""

    def __init__(self, changes: Changes) -> None:
        MemoryNumbers.__init__(self, changes)
        MemoryJournal.__init__(self, changes)
        MemoryDue.__init__(self, changes)
        MemoryProofs.__init__(self, changes)
        MemoryPromo.__init__(self, changes)
        MemoryReports.__init__(self, changes)
        MemoryRoles.__init__(self, changes)
        MemoryTokens.__init__(self, changes)


class MemoryStore:
    """A store in this process; the same promises as the others, by one lock."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._everything = MemoryTransaction(self._changes)
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(32)

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        with self._lock:
            try:
                return work(self._everything)
            except BaseException:
                self._changes.undo()
                raise
            finally:
                self._changes.forget()

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        with self._lock:
            return work(self._everything)

    def secret(self) -> bytes:
        return self._secret

    def close(self) -> None:
        """Nothing to give back."""
