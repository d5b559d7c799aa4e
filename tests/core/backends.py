"""A fresh store of each kind for a test, on servers that are started once."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from callgraft.stores import Store, open_store
from callgraft.stores.schema import metadata
from callgraft.stores.upkeep import migrate_store
from tests import servers

POSTGRESQL = os.environ.get("CALLGRAFT_TEST_POSTGRESQL")
"""The URL of an empty database to use, in place of a server that is started for the tests."""

SQL = ["sqlite", *(["postgresql"] if POSTGRESQL or servers.uses_postgresql() else [])]
SHARED = [*SQL, *(f"{kind}+redis" for kind in SQL if servers.uses_redis())]
ALONE = ["memory", *SQL]
STORES = ["memory", *SHARED]


class Backend(NamedTuple):
    """Where a store is: what ``backend`` and ``leases`` say of it."""

    url: str
    leases: str | None = None

    def open_store(self) -> Store:
        return open_store(self.url, leases=self.leases)


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Backend]:
    """A store with nothing in it, which may be used by one test at a time."""
    database, _, leases = kind.partition("+")
    # A store brings its own names to Redis, so that one server has room for all.
    beside = servers.redis().url if leases else None
    if database == "memory":
        yield Backend("memory:")
    elif database == "sqlite":
        file = folder / f"{uuid4().hex}.db"
        shutil.copy(_sqlite_with_tables(), file)
        yield Backend(f"sqlite:///{file}", beside)
    else:
        url, engine = _postgresql_with_tables()
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        yield Backend(url, beside)
        # A client that a test left open must not write into the tables of the next one.
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.cancel()


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'callgraft.db'}"
        return
    url, schema = _postgresql_url(), f"test_{uuid4().hex}"
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield _in_schema(url, schema)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@cache
def _sqlite_with_tables() -> Path:
    """A database that is copied, because making its tables takes ten times as long."""
    folder = tempfile.TemporaryDirectory(prefix="callgraft-sqlite-")
    _kept.append(folder)
    file = Path(folder.name) / "callgraft.db"
    migrate_store(f"sqlite:///{file}")
    return file


_kept: list[object] = []


@cache
def _postgresql_with_tables() -> tuple[str, Engine]:
    """A database whose tables are emptied for each test."""
    url = _postgresql_url()
    schema = f"tests_{uuid4().hex}"
    with _engine(url).begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = _in_schema(url, schema)
    migrate_store(url)
    return url, _engine(url)


def _postgresql_url() -> str:
    return POSTGRESQL or servers.postgresql().url


def _in_schema(url: str, schema: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def _engine(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
