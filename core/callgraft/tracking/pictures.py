"""The pictures that a process has of its pools: who saw which number, kept up with what happens."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from callgraft.errors import StoreUnavailable
from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Store, Transaction
from callgraft.stores.schema import WORDS
from callgraft.stores.types import cleaned
from callgraft.tracking.choice import Newcomer, Picture
from callgraft.tracking.drawing import Read, Within, draw, news, tell
from callgraft.tracking.exposures import exposure_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.offers import Price
from callgraft.tracking.states import Exposure, Sign
from callgraft.tracking.values import Assignment, Call, Lease, PageView, SessionSign, Wanted

Key = tuple[str, str]
Result = TypeVar("Result")

ROOM = 60_000
"""About how many exposures all pictures of a process know: about a hundred megabytes."""

ANEW_AFTER = timedelta(hours=1)
"""A picture is drawn anew so often: what was forgotten meanwhile must not stay in it."""

_RESTS = 3
_LATE = timedelta(seconds=15)
"""How much later than it happened something may be written by another process."""


class Pictures:
    """
    A picture of each pool that numbers were asked of; safe from several threads.

    They are advice: whether a number is free, the store says. So an old picture can make a worse
    choice, and never gives one number to two sessions. What this process does is told here when it
    has happened; what other processes did comes with :meth:`look`, which somebody calls every few
    seconds, and nobody waits for. A store in memory has one process, so there a picture is drawn at
    once when it is asked for, and always exact.

    :param asked: is told whenever numbers were asked for, so that somebody looks before long.
    """

    def __init__(self, store: Store, *, asked: Callable[[], None] | None = None) -> None:
        self._store = store
        self._closing = threading.Event()
        self._is_instant = isinstance(store, MemoryStore)
        self._tell_asked = None if self._is_instant else asked
        self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._pictures: dict[Key, _Kept] = {}
        self._asked: set[Key] = set()
        self._generation = 0

    def price(self, transaction: Transaction, view: PageView, wanted: Wanted) -> Price | None:
        """
        What tells the costs of the pool's numbers for the session of the page view.

        None, where there is no picture of the pool; one is drawn with the next look.
        """
        key = (view.site, wanted.pool)
        if self._tell_asked:
            self._tell_asked()
        with self._alone():
            self._asked.add(key)
            kept = self._pictures.get(key)
            if self._is_instant:
                version = tables_in_force(transaction, view.site).version
                if kept is None or kept.version != version:
                    kept = self._draw(Within(transaction), key, version, view.at)
                if kept:
                    kept.looked_at = view.at
        if kept is None or kept.picture is None:
            return None
        return partial(self._costs, kept.picture, _newcomer(view), view.at)

    def costs(self, view: PageView, wanted: Wanted) -> dict[str, float] | None:
        """
        What those of the pool's numbers cost that cost anything, for the session of the view.

        None, where there is no picture of the pool; one is drawn with the next look.
        """
        with self._alone():
            self._asked.add((view.site, wanted.pool))
            kept = self._pictures.get((view.site, wanted.pool))
            picture = kept.picture if kept else None
            if picture is None:
                return None
            numbers = picture.numbers
            return dict(zip(numbers, picture.costs(_newcomer(view), numbers, view.at), strict=True))

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
                with self._alone():
                    kept = self._pictures.get((view.site, each.lease.pool))
                    if kept and kept.picture:
                        kept.picture.show(exposure)

    def signed(self, signs: Iterable[SessionSign]) -> None:
        """Sessions told something of themselves."""
        if self._pictures:
            for sign in signs:
                self._sign(sign.site, sign.session, Sign(at=sign.at, kind=sign.kind))

    def heard(self, call: Call) -> None:
        """A call was attributed."""
        with self._alone():
            for picture in self._of(call.site):
                tell(picture, call)

    def forget(self) -> None:
        """Forget everything: somebody was forgotten, or numbers went elsewhere."""
        with self._alone():
            self._pictures.clear()
            self._generation += 1

    def close(self) -> None:
        """End a look that is under way."""
        self._closing.set()

    def look(self, *, at: datetime) -> None:
        """
        Draw pictures of the pools that were asked for since, and find out what others did.

        :raises StoreUnavailable: the store does not answer.
        """
        with self._alone():
            asked, self._asked = self._asked, set()
        for key in sorted(asked):
            kept = self._pictures.get(key)
            version = self._gently(partial(tables_in_force, site=key[0])).version
            if kept is None or kept.version != version or kept.is_old(at):
                kept = self._draw(self._gently, key, version, at)
            if kept and kept.picture:
                self._follow(key, kept, kept.picture, at)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._process != os.getpid():
            self._begin_afresh()  # a fork may have begun in the midst of a change
        with self._lock:
            yield

    def _costs(
        self, picture: Picture, newcomer: Newcomer, at: datetime, numbers: Sequence[str]
    ) -> Sequence[float]:
        with self._alone():
            return picture.costs(newcomer, numbers, at)

    def _follow(self, key: Key, kept: _Kept, picture: Picture, at: datetime) -> None:
        """Put into the picture what was shown and done since it was looked at last."""
        since = kept.looked_at - _LATE
        exposures, calls = self._gently(lambda here: news(here, *key, since=since, at=at))
        for exposure in exposures:
            with self._alone():  # each by itself: page views must not wait for all of them
                picture.show(exposure)
            time.sleep(0)
        with self._alone():
            for call in calls:
                tell(picture, call)
            kept.looked_at = at
        self._keep_time(picture, at)

    def _keep_time(self, picture: Picture, at: datetime) -> None:
        is_done = False
        while not is_done:
            with self._alone():
                is_done = picture.keep_time(at)

    def _gently(self, work: Callable[[Transaction], Result]) -> Result:
        """Read, and rest thrice as long: page views of this machine come first."""
        began = time.perf_counter()
        result = self._store.read(work)
        if self._closing.wait(_RESTS * (time.perf_counter() - began)):
            raise StoreUnavailable("It is being closed.")
        return result

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
            touch=replace(view.identity.touch, source=_newcomer(view).source),
            device=view.device,
            region=view.location.region or None,
            pool=lease.pool,
            log=(page,) if view.is_load else (),
        )

    def _sign(self, site: str, session: str, sign: Sign) -> None:
        with self._alone():
            for picture in self._of(site):
                picture.sign(session, sign)

    def _of(self, site: str) -> list[Picture]:
        kept = (kept for key, kept in self._pictures.items() if key[0] == site)
        return [each.picture for each in kept if each.picture]

    def _draw(self, read: Read, key: Key, version: str, at: datetime) -> _Kept | None:
        """Draw a picture and keep it, where there is room for one more."""
        with self._alone():
            generation = self._generation
            if self._known(key) >= ROOM:
                for old in [each for each, kept in self._pictures.items() if kept.is_unused(at)]:
                    del self._pictures[old]
            if self._known(key) >= ROOM:
                return None
        picture = draw(read, *key)
        if picture:
            self._keep_time(picture, at)
        kept = _Kept(picture, version, at)
        with self._alone():
            if generation != self._generation:
                return None  # somebody was forgotten meanwhile, who may stand in it
            self._pictures[key] = kept
        return kept

    def _known(self, beside: Key) -> int:
        """How many exposures all other pictures know."""
        others = (kept.picture for key, kept in self._pictures.items() if key != beside)
        return sum(picture.size for picture in others if picture)


class _Kept:
    """
    A picture, the version of its tables, when it was drawn, and until when it knows all.

    ``picture`` is None for a pool that needs none.
    """

    __slots__ = ("drawn_at", "looked_at", "picture", "version")

    def __init__(self, picture: Picture | None, version: str, at: datetime) -> None:
        self.picture = picture
        self.version = version
        self.drawn_at = self.looked_at = at

    def is_unused(self, at: datetime) -> bool:
        return abs(at - self.looked_at) > ANEW_AFTER

    def is_old(self, at: datetime) -> bool:
        return abs(at - self.drawn_at) > ANEW_AFTER


def _newcomer(view: PageView) -> Newcomer:
    return Newcomer(
        visitor=view.identity.visitor,
        source=cleaned(view.identity.touch.source, WORDS),  # as the store has it of others
        region=view.location.region or None,
    )
