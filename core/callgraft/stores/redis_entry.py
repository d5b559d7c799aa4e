"""A lease as Redis keeps it, and the names under which it is found there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from callgraft.stores.types import EPOCH
from callgraft.tracking.values import Lease, LeaseState

_MICROSECOND = timedelta(microseconds=1)
_END = "\x1f"
_MOMENTS = frozenset(("shown_at", "released_at"))
_HEAD = frozenset(("state", "seen_at", "held_until", "hold", "number"))
_REST = tuple(each.name for each in fields(Lease) if each.name not in _HEAD)

Place = tuple[str, str]
"""A key, and a member of the sorted set that it names."""


class Word(IntEnum):
    """What SQL has said of a lease."""

    NONE = 0
    """Nothing yet, or not lately: the next sign of life asks."""
    SURE = 1
    """It has the lease, and has it open."""
    WAITS = 2
    """It is told by the journal, in a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    A lease, and what Redis has to know of it beside that.

    ``position`` is its number's in the pool, None when the number is shown to nobody new. ``told``
    is the end of the hold that SQL was told of. ``word`` says what SQL knows of the lease.
    """

    lease: Lease
    position: int | None
    told: datetime
    word: Word = Word.NONE
    raw: str = field(default="", compare=False)
    """As it stands in Redis; what is to be changed must still be that."""


def packed(entry: Entry) -> str:
    """
    The entry as text; always the same for the same entry.

    Three lines: what a renewal changes, which a script reads and writes; the network, as leases are
    found by it; and the rest as JSON.
    """
    lease = entry.lease
    position = "-" if entry.position is None else str(entry.position)
    head = (
        *(lease.state.value, str(micros(lease.seen_at)), str(micros(lease.held_until))),
        *(str(lease.hold // _MICROSECOND), str(micros(entry.told)), str(entry.word.value)),
        *(lease.number, position),
    )
    return "\n".join((" ".join(head), _of_network(lease.pool, lease.network), rest_of(lease)))


def rest_of(lease: Lease) -> str:
    """What no renewal changes, and what stays empty while a lease is open."""
    values = {name: _plain(name, getattr(lease, name)) for name in _REST}
    return json.dumps(values, separators=(",", ":"))


def unpacked(raw: bytes) -> Entry:
    """The entry that stands in Redis; fields that another version wrote or did not are no harm."""
    text = raw.decode()
    head, _, rest = text.split("\n", 2)
    state, seen, held, hold, told, word, number, position = head.split(" ")
    known = {name: _value(name, value) for name, value in json.loads(rest).items() if name in _REST}
    lease = Lease(
        state=LeaseState(state),
        seen_at=moment(int(seen)),
        held_until=moment(int(held)),
        hold=int(hold) * _MICROSECOND,
        number=number,
        **known,
    )
    place = None if position == "-" else int(position)
    return Entry(
        lease=lease, position=place, told=moment(int(told)), word=Word(int(word)), raw=text
    )


def micros(at: datetime) -> int:
    return (at - EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    return EPOCH + at * _MICROSECOND


class SiteKeys:
    """The keys of one site; what stands in braces puts them all into one hash slot."""

    def __init__(self, site: str, store: str) -> None:
        self.site = site
        self._tag = f"{{callgraft:{site}}}:{store}"
        self.epoch = f"{self._tag}:epoch"
        self.numbers = f"{self._tag}:numbers"
        self.leases = f"{self._tag}:leases"
        self.places = f"{self._tag}:places"
        self.on = f"{self._tag}:on"
        self.networks = f"{self._tag}:networks"
        self.claims = f"{self._tag}:claims"
        self.had = f"{self._tag}:had"
        self.memory = f"{self._tag}:memory"
        self.journal = f"{self._tag}:journal"
        self.turn = f"{self._tag}:turn"
        self.lists = f"{self._tag}:lists"

    def free(self, pool: str) -> str:
        return f"{self._tag}:free:{pool}"

    def ending(self, pool: str, state: LeaseState) -> str:
        return f"{self._tag}:ending:{pool}:{state}"

    def found_by(self, lease: Lease) -> Mapping[Place, int]:
        """Where the lease stands in the sorted sets, with its score there."""
        until = micros(lease.held_until)
        ending = self.ending(lease.pool, lease.state)
        place = (place_of(lease.session, lease.pool, lease.target), lease.id)
        network = network_of(lease.pool, lease.network, lease.state, until)
        return {
            (ending, _END.join((lease.number, lease.id))): until,
            (self.places, _END.join(place)): 0,
            (self.on, _END.join((lease.number, lease.id))): 0,
            (self.networks, _END.join((network, lease.id))): 0,
        }


def had_of(visitor: str, pool: str, target: str) -> str:
    """That a visitor had a number of the pool for the target, one's own or one that is gone."""
    return _END.join((json.dumps(visitor), pool, target))


def session_of(session: str) -> str:
    # Quoted, so that no session can be called like the beginning of another one.
    return json.dumps(session)


def place_of(session: str, pool: str, target: str) -> str:
    return _END.join((session_of(session), pool, target))


def network_of(pool: str, network: str, state: LeaseState, until: int) -> str:
    """Sorts by the end of the hold within a network's leases of one state."""
    return _END.join((_of_network(pool, network), state, f"{until:020}"))


def pool_and_position(pool: str, position: int) -> str:
    """Where a number that is shown belongs; a script reads it, too."""
    return f"{pool}{_END}{position:08}"


def free_member(position: int, number: str) -> str:
    """A free number as it stands among those idle since the same moment: in its pool's order."""
    return f"{position:08} {number}"


def _of_network(pool: str, network: str) -> str:
    return _END.join((pool, json.dumps(network)))


def _plain(name: str, value: Any) -> object:
    return micros(value) if name in _MOMENTS and value is not None else value


def _value(name: str, value: Any) -> Any:
    return moment(value) if name in _MOMENTS and value is not None else value
