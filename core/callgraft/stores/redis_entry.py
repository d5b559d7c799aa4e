"""A lease as Redis keeps it, and the names under which it is found there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from callgraft.stores.types import EPOCH
from callgraft.tracking.values import Lease, LeaseState

_MICROSECOND = timedelta(microseconds=1)
_END = "\x1f"
_MOMENTS = frozenset(("shown_at", "seen_at", "held_until", "released_at"))
_SPANS = frozenset(("hold",))
_FIELDS = tuple(each.name for each in fields(Lease))

Place = tuple[str, str]
"""A key, and a member of the sorted set that it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    A lease, and what Redis has to know of it beside that.

    ``position`` is its number's in the pool, None when the number is shown to nobody new. ``told``
    is the end of the hold that SQL was told of. ``is_sure`` says that SQL has the lease, and has it
    open: where it does not, the next sign of life asks.
    """

    lease: Lease
    position: int | None
    told: datetime
    is_sure: bool = False
    raw: str = field(default="", compare=False)
    """As it stands in Redis; what is to be changed must still be that."""


def packed(entry: Entry) -> str:
    """The entry as text; always the same for the same entry."""
    values = {name: _plain(name, getattr(entry.lease, name)) for name in _FIELDS}
    told = {"position": entry.position, "told": micros(entry.told), "sure": int(entry.is_sure)}
    return json.dumps([values, told], separators=(",", ":"))


def unpacked(raw: bytes) -> Entry:
    """The entry that stands in Redis; fields that another version wrote or did not are no harm."""
    values, told = json.loads(raw)
    known = {name: _value(name, value) for name, value in values.items() if name in _FIELDS}
    return Entry(
        lease=Lease(**known),
        position=told["position"],
        told=moment(told["told"]),
        is_sure=bool(told["sure"]),
        raw=raw.decode(),
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


def session_of(session: str) -> str:
    # Quoted, so that no session can be called like the beginning of another one.
    return json.dumps(session)


def place_of(session: str, pool: str, target: str) -> str:
    return _END.join((session_of(session), pool, target))


def network_of(pool: str, network: str, state: LeaseState, until: int) -> str:
    """Sorts by the end of the hold within a network's leases of one state."""
    return _END.join((pool, json.dumps(network), state, f"{until:020}"))


def pool_and_position(pool: str, position: int) -> str:
    """Where a number that is shown belongs; a script reads it, too."""
    return f"{pool}{_END}{position:08}"


def free_member(position: int, number: str) -> str:
    """A free number as it stands among those idle since the same moment: in its pool's order."""
    return f"{position:08} {number}"


def _plain(name: str, value: Any) -> object:
    if value is None:
        return None
    if name in _MOMENTS:
        return micros(value)
    return value // _MICROSECOND if name in _SPANS else value


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return moment(value)
    if name in _SPANS:
        return value * _MICROSECOND
    return LeaseState(value) if name == "state" else value
