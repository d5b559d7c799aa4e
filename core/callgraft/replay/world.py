"""One scenario at work: the product's own allocation and attribution on a store that forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from callgraft.identity import SESSION_IDLE
from callgraft.replay.scenarios import Scenario
from callgraft.replay.tally import OVERFLOW, OWN, SHARED, PoolFigures, Seen, Tally
from callgraft.replay.traffic import Page, Stay
from callgraft.site import Pool
from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Transaction
from callgraft.tracking.attribution import posterior, record, source_only
from callgraft.tracking.exposures import NEWEST, exposures_of
from callgraft.tracking.learned import text_of
from callgraft.tracking.limits import wanted_of
from callgraft.tracking.pictures import Pictures
from callgraft.tracking.posterior import newest_by_visitor
from callgraft.tracking.publishing import publish
from callgraft.tracking.tables import Tables
from callgraft.tracking.values import Attribution, Call, CallState, Shown
from callgraft.tracking.visits import page_view

_EVERY = 250
"""So many sessions at least are looked through at once for what may be forgotten."""

_ALL = 1_000_000


class World:
    """A site with the scenario's numbers, and what was shown there so far."""

    def __init__(self, scenario: Scenario, *, at: datetime, tables: Tables) -> None:
        self.scenario = scenario
        self._site = scenario.site
        self._tables = tables
        self._store = MemoryStore()
        self._store.write(partial(_set_up, scenario=scenario, at=at, tables=tables))
        self._pictures = Pictures(self._store)
        zone = self._site.timezone
        self._tallies = {pool: Tally(zone=zone) for pool in self._site.pools}
        self._wanted = {
            (target, pool.key): wanted_of(pool, target)
            for target in self._site.targets
            for pool in self._site.pools.values()
        }
        self._numbers = [
            (number.e164, pool.key) for pool in self._site.pools.values() for number in pool.numbers
        ]
        self._stays: dict[tuple[str, str], tuple[Stay, dict[str, Seen]]] = {}
        self._room = _EVERY

    @property
    def kept(self) -> int:
        """How many sessions are in memory."""
        return len(self._stays)

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Every number with its pool."""
        return self._numbers

    def show(self, page: Page) -> dict[str, str]:
        """Give the page its numbers, by target, and count what its session got."""
        wanted = tuple(self._wanted[each] for each in page.pools)
        view = replace(page.view, wanted=wanted)
        assigned = self._store.write(lambda here: page_view(here, view, self._pictures))
        self._pictures.viewed(view, assigned)
        _, seen = self._stays.setdefault(page.stay.key, (page.stay, {}))
        for each in assigned:
            if each.pool:
                tally = self._tallies[each.pool]
                seen[each.pool] = tally.shown(each, view.at, seen.get(each.pool))
        return {
            each.target: each.number or "" if each.shown is Shown.LEASE else "" for each in assigned
        }

    def ring(self, stay: Stay, target: str, number: str, *, at: datetime, weight: float) -> None:
        """A call by this session; ``number`` is empty where it has none of its own."""
        pool = stay.pools[target]
        found = self._attributed(number, at) if number else self._by_overflow(pool)
        source = stay.identity.touch.source if number else found.source
        self._tallies[pool].rang(found, visitor=stay.identity.visitor, source=source, weight=weight)

    def ring_by_stranger(self, number: str, pool: str, *, at: datetime, weight: float) -> None:
        """A call by somebody who never saw the site, or nobody knows when."""
        found = self._attributed(number, at)
        self._tallies[pool].rang(found, visitor=None, source="", weight=weight)

    def figures(self) -> tuple[PoolFigures, ...]:
        """How each pool fared so far."""
        return tuple(_figures(self._site.pools[key], tally) for key, tally in self._tallies.items())

    def forget(self, at: datetime) -> None:
        """
        Forget the sessions that can neither lose a number any more nor be named by a call.

        A call is shared out among the newest 48 visitors of its number, so what is kept depends on
        how many numbers there are, and not on how long the log is.
        """
        if len(self._stays) >= self._room:
            self._store.write(partial(self._forget, at=at))
            self._room = len(self._stays) * 5 // 4 + _EVERY

    def _forget(self, transaction: Transaction, *, at: datetime) -> None:
        site = self._site.key
        needed = {
            (lease.session, lease.visitor)
            for number, _ in self._numbers
            for lease in newest_by_visitor(transaction.leases_on(site, number, limit=_ALL))[:NEWEST]
        }
        over = [
            key
            for key, (stay, _) in self._stays.items()
            if key not in needed and at - stay.seen_at > SESSION_IDLE
        ]
        transaction.drop_leases(site, over)
        transaction.drop_sessions(site, over)
        for key in over:
            del self._stays[key]

    def _attributed(self, number: str, at: datetime) -> Attribution:
        call = _call(self._site.key, number, at)
        exposures = self._store.read(lambda transaction: exposures_of(transaction, call))
        return record(posterior(exposures, rang_at=at, tables=self._tables), rang_at=at)

    def _by_overflow(self, pool: str) -> Attribution:
        its = self._site.pools[pool]
        if its.overflow is None:
            return Attribution(method="none")
        return source_only(its.source, its.medium, "", "")


def _set_up(transaction: Transaction, *, scenario: Scenario, at: datetime, tables: Tables) -> None:
    publish(transaction, scenario.site, at=at)
    transaction.put_tables(scenario.site.key, tables.version, text_of(tables))


def _call(site: str, number: str, at: datetime) -> Call:
    return Call(
        id="",
        site=site,
        provider="",
        account="",
        call="",
        number=number,
        caller="",
        state=CallState.RINGING,
        rang_at=at,
    )


def _figures(pool: Pool, tally: Tally) -> PoolFigures:
    return PoolFigures(
        pool=pool.key,
        numbers=len(pool.numbers),
        hold=pool.hold,
        is_sharing=pool.is_sharing,
        sessions=sum(tally.outcomes),
        own=tally.outcomes[OWN],
        shared=tally.outcomes[SHARED],
        overflow=tally.outcomes[OVERFLOW],
        dry_minutes=tally.dry_minutes,
        calls=tally.calls,
        visitor_calls=tally.visitor_calls,
        right=tally.right,
        wrong=tally.wrong,
        source_known=tally.source_known,
        drawn=tally.drawn,
        margin=tally.margin,
        hours=tally.hours,
    )
