"""From a backend URL to its store."""

from __future__ import annotations

from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Store
from callgraft.stores.sql import SqlStore


def open_store(url: str) -> Store:
    """
    Open the store that ``url`` names, made and migrated where needed.

    :raises BackendError: it names no store that can be used.
    """
    return MemoryStore() if url == "memory:" else SqlStore(url)
