"""What could not be sent yet, on disk: bounded, and the oldest is sent first."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from callgraft.errors import StoreUnavailable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # asked for below

_LARGEST = 64 * 2**20
_WAIT = 2.0
_MOST_REFUSED = 1000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    site TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, site, key)
);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    site TEXT NOT NULL,
    body BLOB NOT NULL,
    why TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One value to send, in JSON. ``key`` tells those apart that are not the same; ``id`` is its place
    in the spool, 0 while it has none.
    """

    kind: str
    site: str
    key: str
    body: bytes
    id: int = 0


class Spool:
    """
    A file that several threads and processes share.

    :param largest: bytes above which the oldest page views and signs make room.
    :param room_for_calls: bytes more that calls may take, which never make room: then they are
        refused, and their sender keeps them.
    """

    def __init__(
        self, path: Path, *, largest: int = _LARGEST, room_for_calls: int = _LARGEST
    ) -> None:
        self._path = path
        self._largest = largest
        self._room_for_calls = room_for_calls
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    @property
    def is_there(self) -> bool:
        return self._path.exists()

    def put(self, items: Sequence[Item], *, for_good: bool = False) -> None:
        """
        Keep the items; those that are there already stay as they are.

        :param for_good: not even a power cut takes them back.
        :raises StoreUnavailable: the disk refuses, or the spool is full of calls.
        """
        rows = [(each.kind, each.site, each.key, each.body) for each in items]
        with self._opened() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if for_good else 'NORMAL'}")
            with connection:
                self._make_room(connection, for_good)
                connection.executemany(
                    "INSERT INTO items (kind, site, key, body) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    rows,
                )

    def like(self, item: Item) -> Item | None:
        """The item that is kept under this one's kind, site and key."""
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT kind, site, key, body, id FROM items"
                " WHERE kind = ? AND site = ? AND key = ?",
                (item.kind, item.site, item.key),
            )
            return next(map(_item, rows), None)

    def oldest(self, limit: int, *, but: Sequence[tuple[str, str]] = ()) -> Sequence[Item]:
        """The items that were kept first, without those of the sites and kinds ``but``."""
        if not self.is_there:
            return []
        marks = ", ".join("(?, ?)" for _ in but)
        others = f"WHERE (site, kind) NOT IN (VALUES {marks})" if but else ""
        with self._opened() as connection:
            rows = connection.execute(
                f"SELECT kind, site, key, body, id FROM items {others}"  # noqa: S608  question marks
                " ORDER BY id LIMIT ?",
                (*chain.from_iterable(but), limit),
            )
            return [_item(row) for row in rows]

    def done(self, items: Sequence[Item]) -> None:
        """Forget items that were sent."""
        with self._opened() as connection, connection:
            connection.executemany("DELETE FROM items WHERE id = ?", [(each.id,) for each in items])

    def refuse(self, item: Item, why: str) -> None:
        """Put aside what the server will never take, for somebody to look at."""
        with self._opened() as connection, connection:
            connection.execute(
                "INSERT INTO refused (kind, site, body, why) VALUES (?, ?, ?, ?)",
                (item.kind, item.site, item.body, why),
            )
            connection.execute(
                "DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?",
                (_MOST_REFUSED,),
            )
            connection.execute("DELETE FROM items WHERE id = ?", (item.id,))

    def forget(self, site: str, word: str) -> int:
        """
        Delete what tells of a visitor or a caller, and return how many call events still do.

        Those wait to be sent: they are of calls that were acknowledged.
        """
        if not self.is_there:
            return 0
        told = "site = ? AND instr(body, CAST(? AS BLOB))"
        named = (site, f'"{word}"')
        with self._opened() as connection, connection:
            connection.execute(f"DELETE FROM refused WHERE {told}", named)  # noqa: S608  our own
            connection.execute(
                f"DELETE FROM items WHERE kind <> 'call' AND {told}",  # noqa: S608  our own
                named,
            )
            count = f"SELECT count(*) FROM items WHERE {told}"  # noqa: S608  our own
            left: int = connection.execute(count, named).fetchone()[0]
            return left

    @contextmanager
    def forwarding(self) -> Iterator[bool]:
        """Whether the caller is the one of all processes who sends what is on disk just now."""
        if not self.is_there:
            yield True
            return
        try:
            file = os.fdopen(_private(self._path.with_suffix(".lock")), "a")
        except OSError as exc:
            raise StoreUnavailable(f"{self._path} cannot be locked: {exc.strerror}.") from exc
        with file:
            yield _lock(file)

    def close(self) -> None:
        if self._process == os.getpid():
            with self._lock:
                if self._connection:
                    self._connection.close()
                self._connection = None

    def _make_room(self, connection: sqlite3.Connection, is_call: bool) -> None:
        while (over := _used(connection) - self._largest) > 0:
            gone = connection.execute(
                "DELETE FROM items WHERE id IN"
                " (SELECT id FROM items WHERE kind <> 'call' ORDER BY id LIMIT 1000)"
            ).rowcount
            if gone:
                continue
            if not is_call or over > self._room_for_calls:
                raise StoreUnavailable(f"{self._path} is full of what could not be sent.")
            return

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if self._process != os.getpid():
            self._reset()  # SQLite's connections must not be used after a fork
        with self._lock:
            if not self.is_there:
                self._connection = None  # somebody deleted the file under an open connection
            try:
                yield self._connection or self._open()
            except (sqlite3.Error, OSError) as exc:
                raise StoreUnavailable(f"{self._path} cannot be used: {exc}.") from exc

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Callers' numbers will stand in it: only its owner may read it.
        os.close(_private(self._path))
        connection = sqlite3.connect(self._path, timeout=_WAIT, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        self._connection = connection
        return connection


def _private(path: Path) -> int:
    """A descriptor of the file, made where there is none, that only its owner can read."""
    return os.open(path, os.O_CREAT | os.O_RDWR, mode=0o600)


def _lock(file: IO[str]) -> bool:
    """Lock the file until it is closed; False: another process has it."""
    if fcntl is None:
        return True  # two who send the same do no harm, only work
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _used(connection: sqlite3.Connection) -> int:
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    [free] = connection.execute("PRAGMA freelist_count").fetchone()
    [size] = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def _item(row: tuple[str, str, str, bytes, int]) -> Item:
    kind, site, key, body, place = row
    return Item(kind=kind, site=site, key=key, body=body, id=place)
