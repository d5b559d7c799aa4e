"""How a call is shared out between the sessions that saw its number, and a stranger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from callgraft.tracking.states import Exposure, state_of
from callgraft.tracking.tables import DEFAULT, Tables

GIVEN_AWAY = 0.92
"""How far a call that was surely this session's lowers its weight for the next one."""


class _HasVisitor(Protocol):
    @property
    def visitor(self) -> str: ...


OfVisitor = TypeVar("OfVisitor", bound=_HasVisitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One exposure's share of a call."""

    exposure: Exposure
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """
    How a call is shared out; all shares and ``stray``, the stranger's, add up to 1.

    ``shares`` stand likeliest first, one per visitor; ``version`` is that of the tables.
    """

    shares: tuple[Share, ...]
    stray: float
    version: str


def posterior(
    exposures: Sequence[Exposure],
    *,
    rang_at: datetime,
    caller_region: str | None = None,
    tables: Tables = DEFAULT,
) -> Posterior:
    """
    Share out a call between the newest exposure of each visitor and a stranger.

    Exposures from after the ring do not count, and their order makes no difference.

    :param exposures: those of the number that rang, with ``called`` as it was before this call.
    :param caller_region: ISO 3166-2; None where the caller hides the number or nobody knows.
    """
    seen = newest_by_visitor(_newest_first(exposures, rang_at))
    if not seen:
        return Posterior(shares=(), stray=1.0, version=tables.version)
    weights = [_weight(exposure, rang_at, caller_region, tables) for exposure in seen]
    stray = _stray_weight(seen[0].number, rang_at, caller_region, tables)
    # Tables that rule everybody out leave only the stranger.
    total = sum(weights) + stray or 1.0
    shares = [
        Share(exposure=exposure, probability=weight / total)
        for exposure, weight in zip(seen, weights, strict=True)
    ]
    shares.sort(key=lambda share: -share.probability)
    return Posterior(
        shares=tuple(shares),
        stray=stray / total if any((*weights, stray)) else 1.0,
        version=tables.version,
    )


def newest_by_visitor(shown: Iterable[OfVisitor]) -> list[OfVisitor]:
    """The first of each visitor, in their order: the newest where they stand newest first."""
    newest: dict[str, OfVisitor] = {}
    for each in shown:
        newest.setdefault(each.visitor, each)
    return list(newest.values())


def _newest_first(exposures: Iterable[Exposure], rang_at: datetime) -> list[Exposure]:
    """The exposures as of the ring."""
    shown = [exposure for exposure in exposures if exposure.shown_at <= rang_at]
    return sorted(shown, key=lambda shown: (shown.shown_at, shown.session), reverse=True)


def _weight(
    exposure: Exposure, rang_at: datetime, caller_region: str | None, tables: Tables
) -> float:
    """How fast this session's visitor rings now, in calls per second."""
    return (
        tables.rate(exposure.device, state_of(exposure, rang_at))
        * tables.src.get(exposure.touch.source, 1.0)
        * _region_factor(exposure, caller_region, tables)
        * (1 - GIVEN_AWAY * exposure.called)
    )


def _region_factor(exposure: Exposure, caller_region: str | None, tables: Tables) -> float:
    """
    How likely this visitor calls from that region: it is the session's own, or luck.

    A session of which nobody knows the region is as likely there as anybody else, a stranger too.
    """
    if caller_region is None:
        return 1.0
    if exposure.region is None:
        return tables.share_of(caller_region)
    rho = tables.trust(exposure.device)
    same = rho if exposure.region == caller_region else 0.0
    return (1 - rho) * tables.share_of(caller_region) + same


def _stray_weight(
    number: str, rang_at: datetime, caller_region: str | None, tables: Tables
) -> float:
    """How fast strangers from that region ring the number at this hour, in calls per second."""
    share = 1.0 if caller_region is None else tables.share_of(caller_region)
    return tables.strays(number) * tables.hour[rang_at.astimezone(UTC).hour] * share
