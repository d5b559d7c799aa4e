"""How late a provider tells of rings, measured by people who pressed the number just before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.states import Sign, SignKind
from callgraft.tracking.values import Call

DIALLING = 7.0
"""Seconds from a press on the number to the ring."""

EARLIEST, LATEST = -5.0, 120.0
"""Seconds; what a provider is off by beyond them is no delay, but a clock to be set right."""

ENOUGH = 20
"""Below so many sure calls with a press nothing is known of a provider."""

SURE = 0.95
"""How likely a call must be its session's to count."""

_BATCH = 200
_SOONEST, _LONGEST = timedelta(seconds=-10), timedelta(seconds=LATEST + DIALLING + 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How many seconds late a provider's rings are, by so many calls; None: too few to tell."""

    provider: str
    calls: int
    seconds: float | None


def offset_of(provider: str, gaps: Sequence[float]) -> Offset:
    """
    What the seconds between press and ring come to.

    The median: now and then somebody presses, looks at something else, and dials by hand.
    """
    seconds = None
    if len(gaps) >= ENOUGH:
        seconds = round(min(max(median(gaps) - DIALLING, EARLIEST), LATEST), 1)
    return Offset(provider=provider, calls=len(gaps), seconds=seconds)


def read_offsets(store: Store, site: str, *, since: datetime, until: datetime) -> list[Offset]:
    """The offset of each provider that told of sure calls between the two moments."""
    gaps: defaultdict[str, list[float]] = defaultdict(list)
    after = ""
    while page := store.read(partial(_page, site=site, after=after)):
        for call, log in page:
            gap = _gap(call, log)
            if since <= call.rang_at < until and gap is not None:
                gaps[call.provider].append(gap)
        after = page[-1][0].id
        if page[-1][0].rang_at < since:
            break
    return [offset_of(provider, found) for provider, found in sorted(gaps.items())]


def learned(offsets: Iterable[Offset], before: Mapping[str, float]) -> dict[str, float]:
    """By provider, in seconds: what is known now, and else what was known before."""
    told = {each.provider: each.seconds for each in offsets if each.seconds is not None}
    return {**before, **told}


def _page(
    transaction: Transaction, *, site: str, after: str
) -> list[tuple[Call, tuple[Sign, ...]]]:
    calls = transaction.calls(site, limit=_BATCH, after=after)
    sure = {each.attribution.session for each in calls if each.attribution.probability >= SURE}
    stays = transaction.stays(site, sorted(sure - {""}))
    logs = {session: tuple(stay.log) for session, stay in stays.items()}
    return [(call, logs.get(call.attribution.session, ())) for call in calls]


def _gap(call: Call, log: Iterable[Sign]) -> float | None:
    """Seconds from the session's press to the ring; None where it pressed at another time."""
    presses = (call.rang_at - sign.at for sign in log if sign.kind is SignKind.TEL_PRESSED)
    near = [gap for gap in presses if _SOONEST <= gap <= _LONGEST]
    return min(near, key=abs).total_seconds() if near else None
