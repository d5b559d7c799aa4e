"""What one transaction reads of the leases that are kept in Redis."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from callgraft.stores import redis_scripts as scripts
from callgraft.stores.lease_book import Candidate, Rested, longest_rested
from callgraft.stores.redis_change import Claim
from callgraft.stores.redis_entry import (
    Entry,
    SiteKeys,
    had_of,
    micros,
    network_of,
    session_of,
    unpacked,
)
from callgraft.stores.redis_server import RedisServer
from callgraft.tracking.values import Lease, LeaseState

_STATES = (LeaseState.PROVISIONAL, LeaseState.HELD)


class RedisReads:
    """
    Finds leases and free numbers, each with one question to Redis.

    A number that is found free is nobody else's to see until the transaction ends, or is thought
    to have crashed: so transactions that look at one time find different ones.

    :param store: which installation's leases these are: one Redis can serve several.
    """

    def __init__(self, server: RedisServer, store: str) -> None:
        self._server = server
        self._store = store
        self._token = secrets.token_hex(6)
        self._keys: dict[str, SiteKeys] = {}
        self._seen: dict[str, Entry] = {}
        self._open: dict[tuple[str, str], Sequence[Entry]] = {}
        self._claims: dict[tuple[str, str], Claim] = {}

    def open(self, site: str, session: str) -> Sequence[Entry]:
        """The session's leases; asked of Redis once, as long as this transaction changes none."""
        if (site, session) not in self._open:
            keys = self._of(site)
            named = [keys.places, keys.leases]
            found = self._server.run(scripts.OPEN, keys, named, session_of(session))
            self._open[site, session] = self._entries(found)
        return self._open[site, session]

    def on_number(self, site: str, number: str) -> Sequence[Entry]:
        keys = self._of(site)
        named = [keys.on, keys.leases]
        return self._entries(self._server.run(scripts.ON_NUMBER, keys, named, number))

    def newest(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        """The same leases, those that are open as Redis knows them."""
        open_ = [lease for lease in leases if lease.released_at is None]
        found: dict[str, Lease] = {}
        for site in {lease.site for lease in open_}:
            keys = self._of(site)
            ids = [lease.id for lease in open_ if lease.site == site]
            told = self._server.run(scripts.BY_ID, keys, [keys.leases], *ids)
            found |= {entry.lease.id: entry.lease for entry in self._entries(told)}
        return [found.get(lease.id, lease) for lease in leases]

    def had(self, site: str, visitor: str, pool: str, target: str) -> bool:
        """Whether the visitor had a number of the pool, since Redis has its memory."""
        keys = self._of(site)
        return bool(self._server.run(scripts.HAD, keys, [keys.had], had_of(visitor, pool, target)))

    def take_idle(self, site: str, pool: str, rested: Rested) -> str | None:
        """The number of the pool that is idle longest, if one is rested."""
        self._give_back()  # what was given back here is idle, too
        return self._claim(site, pool, _moments(rested))

    def take_this(self, site: str, pool: str, number: str, rested: Rested) -> bool:
        """Whether the number is free and rested; then it is this transaction's."""
        since, beyond = _moments(rested)
        mine = self._claims.get((site, number))
        if mine is None:
            return self._claim(site, pool, (since, beyond), number) is not None
        is_rested = mine.since <= since or mine.since > beyond
        return mine.free == self._of(site).free(pool) and is_rested

    def candidates(self, site: str, pool: str, rested: Rested, limit: int) -> Sequence[Candidate]:
        """The numbers that may be given out; none of them is anybody's by being seen here."""
        keys = self._of(site)
        named = [keys.free(pool), *(keys.ending(pool, state) for state in _STATES)]
        since = micros(rested.since)
        free, *over = self._server.run(scripts.CANDIDATES, keys, named, since, limit)
        found = [(at, member.partition(" ")[2], True) for member, at in _scored(free)]
        for told in over:
            found += [(at, member.partition("\x1f")[0], False) for member, at in _scored(told)]
        return longest_rested(found, limit)

    def expired(self, site: str, pool: str, state: LeaseState, rested: Rested) -> Lease | None:
        """The lease in ``state`` that ran out first."""
        keys = self._of(site)
        named = [keys.ending(pool, state), keys.on, keys.leases]
        found = self._server.run(scripts.EXPIRED, keys, named, *_moments(rested))
        self._entries(found[1:])
        return self._seen[found[0].decode()].lease if found else None

    def silent(self, site: str, pool: str, state: LeaseState, limit: int) -> Sequence[Entry]:
        """The leases in ``state`` that run out first, and all on their numbers."""
        keys = self._of(site)
        named = [keys.ending(pool, state), keys.on, keys.leases]
        return self._entries(self._server.run(scripts.SILENT, keys, named, limit))

    def of_network(
        self, site: str, pool: str, network: str, rested: Rested, limit: int
    ) -> Mapping[LeaseState, int]:
        """How many leases in force the network has, by state."""
        keys = self._of(site)
        # A blank comes behind whatever else has the same moment.
        bounds = [
            f"{network_of(pool, network, state, end)} "
            for state in _STATES
            for end in _moments(rested)
        ]
        found = self._server.run(scripts.COUNT, keys, [keys.networks], *bounds)
        counts: dict[LeaseState, int] = {}
        for state, count in zip(_STATES, found, strict=True):
            if counted := min(count, limit - sum(counts.values())):
                counts[state] = counted
        return counts

    def ends(self, site: str, pool: str) -> Mapping[str, Sequence[tuple[LeaseState, int]]]:
        """By number, the states of its leases and when their holds end."""
        keys = self._of(site)
        lists = [keys.ending(pool, state) for state in _STATES]
        ends: defaultdict[str, list[tuple[LeaseState, int]]] = defaultdict(list)
        for state, told in zip(
            _STATES, self._server.run(scripts.ENDS, keys, [*lists]), strict=True
        ):
            for member, until in _scored(told):
                ends[member.partition("\x1f")[0]].append((state, until))
        return ends

    def _claim(
        self, site: str, pool: str, moments: tuple[int, int], number: str = ""
    ) -> str | None:
        keys = self._of(site)
        named = [keys.free(pool), keys.claims, keys.numbers]
        found = self._server.run(scripts.CLAIM, keys, named, *moments, self._token, number, pool)
        if not found:
            return None
        member, since, text = (each.decode() for each in found)
        claim = Claim(free=keys.free(pool), since=int(since), member=member, text=text)
        self._claims[site, claim.number] = claim
        return claim.number

    def _give_back(self) -> None:
        """Let others see the numbers that this transaction took and does not need."""
        claims: defaultdict[str, list[str]] = defaultdict(list)
        for (site, _), claim in self._claims.items():
            claims[site].append(claim.text)
        self._claims.clear()
        for site, texts in claims.items():
            keys = self._of(site)
            self._server.run(scripts.GIVE_BACK, keys, [keys.claims], *texts)

    def _entries(self, found: Iterable[bytes | None]) -> list[Entry]:
        entries = [unpacked(raw) for raw in found if raw is not None]
        self._seen |= {entry.lease.id: entry for entry in entries}
        return entries

    def _entry(self, lease: Lease, *, anew: bool = False) -> Entry | None:
        if anew or lease.id not in self._seen:
            self._seen.pop(lease.id, None)
            keys = self._of(lease.site)
            self._entries(self._server.run(scripts.BY_ID, keys, [keys.leases], lease.id))
        return self._seen.get(lease.id)

    def _of(self, site: str) -> SiteKeys:
        if site not in self._keys:
            self._keys[site] = SiteKeys(site, self._store)
        return self._keys[site]


def _scored(told: Sequence[bytes]) -> Iterator[tuple[str, int]]:
    """The members of a sorted set, each with its score."""
    for member, score in zip(told[::2], told[1::2], strict=True):
        yield member.decode(), int(score)


def _moments(rested: Rested) -> tuple[int, int]:
    return micros(rested.since), micros(rested.beyond)
