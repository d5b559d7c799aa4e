"""A copy of a SQLite store, made while it serves."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from callgraft.errors import BackendError, SetupError, StoreUnavailable
from callgraft.stores.urls import database_url, without_secrets

_PAGES = 1000
"""How many pages of the file are copied between two steps of the progress bar."""

_SQLITE = b"SQLite format 3\x00"
_CURES = {
    "postgresql": "Back PostgreSQL up with its own tools, like pg_dump.",
    "https": "Run this on the tracking server's machine, with its own --backend.",
    "http": "Run this on the tracking server's machine, with its own --backend.",
    "memory": "A store in memory ends with its process: there is nothing to keep.",
}

Progress = Callable[[int, int], object]
"""Is told how many pages are done, and of how many."""


def back_up(backend: str, to: Path, *, progress: Progress = lambda done, total: None) -> int:
    """
    Copy the SQLite file that ``backend`` names to ``to``, and return the copy's size in bytes.

    The copy is the store at one moment; whoever serves goes on reading and writing. It takes its
    name only when it is whole and checked, so what was there under that name stays until then.

    :raises BackendError: the backend is no SQLite file.
    :raises SetupError: the copy cannot stand there.
    :raises StoreUnavailable: the file cannot be read, or the copy turned out damaged.
    """
    source = _source(backend)
    _check(source, to)
    made = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        # Callers' numbers stand in it: only its owner may read it.
        os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o600))
        _copy(source, made, progress)
        _verify(made)
        _keep(made, to)
    except OSError as error:
        cure = "Name a file in a folder where you may write."
        problem = f"cannot be written: {error.strerror or error}."
        raise SetupError("FILE", str(to), problem, cure) from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The backup of {source} failed: {error}") from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{made}{suffix}").unlink()
    return to.stat().st_size


def _source(backend: str) -> Path:
    kind = backend.partition(":")[0].partition("+")[0]
    if kind in _CURES:
        raise BackendError("backend", without_secrets(backend), "is no SQLite file.", _CURES[kind])
    path = Path(str(database_url(backend).database))
    if not path.is_file():
        raise BackendError("backend", backend, "is not there.", "Name the store of your door.")
    return path


def _check(source: Path, to: Path) -> None:
    if not to.exists():
        return
    if not to.is_file() or to.samefile(source):
        problem = "is the store itself." if to.is_file() else "is no file."
        raise SetupError("FILE", str(to), problem, "Name another file.")
    with to.open("rb") as file:
        if file.read(len(_SQLITE)) not in (_SQLITE, b""):
            problem = "is there, and is no backup."
            raise SetupError("FILE", str(to), problem, "Name another file, or remove it.")


def _copy(source: Path, to: Path, progress: Progress) -> None:
    read_only = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(read_only, uri=True, isolation_level=None)) as there,
        closing(sqlite3.connect(to, isolation_level=None)) as here,
    ):
        # In one transaction of the reader, or every write of others would begin the copy anew.
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        there.backup(
            here,
            pages=_PAGES,
            progress=lambda _, remaining, total: progress(total - remaining, total),
        )
        # One file that is whole by itself; whoever opens it as a store turns that back.
        here.execute("PRAGMA journal_mode = DELETE")


def _verify(made: Path) -> None:
    with closing(sqlite3.connect(made)) as copy:
        found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise StoreUnavailable(f"The backup is damaged and was not kept: {'; '.join(found)}")


def _keep(made: Path, to: Path) -> None:
    """Give the copy its name, so that a power cut leaves the old one or the new one."""
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    made.replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
