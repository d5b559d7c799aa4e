"""Locks by name that end with the transaction, where several can write at one time."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection, text

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


def lock(connection: Connection, *name: str) -> None:
    """
    Wait until nobody else holds the lock called ``name``, then hold it.

    SQLite has one writer at a time, who needs no further lock.
    """
    if connection.dialect.name == "postgresql":
        digest = blake2b("\0".join(name).encode(), digest_size=8).digest()
        connection.execute(_LOCK, {"key": int.from_bytes(digest, "big", signed=True)})
