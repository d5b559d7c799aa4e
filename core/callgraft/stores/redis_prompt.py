"""A page's numbers from Redis in one step, where they need no thought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from callgraft.stores import redis_prompt_scripts as scripts
from callgraft.stores.redis_entry import (
    Entry,
    SiteKeys,
    had_of,
    micros,
    network_of,
    packed,
    place_of,
    unpacked,
)
from callgraft.stores.redis_server import RedisServer
from callgraft.stores.waiting import Waiting, told_of
from callgraft.tracking.allocation import PROVISIONAL_HOLD, new_lease
from callgraft.tracking.holds import CLOCK_ERROR, remembered_for
from callgraft.tracking.limits import HELD_TOO, limit_of
from callgraft.tracking.renewal import Costs
from callgraft.tracking.values import (
    Assignment,
    Chosen,
    LeaseState,
    PageView,
    Shown,
    Wanted,
    Why,
)

_COSTS = 256
_STATES = (LeaseState.PROVISIONAL, LeaseState.HELD)
_MICROSECOND = timedelta(microseconds=1)
_WHY = {b"new": Why.FREE, b"kept": Why.KEPT, b"told": Why.KEPT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """
    What Redis gave: one assignment for each wanted number, None for those that need thought.

    ``waiting`` is what SQL has to be told, which stands in Redis's journal too.
    """

    assigned: tuple[Assignment | None, ...]
    waiting: Waiting


def give_at_once(server: RedisServer, keys: SiteKeys, view: PageView, costs: Costs) -> Prompt:
    """
    Renew what the session has, and give what is idle to who had no number before.

    Of those it is the one that costs least, of several the one that is idle longest.

    :raises Cold: Redis does not know the site.
    """
    told = told_of(view)
    names = [keys.memory, keys.leases, keys.places, keys.on, keys.networks, keys.had, keys.journal]
    words: list[str | int] = [micros(view.at), micros(view.at + CLOCK_ERROR), told]
    words.append(int(view.is_load))
    known = [costs(wanted) for wanted in view.wanted]
    for wanted, costing in zip(view.wanted, known, strict=True):
        names += [keys.free(wanted.pool), *(keys.ending(wanted.pool, each) for each in _STATES)]
        words += _words(view, wanted, costing)
    memory, key, *answers = server.run(scripts.AT_ONCE, keys, names, *words)
    found = list(zip(answers[::3], answers[1::3], strict=True))
    return Prompt(
        assigned=tuple(
            _assignment(wanted, unpacked(lease), done, _chosen(costing, lease, done, among))
            if lease
            else None
            for wanted, costing, (lease, done), among in zip(
                view.wanted, known, found, answers[2::3], strict=True
            )
        ),
        waiting=Waiting(
            memory=memory.decode(),
            key=key.decode(),
            view=told,
            new=tuple(lease.decode() for lease, done in found if done == b"new"),
            told=tuple(lease.decode() for lease, done in found if done == b"told"),
        ),
    )


def _words(
    view: PageView, wanted: Wanted, costing: Mapping[str, float] | None
) -> Iterator[str | int]:
    """What the script is told of one wanted number, in the order of its names."""
    lease = new_lease(view, wanted, "")
    entry = Entry(lease=lease, position=None, told=lease.held_until)
    _, network, rest = packed(entry).split("\n")
    who = view.identity
    yield place_of(who.session, wanted.pool, wanted.target)
    yield lease.state.value
    yield micros(view.at + wanted.hold)
    yield micros(view.at + min(wanted.hold, PROVISIONAL_HOLD))
    yield wanted.hold // _MICROSECOND
    yield remembered_for(wanted.hold) // _MICROSECOND
    yield micros(view.at - wanted.cool_off)
    limit = limit_of(view, wanted)
    yield limit
    yield limit * HELD_TOO
    yield from _bounds(view, wanted) if limit else _NO_BOUNDS
    # Whoever was here before may get an older number back, and one that waits in quarantine may be
    # due: a transaction finds out.
    is_new = not who.is_returning and wanted.quarantine is None
    # More costs than that are compared where they are known.
    is_new = is_new and (costing is None or len(costing) <= _COSTS)
    yield had_of(who.visitor, wanted.pool, wanted.target) if is_new else ""
    yield lease.id
    yield network
    yield rest
    if costing is None or not is_new:
        yield ""
    else:
        yield " ".join(["0", *(f"{number} {cost:.9f}" for number, cost in costing.items())])


_NO_BOUNDS = ("", "", "", "")


def _bounds(view: PageView, wanted: Wanted) -> Iterator[str]:
    """Between what the network's leases in force lie, provisional ones and held ones."""
    ends = (micros(view.at), micros(view.at + wanted.hold + CLOCK_ERROR))
    for state in _STATES:
        for end in ends:
            # A blank comes behind whatever else has the same moment.
            yield f"{network_of(wanted.pool, view.network, state, end)} "


def _chosen(
    costing: Mapping[str, float] | None, lease: bytes, done: bytes, among: int
) -> Chosen | None:
    if costing is None or done != b"new":
        return None
    return Chosen(cost=costing.get(unpacked(lease).lease.number, 0.0), among=among)


def _assignment(wanted: Wanted, entry: Entry, done: bytes, chosen: Chosen | None) -> Assignment:
    return Assignment(
        target=wanted.target,
        shown=Shown.LEASE,
        number=entry.lease.number,
        pool=wanted.pool,
        lease=entry.lease,
        why=_WHY[done],
        chosen=chosen,
    )
