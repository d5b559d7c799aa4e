"""A change of leases in Redis: what must be so before, what is done, and how it is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callgraft.stores.redis_entry import (
    Entry,
    Place,
    SiteKeys,
    had_of,
    micros,
    packed,
    place_of,
)

Step = Sequence[str | int]
Pair = tuple[Entry | None, Entry | None]
"""A lease before and after; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A number that one transaction took in view and nobody else sees until that ends.

    ``text`` is how it stands in Redis, which gives it back after a while by itself.
    """

    free: str
    since: int
    member: str
    text: str

    @property
    def number(self) -> str:
        return self.member.partition(" ")[2]

    @property
    def position(self) -> int:
        return int(self.member.partition(" ")[0])

    @staticmethod
    def of(free: str, since: int, member: str, token: str) -> Claim:
        text = json.dumps([free, str(since), member, token])
        return Claim(free=free, since=since, member=member, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    Leases that come, change or go, all at once.

    :param used: the claim of the number that is leased by it.
    :param beside: how many others the number is leased to.
    :param freed: the claim of the number that nobody has any more, until the transaction ends.
    """

    keys: SiteKeys
    pairs: tuple[Pair, ...]
    beside: int = 0
    used: Claim | None = None
    freed: Claim | None = None

    def taken_back(self) -> Change:
        """The change that undoes this one."""
        pairs = tuple((after, before) for before, after in self.pairs)
        return replace(self, pairs=pairs, used=self.freed, freed=self.used)

    @property
    def touched(self) -> list[str]:
        """The keys: all of one slot."""
        names = {step[1] for step in (*self.checks(), *self.steps())}
        return sorted(str(name) for name in names)

    def checks(self) -> list[Step]:
        """What must be so, or nothing is done."""
        leases = self.keys.leases
        checks: list[Step] = [
            ("is", leases, _id(pair), before.raw if (before := pair[0]) else "")
            for pair in self.pairs
        ]
        for lease in (after.lease for before, after in self.pairs if after and not before):
            place = place_of(lease.session, lease.pool, lease.target)
            checks.append(("lex", self.keys.on, lease.number, self.beside))
            checks.append(("lex", self.keys.places, place, 0))
        for lease in (before.lease for before, after in self.pairs if before and not after):
            if lease.is_shared:
                # Of two who leave at once, the second one must see that it is the last.
                checks.append(("lex", self.keys.on, lease.number, self.beside + 1))
        if self.used:
            checks.append(("has", self.keys.claims, self.used.text, 1))
        return checks

    def steps(self) -> list[Step]:
        """Redis's commands."""
        before = self._places(before for before, _ in self.pairs)
        after = self._places(after for _, after in self.pairs)
        steps: list[Step] = [("ZREM", *place) for place in before if place not in after]
        steps += [
            ("ZADD", key, score, member)
            for (key, member), score in after.items()
            if before.get((key, member)) != score
        ]
        for pair in self.pairs:
            steps.append(self._lease_step(pair))
            if pair[1] and not pair[0]:
                lease = pair[1].lease
                had = had_of(lease.visitor, lease.pool, lease.target)
                steps.append(("ZADD", self.keys.had, micros(lease.shown_at), had))
        if self.used:
            steps.append(("ZREM", self.keys.claims, self.used.text))
        return steps

    def claims(self) -> list[Step]:
        """What Redis itself says the end of."""
        return [(self.keys.claims, self.freed.text)] if self.freed else []

    def _lease_step(self, pair: Pair) -> Step:
        after = pair[1]
        if after is None:
            return ("HDEL", self.keys.leases, _id(pair))
        return ("HSET", self.keys.leases, after.lease.id, after.raw)

    def _places(self, entries: Iterable[Entry | None]) -> Mapping[Place, int]:
        found: dict[Place, int] = {}
        for entry in entries:
            if entry:
                found |= self.keys.found_by(entry.lease)
        return found


def written(entry: Entry) -> Entry:
    """The entry with the text that it will have in Redis."""
    return replace(entry, raw=packed(entry))


def _id(pair: Pair) -> str:
    entry = pair[0] or pair[1]
    return entry.lease.id if entry else ""
