"""Who could have seen a number when it rang, gathered from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from callgraft.stores.protocol import Stay, Transaction
from callgraft.tracking.attribution import Exposure
from callgraft.tracking.posterior import newest_by_visitor
from callgraft.tracking.values import Call, Lease

NEWEST = 48
"""How many visitors' exposures a number's calls are shared out among."""

_LEASES = (NEWEST + NEWEST // 3, 10 * NEWEST)
"""How many leases are read to find them: more only where visitors who came back have several."""

CALLS = 200
"""How many earlier calls of the number are looked at for whom they were given to."""


def exposures_of(
    transaction: Transaction, call: Call, *, rang_at: datetime | None = None
) -> tuple[Exposure, ...]:
    """
    Each visitor's newest exposure to the call's number, as of the ring, the newest 48.

    :param rang_at: when it rang in truth, where the provider told it late.
    """
    shown = _shown(transaction, call if rang_at is None else replace(call, rang_at=rang_at))
    stays = transaction.stays(call.site, [lease.session for lease in shown])
    called = _called(transaction, call, since=_first(shown, stays))
    return tuple(
        exposure_of(lease, stay, called=called.get(lease.session, 0.0))
        for lease in shown
        if (stay := stays.get(lease.session)) is not None
    )


def exposure_of(lease: Lease, stay: Stay, *, called: float = 0.0) -> Exposure:
    """One number shown to one session, with all that is kept of the session."""
    return Exposure(
        number=lease.number,
        visitor=lease.visitor,
        session=lease.session,
        shown_at=lease.shown_at,
        touch=stay.touch,
        device=stay.device,
        region=stay.region,
        pool=lease.pool,
        called=called,
        log=stay.log,
    )


def _shown(transaction: Transaction, call: Call) -> Sequence[Lease]:
    """The newest lease of each visitor."""
    for limit in _LEASES:
        leases = transaction.leases_on(call.site, call.number, until=call.rang_at, limit=limit)
        shown = newest_by_visitor(leases)[:NEWEST]
        if len(shown) == NEWEST or len(leases) < limit:
            break
    return shown


def _first(shown: Sequence[Lease], stays: Mapping[str, Stay]) -> datetime | None:
    """When the first of the sessions began: no earlier call can have been given to one of them."""
    return min(
        (
            min(lease.shown_at, stays[lease.session].log[0].at)
            if lease.session in stays and stays[lease.session].log
            else lease.shown_at
            for lease in shown
        ),
        default=None,
    )


def _called(transaction: Transaction, call: Call, *, since: datetime | None) -> dict[str, float]:
    """
    By session, the probability that an earlier call of the number was its.

    Read from the calls themselves, so it is the same whenever a call is attributed again.
    """
    called: dict[str, float] = {}
    if since is None:
        return called
    calls = transaction.calls_on(
        call.site, call.number, since=since, before=call.rang_at, limit=CALLS
    )
    # The call itself may stand there with an earlier ring, which was corrected since.
    for earlier in (each for each in calls if each.id != call.id):
        for candidate in earlier.attribution.candidates:
            before = called.get(candidate.session, 0.0)
            called[candidate.session] = max(before, candidate.probability)
    return called
