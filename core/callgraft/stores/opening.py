"""From a backend URL to its store."""

from __future__ import annotations

from callgraft.errors import BackendError
from callgraft.stores.hybrid import HybridStore
from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Store
from callgraft.stores.sql import SqlStore
from callgraft.stores.urls import without_secrets


def open_store(url: str, *, leases: str | None = None) -> Store:
    """
    Open the store that ``url`` names, made and migrated where needed.

    :param leases: the Redis that leases are kept in, beside a SQL database.
    :raises BackendError: it names no store that can be used.
    """
    if not leases:
        return MemoryStore() if url == "memory:" else SqlStore(url)
    if url == "memory:":
        problem = "needs a database beside it, which keeps the history of the leases."
        cure = 'Write backend "postgresql://…", or leave "leases" out.'
        raise BackendError("leases", without_secrets(leases), problem, cure)
    return HybridStore(url, leases)
