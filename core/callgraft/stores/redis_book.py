"""What one transaction does with the leases that are kept in Redis."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callgraft.errors import StoreUnavailable
from callgraft.stores import redis_scripts as scripts
from callgraft.stores.redis_change import Change, Claim, Pair, Step, written
from callgraft.stores.redis_entry import Entry, Word, free_member, micros, pool_and_position
from callgraft.stores.redis_reads import RedisReads
from callgraft.stores.redis_server import RedisServer
from callgraft.tracking.holds import remembered_for, renewed
from callgraft.tracking.numbers import PoolNumber
from callgraft.tracking.values import Lease

logger = logging.getLogger(__name__)

_EVER = (2**53, 2**53)


class Moved(StoreUnavailable):
    """Somebody else was faster; what was read is not so any more."""

    def __init__(self, lease: Lease, problem: str) -> None:
        super().__init__(f"{lease.number} {problem}")
        self.site = lease.site


class RedisBook(RedisReads):
    """
    Changes leases, and takes everything back when the transaction fails.

    Each change compares what it was decided on with what is there, so nobody has to be kept out
    meanwhile.
    """

    def __init__(self, server: RedisServer, store: str) -> None:
        super().__init__(server, store)
        self._done: list[Change] = []
        self._told: set[str] = set()

    def add(self, lease: Lease) -> None:
        """
        Write an open lease that has its number alone.

        :raises Moved: its number, or its session's place, has a lease.
        """
        entry = Entry(lease=lease, position=self._position(lease), told=lease.held_until)
        used = self._claims.get((lease.site, lease.number))
        if not self._change(lease.site, [(None, entry)], used=used):
            raise Moved(lease, "or its place has an open lease.")

    def share(self, lease: Lease) -> bool:
        """Write a lease beside those on its number; False: there are none."""
        company = self.on_number(lease.site, lease.number)
        if not company:
            return False
        pairs: list[Pair] = [(each, _marked(each, is_shared=True)) for each in company]
        shared = replace(lease, is_shared=True)
        added = Entry(lease=shared, position=company[0].position, told=lease.held_until)
        if not self._change(lease.site, [*pairs, (None, added)], beside=len(company)):
            raise Moved(lease, "was shared with somebody, or left, meanwhile.")
        return True

    def renew(self, lease: Lease) -> Entry | None:
        """
        Write state, moments and hold; None: it is open no longer.

        Where SQL's word on the entry is not sure, SQL must be told: see :func:`_after`.
        """
        before = self._entry(lease)
        while before:
            if self._change(lease.site, [(before, _after(before, lease))]):
                return self._seen[lease.id]
            before = self._entry(lease, anew=True)
        return None

    def tell(self, lease: Lease) -> None:
        """Say that SQL was told of a renewal, and knows of it once it has committed."""
        self._told.add(lease.id)

    def release(self, lease: Lease, idle_since: datetime) -> Entry | None:
        """End the lease; None: it was renewed or ended since. Returned is the lease as it was."""
        before = self._entry(lease)
        while before and before.lease.held_until == lease.held_until:
            left = self._company(before.lease) if before.lease.is_shared else []
            pairs: list[Pair] = [(before, None)]
            if len(left) == 1:
                pairs.append((left[0], _marked(left[0], is_shared=False)))
            freed = None if left else self._freed(before, idle_since)
            if self._change(lease.site, pairs, beside=len(left), freed=freed):
                return before
            before = self._entry(lease, anew=True)
        return None

    def offer(self, site: str, number: PoolNumber, idle_since: datetime) -> None:
        """
        Let a number that nobody has be found at once, before the site is loaded with it.

        Should the transaction fail, SQL refuses whoever finds it.
        """
        keys = self._of(site)
        member = free_member(number.position, number.number)
        steps: list[Step] = [
            ("HSET", keys.numbers, number.number, pool_and_position(number.pool, number.position)),
            ("ZADD", keys.free(number.pool), micros(idle_since), member),
        ]
        checks: list[Step] = [("lex", keys.on, number.number, 0)]
        named = [keys.on, keys.numbers, keys.free(number.pool)]
        told = map(json.dumps, (checks, steps, []))
        self._server.run(scripts.CHANGE, keys, named, *told)

    def forget(self, site: str) -> None:
        """Make everybody load the site anew: its numbers change."""
        self._server.run(scripts.FORGET, self._of(site), [])

    @property
    def touched(self) -> set[str]:
        """The sites whose leases were changed."""
        return {change.keys.site for change in self._done}

    def undo(self) -> None:
        """
        Take everything back, as far as Redis answers; what is left SQL does not confirm.

        What comes back is not sure any more: a commit that is said to have failed may have worked.
        """
        restored: dict[str, Entry] = {}
        try:
            while self._done:
                change = self._done.pop()
                if self._apply(change.taken_back()):
                    restored |= {each.lease.id: each for each, _ in change.pairs if each}
            for entry in restored.values():
                if entry.word is Word.SURE:
                    self._change(entry.lease.site, [(entry, replace(entry, word=Word.NONE))])
            self._done.clear()
            self._give_back()
        except StoreUnavailable as exc:
            logger.debug("Changes of leases were left in Redis: %s", exc)

    def settle(self) -> None:
        """After the commit: give back what was not needed, and say what SQL knows by now."""
        try:
            self._give_back()
            self._make_sure()
        except StoreUnavailable as exc:
            logger.debug("Redis was not told of a commit: %s", exc)

    def _position(self, lease: Lease) -> int | None:
        """The position of a number that is about to be leased; it is taken where it is free."""
        claim = self._claims.get((lease.site, lease.number))
        if claim:
            return claim.position
        keys = self._of(lease.site)
        place = self._server.run(scripts.PLACE, keys, [keys.numbers], lease.number)
        pool, _, position = place.decode().partition("\x1f") if place else ("", "", "")
        if pool != lease.pool:
            return None
        self._claim(lease.site, lease.pool, _EVER, lease.number)
        return int(position)

    def _freed(self, entry: Entry, since: datetime) -> Claim | None:
        """The claim on a number that nobody has any more, unless it is shown no more."""
        if entry.position is None:
            return None
        lease = entry.lease
        member = free_member(entry.position, lease.number)
        free = self._of(lease.site).free(lease.pool)
        return Claim.of(free, micros(since), member, self._token)

    def _company(self, lease: Lease) -> list[Entry]:
        found = self.on_number(lease.site, lease.number)
        return [each for each in found if each.lease.id != lease.id]

    def _change(
        self,
        site: str,
        pairs: Sequence[Pair],
        *,
        beside: int = 0,
        used: Claim | None = None,
        freed: Claim | None = None,
    ) -> bool:
        whole = tuple((before, written(after) if after else None) for before, after in pairs)
        change = Change(keys=self._of(site), pairs=whole, beside=beside, used=used, freed=freed)
        if not self._apply(change):
            return False
        self._done.append(change)
        return True

    def _apply(self, change: Change) -> bool:
        told = map(json.dumps, (change.checks(), change.steps(), change.claims()))
        if self._server.run(scripts.CHANGE, change.keys, change.touched, *told) != 0:
            return False
        self._open.clear()
        for before, after in change.pairs:
            if after:
                self._seen[after.lease.id] = after
            elif before:
                self._seen.pop(before.lease.id, None)
        site = change.keys.site
        if change.used:
            self._claims.pop((site, change.used.number), None)
        if change.freed:
            self._claims[site, change.freed.number] = change.freed
        return True

    def _make_sure(self) -> None:
        sure: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for told in self._told:
            if entry := self._seen.get(told):
                after = written(replace(entry, word=Word.SURE))
                sure[entry.lease.site].append((told, entry.raw, after.raw))
        for site, leases in sure.items():
            keys = self._of(site)
            named = [keys.leases]
            self._server.run(scripts.MAKE_SURE, keys, named, json.dumps(leases))


def _after(before: Entry, lease: Lease) -> Entry:
    """
    The entry after a renewal.

    SQL's copy is written anew when it says something else than when the hold ends, and when that
    is behind by more than a process may remember a lease for, a tenth of its hold. So little may
    be lost with Redis, and so much is added to every hold when leases are loaded from SQL.
    """
    known = before.lease
    after = renewed(known, lease)
    behind = after.held_until - before.told
    is_told = (known.state, known.hold) == (after.state, after.hold)
    suffices = is_told and timedelta(0) <= behind <= remembered_for(after.hold)
    if before.word is Word.SURE and suffices:
        return replace(before, lease=after)
    return replace(before, lease=after, told=after.held_until, word=Word.NONE)


def _marked(entry: Entry, *, is_shared: bool) -> Entry:
    return replace(entry, lease=replace(entry.lease, is_shared=is_shared))
