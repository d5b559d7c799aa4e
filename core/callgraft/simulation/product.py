"""A world played to the product itself: its client, allocation, attribution and learning."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from callgraft.client.embedded import EmbeddedClient
from callgraft.geo import Location
from callgraft.identity import Identity
from callgraft.simulation.outcomes import UNMATCHED, Outcome
from callgraft.simulation.people import Entry, Stay
from callgraft.simulation.world import Ring, World
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.stores.memory import MemoryStore
from callgraft.tracking.learning_history import learn_site
from callgraft.tracking.limits import wanted_of
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import (
    Assignment,
    Call,
    CallEvent,
    CallState,
    PageView,
    SessionSign,
    Wanted,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
HOLD = timedelta(minutes=3)
_KEY, _POOL = "simulated", "all"
_BEACON = 20.0
"""The helper sends what happened within so many seconds in one request."""

# Regions by size, with the area code of each.
_REGIONS = (
    *(("RU-MOW", "495"), ("RU-SPE", "812"), ("RU-SVE", "343"), ("RU-NVS", "383")),
    *(("RU-TA", "843"), ("RU-NIZ", "831"), ("RU-CHE", "351"), ("RU-SAM", "846")),
    *(("RU-BA", "347"), ("RU-ROS", "863"), ("RU-KDA", "861"), ("RU-VOR", "473")),
    *(("RU-PER", "342"), ("RU-KYA", "391"), ("RU-OMS", "381"), ("RU-IRK", "395")),
    *(("RU-TYU", "345"), ("RU-ALT", "385"), ("RU-PRI", "423"), ("RU-KHA", "421")),
)

_SITE = """
[site]
key = "{key}"
hosts = ["simulated.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.{pool}]
numbers = [{numbers}]
hold = "{hold:.0f}s"
when_full = "share"

[[rules]]
name = "everybody"
target = "main"
pool = "{pool}"
"""


def play(
    world: World, numbers: int, *, learns: bool = True, step: Callable[[float], object]
) -> list[Outcome]:
    """
    Let everybody come, look and ring, and say of each call after the middle what became of it.

    :param learns: whether the product learns at the middle, or goes on with the default tables.
    :param step: is told the moment that the play has come to, once in a while.
    """
    return list(_Play(world, numbers, step).outcomes(learns=learns))


class _Play:
    """One run: the store, the clock, and which number each session was shown last."""

    def __init__(self, world: World, numbers: int, step: Callable[[float], object]) -> None:
        self._world = world
        self._step = step
        self._now = 0.0
        self._store = MemoryStore()
        self._client = EmbeddedClient(
            self._store, clock=lambda: _moment(self._now), monotonic=lambda: self._now
        )
        self._numbers = [f"+7499{place:07}" for place in range(1, numbers + 1)]
        site = _site(self._numbers)
        self._client.publish(site, at=START)
        self._wanted: tuple[Wanted, ...] = (wanted_of(site.pools[_POOL], "main"),)
        self._rings_at = [ring.at for ring in world.rings]
        self._shown: dict[int, str] = {}
        self._pages: dict[int, int] = {}
        self._people = {stay.visitor: stay.person.key for stay in world.stays}

    def outcomes(self, *, learns: bool) -> Iterator[Outcome]:
        """Play the world; calls before the middle are what is learned from."""
        world, learned = self._world, False
        steps = self._steps()
        upcoming = next(steps, None)
        for ring in world.rings:
            while upcoming is not None and upcoming[0] <= ring.at:
                self._live(*upcoming)
                upcoming = next(steps, None)
            if not learned and ring.at >= world.middle:
                learned = True
                if learns:
                    learn_site(self._store, _KEY, at=_moment(world.middle))
            call = self._call(ring)
            if ring.at >= world.middle:
                yield self._outcome(ring, call)
        self._client.close()

    def _steps(self) -> Iterator[tuple[float, Stay, list[Entry]]]:
        """What reaches the server, in the order of time: page loads, and signs in beacons."""
        waiting: list[tuple[float, int, Stay, list[list[Entry]]]] = []
        for stay in self._world.stays:
            while waiting and waiting[0][0] < stay.began:
                yield self._next(waiting)
            told = list(self._told(stay.log))
            told.reverse()
            heapq.heappush(waiting, (told[-1][-1][0], stay.key, stay, told))
        while waiting:
            yield self._next(waiting)

    def _next(
        self, waiting: list[tuple[float, int, Stay, list[list[Entry]]]]
    ) -> tuple[float, Stay, list[Entry]]:
        at, key, stay, told = waiting[0]
        entries = told.pop()
        if told:
            heapq.heapreplace(waiting, (told[-1][-1][0], key, stay, told))
        else:
            heapq.heappop(waiting)
        return at, stay, entries

    def _told(self, log: list[Entry]) -> Iterator[list[Entry]]:
        """
        A page load by itself, signs by the beacon.

        None waits past a ring: attribution reads the log as of the ring, and late beacons are not
        what is simulated here.
        """
        beacon: list[Entry] = []
        ring_at = 0.0
        for entry in log:
            is_page = entry[1] is SignKind.PAGE
            if beacon and (is_page or entry[0] > beacon[0][0] + _BEACON or entry[0] >= ring_at):
                yield beacon
                beacon = []
            if is_page:
                yield [entry]
            else:
                if not beacon:
                    ring_at = self._next_ring(entry[0])
                beacon.append(entry)
        if beacon:
            yield beacon

    def _next_ring(self, at: float) -> float:
        place = bisect_left(self._rings_at, at)
        return self._rings_at[place] if place < len(self._rings_at) else self._world.until

    def _live(self, at: float, stay: Stay, entries: list[Entry]) -> None:
        # Signs are taken together for speed; each is told of as it happens.
        self._now = entries[0][0]
        session = f"s{stay.key}"
        if entries[0][1] is SignKind.PAGE:
            [assigned] = self._client.page_view(self._view(stay, session, entries[0]))
            self._keep(stay, assigned)
            return
        self._client.take_signs(
            [
                SessionSign(site=_KEY, session=session, at=_moment(when), kind=kind)
                for when, kind, _ in entries
            ]
        )

    def _keep(self, stay: Stay, assigned: Assignment) -> None:
        if assigned.number is None:
            self._shown.pop(stay.key, None)
        else:
            self._shown[stay.key] = assigned.number

    def _view(self, stay: Stay, session: str, entry: Entry) -> PageView:
        at, _, is_contact = entry
        moment = _moment(at)
        page = self._pages[stay.key] = self._pages.get(stay.key, 0) + 1
        if page == 1:
            self._step(at)
        began = moment if page == 1 else _moment(stay.began)
        who = Identity(
            visitor=stay.visitor,
            session=session,
            first_seen_at=began,
            session_started_at=began,
            seen_at=moment,
            pages=page,
            touch=stay.touch,
        )
        return PageView(
            site=_KEY,
            at=moment,
            identity=who,
            path="/contacts" if is_contact else f"/{page}",
            location=_location(stay.person.region),
            device=stay.person.device,
            is_contact=is_contact,
            wanted=self._wanted,
        )

    def _call(self, ring: Ring) -> Call | None:
        """The call as the product took it; None: the target number rang, which all can see."""
        self._now = ring.at
        number = self._numbers[ring.place]
        if ring.stay is not None:
            shown = self._shown.get(ring.stay.key)
            if shown is None:
                return None
            number = shown
        key = f"{ring.at:.6f}"
        return self._client.take_call(
            CallEvent(
                site=_KEY,
                provider="generic",
                account="main",
                event_id=key,
                call=key,
                state=CallState.RINGING,
                number=number,
                at=_moment(ring.at),
                caller="" if ring.is_hidden else _phone(ring),
            )
        )

    def _outcome(self, ring: Ring, call: Call | None) -> Outcome:
        if call is None:
            return UNMATCHED
        found = call.attribution
        best = found.candidates[0] if found.candidates else None
        person = None if best is None else self._people.get(best.visitor)
        return Outcome(
            is_visitor=ring.stay is not None,
            has_number=True,
            probability=found.probability,
            is_right=ring.stay is not None and person == ring.stay.person.key,
            is_source_right=ring.stay is not None and found.source == ring.stay.touch.source,
        )


def _site(numbers: list[str]) -> Site:
    listed = ", ".join(f'"{number}"' for number in numbers)
    text = _SITE.format(key=_KEY, pool=_POOL, numbers=listed, hold=HOLD.total_seconds())
    return read_site(text, name="the simulated site", environ=None)


def _moment(at: float) -> datetime:
    return START + timedelta(seconds=at)


@cache
def _location(region: int) -> Location:
    return Location(country="RU", region=_REGIONS[region][0])


def _phone(ring: Ring) -> str:
    """A fixed line of the caller's region; strangers count from the other end."""
    return f"+7{_REGIONS[ring.region][1]}{ring.phone % 10_000_000:07}"
