"""Where tracking keeps what it knows: memory, SQLite, PostgreSQL; one contract."""

from __future__ import annotations

from callgraft.stores.opening import open_store
from callgraft.stores.protocol import Conflict, Store, Transaction

__all__ = ["Conflict", "Store", "Transaction", "open_store"]
