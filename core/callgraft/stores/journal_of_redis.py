"""What Redis gave away is told to SQL, from Redis's journal or from this process's memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from callgraft.stores import redis_prompt_scripts as scripts
from callgraft.stores.locks import lock
from callgraft.stores.redis_entry import SiteKeys, unpacked
from callgraft.stores.redis_server import RedisServer
from callgraft.stores.sql_waiting import tell
from callgraft.stores.waiting import Waiting
from callgraft.tracking.values import Lease

logger = logging.getLogger(__name__)

AT_A_TIME = 500
"""Entries that one transaction tells: others who write wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Entries of the journal, by their ids there, and the name of the memory that it is part of."""

    memory: str
    entries: tuple[tuple[str, Waiting], ...]

    @property
    def waiting(self) -> list[Waiting]:
        return [waiting for _, waiting in self.entries]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Which memory Redis has, the oldest entry of its journal or "", and whether to tell it."""

    memory: str
    oldest: str
    is_mine: bool


def read(server: RedisServer, keys: SiteKeys, *, after: str = "") -> Read:
    """What waits in Redis's journal, behind the entry ``after``; the oldest first."""
    names = [keys.memory, keys.journal]
    begin = f"({after}" if after else "-"
    memory, found = server.run(scripts.WAITING, keys, names, begin, AT_A_TIME)
    name = memory.decode()
    entries = tuple((key.decode(), _waiting(name, key.decode(), words)) for key, words in found)
    return Read(memory=name, entries=entries)


def read_all(server: RedisServer, keys: SiteKeys) -> Iterator[Read]:
    """The whole journal, in parts."""
    after = ""
    while (part := read(server, keys, after=after)).entries:
        yield part
        after = part.entries[-1][0]


def write(connection: Connection, site: str, waiting: Sequence[Waiting]) -> Sequence[Lease]:
    """Tell SQL; returned are the leases that it refuses."""
    refused = tell(connection, waiting)
    for lease in refused:
        logger.error(
            "%s of %r was given to two sessions: Redis had lost a lease of it.", lease.number, site
        )
    return refused


def turn(server: RedisServer, keys: SiteKeys, lasting: timedelta) -> Turn:
    """Ask whether it is this process's turn to tell what waits; then it is for so long."""
    names = [keys.memory, keys.journal, keys.turn]
    span = lasting // timedelta(milliseconds=1)
    memory, oldest, is_mine = server.run(scripts.TURN, keys, names, span)
    return Turn(memory=memory.decode(), oldest=oldest.decode(), is_mine=bool(is_mine))


def lag(server: RedisServer, keys: SiteKeys) -> timedelta:
    """How long the oldest entry waits."""
    waits: int = server.run(scripts.LAG, keys, [keys.journal])
    return timedelta(milliseconds=max(0, waits))


def lock_journal(connection: Connection, site: str) -> None:
    """Be the only one who tells SQL of the site until the transaction ends."""
    lock(connection, "journal", site)


def forget_told(server: RedisServer, keys: SiteKeys, told: Read) -> None:
    """After the commit: the entries need not be told again, and SQL has their leases."""
    leases = [unpacked(raw.encode()).lease.id for each in told.waiting for raw in each.new]
    names = [keys.leases, keys.journal, keys.had]
    ids = [key for key, _ in told.entries]
    server.run(scripts.TOLD, keys, names, len(leases), *leases, *ids)


def _waiting(memory: str, key: str, words: Sequence[bytes]) -> Waiting:
    pairs = [(name, text.decode()) for name, text in zip(words[::2], words[1::2], strict=True)]
    [view] = [text for name, text in pairs if name == b"view"]
    return Waiting(
        memory=memory,
        key=key,
        view=view,
        new=tuple(text for name, text in pairs if name == b"new"),
        told=tuple(text for name, text in pairs if name == b"told"),
    )
