"""The dry run: a log goes through every scenario at once, and is forgotten as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from callgraft.accesslog.lines import Hit
from callgraft.geo import GeoDatabase
from callgraft.replay.real_calls import RealCall, RealCalls
from callgraft.replay.ringing import Ring, Ringing
from callgraft.replay.scenarios import Scenario
from callgraft.replay.strangers import Strangers
from callgraft.replay.tally import PoolFigures
from callgraft.replay.traffic import Page, Traffic
from callgraft.replay.world import World
from callgraft.site import Site
from callgraft.sizing.demand import MOST_DAYS
from callgraft.tracking.tables import DEFAULT, Tables


class TooLong(ValueError):
    """The log goes over more than 400 days: one of its dates is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one scenario's pools would have fared."""

    scenario: Scenario
    pools: tuple[PoolFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    What came of a dry run.

    ``kept`` is how many sessions were in memory at most, of all scenarios together; ``tables`` the
    version of the weights that calls were drawn and shared out by; ``heard`` how many calls of a
    list were weighed, None where calls were drawn.
    """

    began_at: datetime
    ended_at: datetime
    pages: int
    sessions: int
    outcomes: tuple[Outcome, ...]
    tables: str
    kept: int
    heard: int | None = None

    @property
    def days(self) -> float:
        return max((self.ended_at - self.began_at) / timedelta(days=1), 1 / 24)


def replay(
    hits: Iterable[Hit],
    site: Site,
    scenarios: Sequence[Scenario],
    *,
    geo: GeoDatabase | None = None,
    calls: Sequence[RealCall] | None = None,
    tables: Tables = DEFAULT,
    seed: int = 1,
) -> Replayed | None:
    """
    Replay a log in all scenarios at once; None where no page of a person wants a number.

    Memory holds the sessions under way, and for each number of each scenario the 48 visitors who
    saw it last, however long the log is.

    :param calls: when the phone rang in truth, in order of time; calls are drawn without it.
    :raises TooLong: the log goes over more than 400 days.
    """
    run = _Run(site, scenarios, tables=tables, calls=calls, seed=seed)
    for page in Traffic(hits, site, geo):
        run.take(page)
    return run.result()


class _Run:
    """A dry run under way."""

    def __init__(
        self,
        site: Site,
        scenarios: Sequence[Scenario],
        *,
        tables: Tables,
        calls: Sequence[RealCall] | None,
        seed: int,
    ) -> None:
        self._scenarios = scenarios
        self._tables = tables
        self._seed = seed
        self._worlds: list[World] = []
        self._strangers: list[Strangers] = []
        random = Random(seed)  # noqa: S311 - the same every time, and nobody's secret
        self._ringing = Ringing(tables, random)
        self._calls = None if calls is None else RealCalls(calls, site, tables, random)
        self._began: datetime | None = None
        self._now: datetime | None = None
        self._pages = self._sessions = self._kept = 0

    def take(self, page: Page) -> None:
        """Let ring what rings before the page, then show the page."""
        at = page.view.at
        if self._began is None:
            self._begin(at)
        elif at - self._began > timedelta(days=MOST_DAYS):
            days = (at - self._began).days
            raise TooLong(f"goes from {self._began:%Y-%m-%d} to {at:%Y-%m-%d}: {days:,} days.")
        self._ring_until(at)
        self._now = at
        self._pages += 1
        stay = page.stay
        if not page.pools:
            return
        if not stay.shown:
            self._sessions += 1
            stay.shown = [{} for _ in self._worlds]
        for world, shown in zip(self._worlds, stay.shown, strict=True):
            shown.update(world.show(page))
            world.forget(at)
        if self._calls is None:
            self._ringing.after_page(stay)
        else:
            self._calls.after_page(stay)
        self._kept = max(self._kept, sum(world.kept for world in self._worlds))

    def result(self) -> Replayed | None:
        if self._began is None or self._now is None or not self._sessions:
            return None
        outcomes = (
            Outcome(scenario=world.scenario, pools=world.figures()) for world in self._worlds
        )
        return Replayed(
            began_at=self._began,
            ended_at=self._now,
            pages=self._pages,
            sessions=self._sessions,
            outcomes=tuple(outcomes),
            tables=self._tables.version,
            kept=self._kept,
            heard=self._calls.heard if self._calls else None,
        )

    def _begin(self, at: datetime) -> None:
        self._began = at
        for scenario in self._scenarios:
            world = World(scenario, at=at, tables=self._tables)
            self._worlds.append(world)
            numbers = world.numbers
            # A scenario has the same strangers whatever it is compared with.
            random = Random(f"{self._seed} {len(numbers)}")  # noqa: S311 - as above
            self._strangers.append(Strangers(numbers, self._tables, random, since=at))

    def _ring_until(self, at: datetime) -> None:
        if self._calls is not None:
            for ring in self._calls.until(at):
                self._ring(ring)
            return
        for ring in self._ringing.until(at):
            self._ring(ring)
        times = self._ringing.times
        for world, strangers in zip(self._worlds, self._strangers, strict=True):
            for number, pool, moment in strangers.until(at, times):
                world.ring_by_stranger(number, pool, at=moment, weight=1 / times)

    def _ring(self, ring: Ring) -> None:
        for place, (world, strangers) in enumerate(zip(self._worlds, self._strangers, strict=True)):
            if ring.stay is None:
                number, pool = strangers.any_number()
                world.ring_by_stranger(number, pool, at=ring.at, weight=ring.weight)
            else:
                number = ring.stay.shown[place].get(ring.target, "")
                world.ring(ring.stay, ring.target, number, at=ring.at, weight=ring.weight)
