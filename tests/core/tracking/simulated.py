"""A small world in which it is known who rang: sessions change their state, and ring by a truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from callgraft.source import Touch
from callgraft.tracking.learning_log import Heard, History
from callgraft.tracking.states import Exposure, Sign, SignKind
from callgraft.tracking.tables import DEFAULT, Tables
from callgraft.tracking.trajectory import pieces

START = datetime(2026, 3, 2, tzinfo=UTC)
NUMBERS = tuple(f"+7499000{index:04}" for index in range(1, 37))
SECOND = timedelta(seconds=1)

# Other than the defaults in what a site may well be other in: contact pages tell less, a long look
# tells more, whoever has no script rings more, and strangers ring more often.
_OTHERWISE = {0: 3, 1: 2, 2: 2, 3: 0.5, 4: 1.5, 5: 0.7, 6: 1, 7: 2.5, 8: 1.5, 9: 1, 10: 0.5}
TRUTH = replace(
    DEFAULT,
    version="truth",
    lam={
        device: tuple(
            tuple(1.2 * _OTHERWISE[level] * rate for rate in row) for level, row in enumerate(grid)
        )
        for device, grid in DEFAULT.lam.items()
    },
    stray_elsewhere=3e-6,
    src={"ads": 1.6, "organic": 0.6},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happened, and whose each call was: a session, or "" for a stranger's."""

    history: History
    callers: dict[Heard, str]


def world(seed: int, *, days: float, sessions: int, truth: Tables = TRUTH) -> World:
    """Live ``days`` with so many sessions, which get the numbers in turn."""
    chance = random.Random(seed)
    until = START + timedelta(days=days)
    moments = sorted(START + chance.random() * (until - START) for _ in range(sessions))
    exposures = [
        _exposure(chance, place, at, NUMBERS[place % len(NUMBERS)])
        for place, at in enumerate(moments)
    ]
    callers: dict[Heard, str] = {}
    for exposure in exposures:
        rang_at = _ring(chance, exposure, truth, until)
        if rang_at is not None:
            callers[Heard(number=exposure.number, rang_at=rang_at)] = exposure.session
    for number in NUMBERS:
        for rang_at in _strays(chance, truth.stray_elsewhere, until):
            callers[Heard(number=number, rang_at=rang_at)] = ""
    history = History(
        since=START, until=until, numbers=NUMBERS, exposures=exposures, calls=list(callers)
    )
    return World(history=history, callers=callers)


def _exposure(chance: random.Random, place: int, at: datetime, number: str) -> Exposure:
    touch = Touch(source=chance.choice(["ads", "organic"]), medium="m", channel="other")
    return Exposure(
        number=number,
        visitor=f"v{place}",
        session=f"s{place}",
        shown_at=at,
        touch=touch,
        device=chance.choice(["mobile", "desktop"]),
        log=tuple(_log(chance, at)),
    )


def _log(chance: random.Random, at: datetime) -> Iterator[Sign]:
    has_helper = chance.random() < 0.7
    if has_helper:
        yield Sign(at=at, kind=SignKind.HELPER)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 5])):
        yield Sign(at=at, is_contact=chance.random() < 0.15)
        for _ in range(chance.choice([0, 1, 2, 4]) if has_helper else 0):
            at += chance.uniform(8, 25) * SECOND
            yield Sign(at=at, kind=SignKind.ACTIVE)
        at += chance.uniform(5, 60) * SECOND
    if has_helper and chance.random() < 0.06:
        yield Sign(at=at, kind=SignKind.TEL_PRESSED)
    if has_helper:
        yield Sign(at=at + SECOND, kind=SignKind.HIDDEN)


def _ring(
    chance: random.Random, exposure: Exposure, truth: Tables, until: datetime
) -> datetime | None:
    """The first moment at which the session's patience is used up by its rate of calling."""
    patience = chance.expovariate(1)
    device = "mobile" if exposure.device == "mobile" else "other"
    for piece in pieces(exposure, since=exposure.shown_at, until=until):
        level, bin_ = piece.cell
        rate = truth.lam[device][level][bin_] * truth.src[exposure.touch.source]
        needed = patience / rate * SECOND
        if needed < piece.end - piece.begin:
            return piece.begin + needed
        patience -= rate * (piece.end - piece.begin).total_seconds()
    return None


def _strays(chance: random.Random, rate: float, until: datetime) -> Iterator[datetime]:
    at = START + chance.expovariate(rate) * SECOND
    while at < until:
        yield at
        at += chance.expovariate(rate) * SECOND
