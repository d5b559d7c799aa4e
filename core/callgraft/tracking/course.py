"""A session's state kept up sign by sign: reading its whole log each time would be too slow."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta

from callgraft.tracking.states import (
    ACTIVE_FOR,
    BACK_AFTER,
    EDGES,
    ENGAGED,
    VERY_ENGAGED,
    Sign,
    SignKind,
)

Entry = tuple[datetime, int, bool, bool]
"""A sign: when, its kind's rank, whether on a contact page, whether it counts as a page."""

Standing = tuple[int, int, datetime | None]
"""A level, a bin of its clock, and when the next one of either begins, if ever."""

_KINDS = tuple(SignKind)
_RANK = {kind: rank for rank, kind in enumerate(_KINDS)}
_LONGEST = 64
"""Of a longer log the older half is kept as what it came to: it is in order by then."""


class Course:
    """
    What one session did since it was shown a number, as of its newest sign.

    The state is that of :func:`callgraft.tracking.states.state_of`, at any moment from the newest
    sign on; signs may come late, and two of one kind and moment count as one.
    """

    __slots__ = ("_before", "_log", "_now")

    def __init__(self, shown_at: datetime, log: Iterable[Sign] = ()) -> None:
        # Showing the number was a sign of life, logged or not; whether it was a page the log tells.
        shown = (shown_at, _RANK[SignKind.PAGE], False, False)
        self._log: list[Entry] = sorted({shown, *map(_entry, log)})
        first = min(entry[0] for entry in self._log if entry[1] not in _NO_LIFE)
        self._before = _Sofar(first)
        self._now = self._before.after(self._log)
        self._shorten()

    @property
    def newest_at(self) -> datetime:
        """When the newest sign was."""
        return self._log[-1][0]

    def add(self, sign: Sign) -> bool:
        """Take one more sign; False: it is known, or so late that it was given up."""
        entry = _entry(sign)
        if entry > self._log[-1]:
            self._log.append(entry)
            self._now.add(entry)
            self._shorten()
            return True
        if entry in self._log or (entry < self._log[0] and self._before.has_begun):
            return False
        insort(self._log, entry)
        if entry[1] not in _NO_LIFE and not self._before.has_begun:
            self._before = _Sofar(min(entry[0], self._before.life_at))
        self._now = self._before.after(self._log)
        return True

    def standing(self, at: datetime) -> Standing:
        """Where the session stands at a moment that is no earlier than its newest sign."""
        return self._now.standing(at)

    def settle(self) -> None:
        """Keep only what the log came to: nothing comes so late any more."""
        self._cut(len(self._log) - 1)

    def _shorten(self) -> None:
        if len(self._log) > _LONGEST:
            self._cut(len(self._log) // 2)

    def _cut(self, count: int) -> None:
        if count:
            self._before = self._before.after(self._log[:count])
            self._log = self._log[count:]


class _Sofar:
    """What the signs up to one of them come to."""

    __slots__ = (
        "active_at",
        "came_back",
        "contact_seen",
        "engaged",
        "has_begun",
        "has_helper",
        "is_hidden",
        "life_at",
        "pages",
        "press_at",
        "touched",
        "used_at",
    )

    def __init__(self, first: datetime) -> None:
        self.has_begun = self.contact_seen = self.touched = False
        self.came_back = self.has_helper = self.is_hidden = False
        self.pages = 0
        self.engaged = timedelta(0)
        self.press_at: datetime | None = None
        self.used_at: datetime | None = None
        self.active_at: datetime | None = None
        self.life_at = first

    def after(self, log: Iterable[Entry]) -> _Sofar:
        """The same, some signs later."""
        later = copy(self)
        for entry in log:
            later.add(entry)
        return later

    def add(self, entry: Entry) -> None:
        at, rank, is_contact, is_page = entry
        kind = _KINDS[rank]
        self.has_begun = True
        if kind is SignKind.PAGE:
            self.pages += is_page
            self.contact_seen = self.contact_seen or is_contact
            self.came_back = False
        else:
            self.has_helper = True
            self.touched = self.touched or kind is SignKind.NUMBER_TOUCHED
            if rank in _NO_LIFE:
                return
            self._live(kind, at)
        self.is_hidden = kind is SignKind.HIDDEN
        self.life_at = at

    def standing(self, at: datetime) -> Standing:
        if not self.has_helper:
            return _by_clock(self._blind_level(), self.life_at, at)
        if self.press_at is not None:
            return _by_clock(5, self.press_at, at)
        level, next_level_at = self._watched_level(at)
        until = None if self.active_at is None else self.active_at + ACTIVE_FOR
        if until is None or self.is_hidden or at > until:
            return _by_clock(level, self.life_at, at)
        still = until + timedelta.resolution  # in the moment itself the clock does not run yet
        return level, 0, min(still, next_level_at) if next_level_at else still

    def _live(self, kind: SignKind, at: datetime) -> None:
        """Take a sign of life that is no page load."""
        if kind is SignKind.TEL_PRESSED:
            self.press_at = at
            return
        if kind is not SignKind.HIDDEN and at - self.life_at >= BACK_AFTER:
            self.came_back = True
        if kind is SignKind.VISIBLE:
            return
        if self.used_at is not None:
            self.engaged += min(at - self.used_at, ACTIVE_FOR)
        self.used_at = at if kind is SignKind.ACTIVE else None
        self.active_at = self.used_at or self.active_at

    def _blind_level(self) -> int:
        if self.contact_seen:
            return 10
        return 9 if self.pages >= 4 else 8 if self.pages >= 2 else 7

    def _watched_level(self, at: datetime) -> tuple[int, datetime | None]:
        """The level, and when more time in use makes it a higher one."""
        if self.came_back or self.touched or self.contact_seen:
            return 6 if self.came_back else 4 if self.touched else 3, None
        engaged = self.engaged
        if self.used_at is not None:
            engaged += min(at - self.used_at, ACTIVE_FOR)
        level = 2 if engaged >= VERY_ENGAGED else 1 if engaged >= ENGAGED else 0
        if level == 2 or self.used_at is None:
            return level, None
        missing = (VERY_ENGAGED if level else ENGAGED) - self.engaged
        return level, self.used_at + missing if missing <= ACTIVE_FOR else None


_NO_LIFE = (_RANK[SignKind.HELPER], _RANK[SignKind.NUMBER_TOUCHED])


def _by_clock(level: int, zero: datetime, at: datetime) -> Standing:
    bin_ = bisect_right(EDGES, at - zero)
    return level, bin_, zero + EDGES[bin_] if bin_ < len(EDGES) else None


def _entry(sign: Sign) -> Entry:
    return sign.at, _RANK[sign.kind], sign.is_contact, sign.kind is SignKind.PAGE
