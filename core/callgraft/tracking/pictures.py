"""The pictures that a process has of its pools: who saw which number, kept up with what happens."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.choice import NEWEST, Newcomer, Picture
from callgraft.tracking.exposures import exposure_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.numbers import NumberState
from callgraft.tracking.offers import Price
from callgraft.tracking.posterior import newest_by_visitor
from callgraft.tracking.states import Exposure, Sign
from callgraft.tracking.tables import Tables
from callgraft.tracking.values import Assignment, Call, Lease, PageView, SessionSign, Wanted

Result = TypeVar("Result")
Key = tuple[str, str]

MOST = 200
"""How many pools a process has pictures of; of more those that were asked for last."""

LARGEST = 5000
"""In a pool of more numbers there is always one that hardly anybody saw: the idle longest."""

ANEW_AFTER = timedelta(hours=1)
"""A picture is drawn anew so often: what was forgotten meanwhile must not stay in it."""

_AT_A_TIME = 25
"""How many numbers' exposures are read in one transaction."""
_LEASES = 2 * NEWEST
_CALLS = 300
_LATE = timedelta(seconds=15)
"""How much later than it happened something may be written by another process."""


class Read(Protocol):
    """Runs what only reads, in one transaction."""

    def __call__(self, work: Callable[[Transaction], Result]) -> Result: ...


class Pictures:
    """
    A picture of each pool that numbers were asked of; safe from several threads.

    They are advice: whether a number is free, the store says. So an old picture can make a worse
    choice, and never gives one number to two sessions. What this process does is told here when it
    has happened; what other processes did comes with :meth:`look`, which somebody calls every few
    seconds, and nobody waits for. A store in memory has one process, so there a picture is drawn at
    once when it is asked for, and always exact.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._is_instant = isinstance(store, MemoryStore)
        self._lock = threading.RLock()
        self._pictures: OrderedDict[Key, _Kept] = OrderedDict()
        self._asked: set[Key] = set()

    def price(self, transaction: Transaction, view: PageView, wanted: Wanted) -> Price | None:
        """
        What tells the costs of the pool's numbers for the session of the page view.

        None, where there is no picture of the pool; one is drawn with the next look.
        """
        key = (view.site, wanted.pool)
        with self._lock:
            self._asked.add(key)
            kept = self._pictures.get(key)
            if self._is_instant:
                tables = tables_in_force(transaction, view.site)
                if kept is None or kept.picture.version != tables.version:
                    kept = _drawn(_Within(transaction), key, at=view.at)
                    self._keep(key, kept)
        if kept is None or kept.is_too_large:
            return None
        return partial(self._costs, kept.picture, _newcomer(view), view.at)

    def viewed(self, view: PageView, assigned: Iterable[Assignment]) -> None:
        """A page was viewed, and the store has it: numbers were shown, and it is a sign of life."""
        if not self._pictures:
            return
        page = Sign(at=view.at, is_contact=view.is_contact)
        if view.is_load:
            self._sign(view.site, view.identity.session, page)
        for each in assigned:
            if each.lease and each.lease.shown_at == view.at:
                exposure = self._exposure(view, each.lease, page)
                with self._lock:
                    if kept := self._pictures.get((view.site, each.lease.pool)):
                        kept.picture.show(exposure)

    def signed(self, signs: Iterable[SessionSign]) -> None:
        """Sessions told something of themselves."""
        if self._pictures:
            for sign in signs:
                self._sign(sign.site, sign.session, Sign(at=sign.at, kind=sign.kind))

    def heard(self, call: Call) -> None:
        """A call was attributed."""
        with self._lock:
            for kept in self._of(call.site):
                _tell(kept.picture, call)

    def forget(self) -> None:
        """Forget everything: somebody was forgotten, or numbers went elsewhere."""
        with self._lock:
            self._pictures.clear()

    def look(self, *, at: datetime) -> None:
        """
        Draw pictures of the pools that were asked for since, and find out what others did.

        :raises StoreUnavailable: the store does not answer.
        """
        with self._lock:
            asked, self._asked = self._asked, set()
        for key in sorted(asked):
            kept = self._pictures.get(key)
            tables = self._store.read(partial(tables_in_force, site=key[0]))
            if kept is None or kept.picture.version != tables.version or kept.is_old(at):
                drawn = _drawn(self._store.read, key, at=at)
                with self._lock:
                    self._keep(key, drawn)
            if not self._pictures[key].is_too_large:
                self._follow(key, self._pictures[key], at)

    def _costs(
        self, picture: Picture, newcomer: Newcomer, at: datetime, numbers: Sequence[str]
    ) -> Sequence[float]:
        with self._lock:
            return picture.costs(newcomer, numbers, at)

    def _follow(self, key: Key, kept: _Kept, at: datetime) -> None:
        """Put into the picture what was shown and done since it was looked at last."""
        site, pool = key
        since = kept.looked_at - _LATE
        exposures, calls = self._store.read(lambda here: _since(here, site, pool, since, at=at))
        with self._lock:
            for exposure in exposures:
                kept.picture.show(exposure)
            for call in calls:
                _tell(kept.picture, call)
            kept.looked_at = at

    def _exposure(self, view: PageView, lease: Lease, page: Sign) -> Exposure:
        if self._is_instant:
            stays = self._store.read(lambda here: here.stays(view.site, [lease.session]))
            if stay := stays.get(lease.session):
                return exposure_of(lease, stay)
        # What it did before it needed a number is in the store, and read with the next look.
        return Exposure(
            number=lease.number,
            visitor=lease.visitor,
            session=lease.session,
            shown_at=lease.shown_at,
            touch=view.identity.touch,
            device=view.device,
            region=view.location.region or None,
            pool=lease.pool,
            log=(page,) if view.is_load else (),
        )

    def _sign(self, site: str, session: str, sign: Sign) -> None:
        with self._lock:
            for kept in self._of(site):
                kept.picture.sign(session, sign)

    def _of(self, site: str) -> list[_Kept]:
        return [kept for key, kept in self._pictures.items() if key[0] == site]

    def _keep(self, key: Key, kept: _Kept) -> None:
        self._pictures[key] = kept
        self._pictures.move_to_end(key)
        if len(self._pictures) > MOST:
            self._pictures.popitem(last=False)


class _Within:
    """Reads in a transaction that has begun."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def __call__(self, work: Callable[[Transaction], Result]) -> Result:
        return work(self._transaction)


class _Kept:
    """A picture, when it was drawn, and until when it knows what others did."""

    __slots__ = ("drawn_at", "is_too_large", "looked_at", "picture")

    def __init__(self, picture: Picture, at: datetime, *, is_too_large: bool = False) -> None:
        self.picture = picture
        self.drawn_at = self.looked_at = at
        self.is_too_large = is_too_large

    def is_old(self, at: datetime) -> bool:
        return abs(at - self.drawn_at) > ANEW_AFTER


def _newcomer(view: PageView) -> Newcomer:
    return Newcomer(
        visitor=view.identity.visitor,
        source=view.identity.touch.source,
        region=view.location.region or None,
    )


def _drawn(read: Read, key: Key, *, at: datetime) -> _Kept:
    """A picture of what the store knows."""
    site, pool = key
    tables: Tables = read(lambda here: tables_in_force(here, site))
    places = read(lambda here: here.numbers(site))
    numbers = [
        each.number for each in places if each.pool == pool and each.state is NumberState.ACTIVE
    ]
    picture = Picture(tables)
    if len(numbers) > LARGEST:
        return _Kept(picture, at, is_too_large=True)
    for first in range(0, len(numbers), _AT_A_TIME):
        part = numbers[first : first + _AT_A_TIME]
        for exposure in read(partial(_shown, site=site, numbers=part)):
            picture.show(exposure)
    for call in read(lambda here: here.calls(site, limit=_CALLS)):
        _tell(picture, call)
    return _Kept(picture, at)


def _shown(transaction: Transaction, *, site: str, numbers: Sequence[str]) -> list[Exposure]:
    """The newest exposures of each number."""
    leases = [
        lease
        for number in numbers
        for lease in newest_by_visitor(transaction.leases_on(site, number, limit=_LEASES))[:NEWEST]
    ]
    return _exposures(transaction, site, leases)


def _since(
    transaction: Transaction, site: str, pool: str, since: datetime, *, at: datetime
) -> tuple[list[Exposure], list[Call]]:
    """Who has a number and was seen since then, and the calls that rang."""
    state = transaction.pool_state(site, pool, at=at, cool_off=timedelta(0), listed=_CALLS)
    seen = [lease for lease in state.leases if lease.seen_at >= since]
    calls = transaction.calls(site, limit=_AT_A_TIME)
    return _exposures(transaction, site, seen), [call for call in calls if call.rang_at >= since]


def _exposures(transaction: Transaction, site: str, leases: Sequence[Lease]) -> list[Exposure]:
    stays = transaction.stays(site, list({lease.session for lease in leases}))
    return [
        exposure_of(lease, stay)
        for lease in leases
        if (stay := stays.get(lease.session)) is not None
    ]


def _tell(picture: Picture, call: Call) -> None:
    for candidate in call.attribution.candidates:
        picture.call(call.number, candidate.session, candidate.probability)
