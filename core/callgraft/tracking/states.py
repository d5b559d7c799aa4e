"""What an exposure's event log tells as of one moment: its level, its clock and its bin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from callgraft.source import Touch

ACTIVE_FOR = timedelta(seconds=10)
"""The helper tells of input at most once per ten seconds, so one sign speaks for that long."""

BACK_AFTER = timedelta(minutes=2)
ENGAGED = timedelta(seconds=15)
VERY_ENGAGED = timedelta(seconds=90)

# fmt: off
EDGES = tuple(
    timedelta(seconds=edge)
    for edge in (3, 15, 60, 120, 300, 600, 1200, 2400, 4800, 10800, 21600, 43200, 86400, 172800,
                 345600, 604800)
)
# fmt: on
"""Upper edges of the clock's bins; a clock that stands on an edge is in the bin above it."""


class SignKind(StrEnum):
    """What a session did; signs of one moment count in this order."""

    HIDDEN = "hidden"
    PAGE = "page"
    VISIBLE = "visible"
    ACTIVE = "active"
    NUMBER_TOUCHED = "number_touched"
    TEL_PRESSED = "tel_pressed"
    HELPER = "helper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """
    One entry of a session's event log, with the server's time.

    ``is_contact`` belongs to a page load: the page is a contact page. ``helper`` only says that
    the session has beacons; it is no sign of life.
    """

    at: datetime
    kind: SignKind = SignKind.PAGE
    is_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """
    One tracking number shown to one session, with everything that the session did so far.

    ``device`` is ``mobile`` or anything else, ``region`` ISO 3166-2 or None; ``log`` may stand in
    any order and may hold signs from after the moment that is asked about; ``called`` is the
    probability that an earlier call was already given to this exposure.
    """

    number: str
    visitor: str
    session: str
    shown_at: datetime
    touch: Touch
    device: str = "desktop"
    region: str | None = None
    pool: str = ""
    called: float = 0.0
    log: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """
    Where a session stands at one moment: its level, the clock that counts there, the clock's bin.
    """

    level: int
    clock: timedelta
    bin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """
    What a session did up to one moment.

    ``engaged`` is the time in which its tab was visible and in use; ``silence`` the time since the
    last sign of life, none while it still is; ``came_back`` says that the tab of its newest page
    came to life again after two minutes of silence.
    """

    pages: int
    contact_seen: bool
    number_touched: bool
    since_press: timedelta | None
    came_back: bool
    has_helper: bool
    engaged: timedelta
    silence: timedelta


def state_of(exposure: Exposure, at: datetime) -> State:
    """Return the state of the exposure's session as of ``at``; what came later does not count."""
    conduct = conduct_of(exposure, at)
    level = _level(conduct)
    clock = conduct.silence
    if level == 5 and conduct.since_press is not None:
        clock = conduct.since_press
    return State(level=level, clock=clock, bin=bisect_right(EDGES, clock))


def conduct_of(exposure: Exposure, at: datetime) -> Conduct:
    """Read the exposure's log up to and including ``at``."""
    signs = [sign for sign in exposure.log if sign.at <= at]
    pages = [sign for sign in signs if sign.kind is SignKind.PAGE]
    kinds = {sign.kind for sign in signs}
    press = max((sign.at for sign in signs if sign.kind is SignKind.TEL_PRESSED), default=None)
    life = _life(exposure, signs, at)
    return Conduct(
        # The number stood on a page, even where the log of that page was lost.
        pages=max(len(pages), 1),
        contact_seen=any(page.is_contact for page in pages),
        number_touched=SignKind.NUMBER_TOUCHED in kinds,
        since_press=None if press is None else at - press,
        came_back=_came_back(life),
        has_helper=bool(kinds - {SignKind.PAGE}),
        engaged=_engaged(life, at),
        silence=_silence(life, at),
    )


_NO_LIFE = (SignKind.HELPER, SignKind.NUMBER_TOUCHED)
_RANK = {kind: rank for rank, kind in enumerate(SignKind)}


def _life(exposure: Exposure, signs: Iterable[Sign], at: datetime) -> list[Sign]:
    """The signs of life in their order; showing the number was a page load, logged or not."""
    life = [sign for sign in signs if sign.kind not in _NO_LIFE]
    if exposure.shown_at <= at:
        life.append(Sign(at=exposure.shown_at))
    return sorted(life, key=lambda sign: (sign.at, _RANK[sign.kind]))


def _level(conduct: Conduct) -> int:
    """The first condition of the table that holds."""
    if not conduct.has_helper:
        return _blind_level(conduct)
    if conduct.since_press is not None:
        return 5
    if conduct.came_back:
        return 6
    if conduct.number_touched:
        return 4
    if conduct.contact_seen:
        return 3
    return 2 if conduct.engaged >= VERY_ENGAGED else 1 if conduct.engaged >= ENGAGED else 0


def _blind_level(conduct: Conduct) -> int:
    """The level of a session that only loads pages."""
    if conduct.contact_seen:
        return 10
    return 9 if conduct.pages >= 4 else 8 if conduct.pages >= 2 else 7


def _silence(life: Sequence[Sign], at: datetime) -> timedelta:
    """Time since the last sign of life; none while the tab is visible and was just used."""
    if not life:
        return timedelta(0)
    # Whatever a tab does, it is visible while it does it; only ``hidden`` hides it.
    if life[-1].kind is not SignKind.HIDDEN and any(
        sign.kind is SignKind.ACTIVE and at - sign.at <= ACTIVE_FOR for sign in life
    ):
        return timedelta(0)
    return at - life[-1].at


def _came_back(life: Sequence[Sign]) -> bool:
    """Whether input or a look at the newest page's tab ended two minutes of silence."""
    back = False
    for before, sign in pairwise(life):
        if sign.kind is SignKind.PAGE:
            back = False
        elif sign.kind in (SignKind.VISIBLE, SignKind.ACTIVE):
            back = back or sign.at - before.at >= BACK_AFTER
    return back


def _engaged(life: Sequence[Sign], at: datetime) -> timedelta:
    """The time in which the tab was visible and in use, no second counted twice."""
    use = [sign for sign in life if sign.kind in (SignKind.ACTIVE, SignKind.HIDDEN)]
    ends = [sign.at for sign in use[1:]] + [at]
    stretches = (
        min(end - sign.at, ACTIVE_FOR)
        for sign, end in zip(use, ends, strict=False)
        if sign.kind is SignKind.ACTIVE
    )
    return sum(stretches, timedelta(0))
