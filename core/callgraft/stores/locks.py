"""Locks by name that end with the transaction, where several can write at one time."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import BigInteger, Connection, bindparam, func, select

from callgraft.stores.hot import Hot

_KEY = bindparam("key", type_=BigInteger)
_LOCK = Hot(select(func.pg_advisory_xact_lock(_KEY)))
_LOCK_TOGETHER = Hot(select(func.pg_advisory_xact_lock_shared(_KEY)))


def lock(connection: Connection, *name: str, together: bool = False) -> None:
    """
    Wait until nobody else holds the lock called ``name``, then hold it.

    SQLite has one writer at a time, who needs no further lock.

    :param together: with all others who hold it so; only who holds it alone is waited for.
    """
    if connection.dialect.name == "postgresql":
        digest = blake2b("\0".join(name).encode(), digest_size=8).digest()
        key = int.from_bytes(digest, "big", signed=True)
        (_LOCK_TOGETHER if together else _LOCK).rows(connection, {"key": key})
