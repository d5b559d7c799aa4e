"""What was given away in Redis, and what SQL has to be told of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from callgraft.stores.redis_entry import micros
from callgraft.stores.schema import PATH, TOUCH, WORDS
from callgraft.stores.types import cleaned
from callgraft.tracking.values import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """
    One page view as it stands in Redis's journal, and in the memory of who wrote it there.

    ``memory`` names what Redis knew then: a Redis with another one has lost it. ``key`` is the
    entry's name in the journal, "" where there was nothing to tell. ``view`` is JSON; ``new`` are
    leases that it brought, ``told`` leases that it renewed, as they stand in Redis.
    """

    memory: str
    key: str
    view: str
    new: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def is_before(self, key: str) -> bool:
        """Whether it stands before the entry ``key`` in the journal."""
        return _place(self.key) < _place(key)


def _place(key: str) -> tuple[int, ...]:
    return tuple(map(int, key.split("-")))


def told_of(view: PageView) -> str:
    """The page view as JSON, in the columns of the tables."""
    who, place = view.identity, view.location
    row = {word: cleaned(getattr(who.touch, word), WORDS) for word in TOUCH}
    row |= {"site": view.site, "session": who.session, "visitor": who.visitor}
    row |= {"country": place.country, "region": place.region, "city": place.city}
    moments = {
        "at": micros(view.at),
        "first_seen_at": micros(who.first_seen_at),
        "started_at": micros(who.session_started_at),
    }
    flags = {"is_contact": view.is_contact, "is_load": view.is_load}
    path = cleaned(view.path, PATH)
    more = {"path": path, "device": view.device, "network": view.network}
    return json.dumps(row | moments | flags | more, separators=(",", ":"))
