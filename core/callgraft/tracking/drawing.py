"""What a store knows of a pool, drawn as the picture that numbers are chosen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from callgraft.stores.protocol import Transaction
from callgraft.tracking.choice import NEWEST, Picture
from callgraft.tracking.exposures import exposure_of
from callgraft.tracking.learned import tables_in_force
from callgraft.tracking.numbers import NumberState
from callgraft.tracking.posterior import newest_by_visitor
from callgraft.tracking.states import Exposure
from callgraft.tracking.values import Call, Lease

Result = TypeVar("Result")

LARGEST = 5000
"""In a pool of more numbers there is always one that hardly anybody saw: the idle longest."""

_AT_A_TIME = 25
"""How many numbers' exposures are read in one transaction."""
_LEASES = 2 * NEWEST
_CALLS = 300
_SEEN = 500
"""How many of a pool's leases, last seen first, are looked at for changes."""


class Read(Protocol):
    """Runs what only reads, in one transaction."""

    def __call__(self, work: Callable[[Transaction], Result]) -> Result: ...


class Within:
    """Reads in a transaction that has begun."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def __call__(self, work: Callable[[Transaction], Result]) -> Result:
        return work(self._transaction)


def draw(read: Read, site: str, pool: str) -> Picture | None:
    """Return a picture of the pool; None, where it is too large to need one."""
    places = read(lambda here: here.numbers(site))
    numbers = [
        each.number for each in places if each.pool == pool and each.state is NumberState.ACTIVE
    ]
    if len(numbers) > LARGEST:
        return None
    picture = Picture(read(lambda here: tables_in_force(here, site)))
    for first in range(0, len(numbers), _AT_A_TIME):
        part = numbers[first : first + _AT_A_TIME]
        for exposure in read(partial(_shown, site=site, numbers=part)):
            picture.show(exposure)
    for call in read(lambda here: here.calls(site, limit=_CALLS)):
        tell(picture, call)
    return picture


def news(
    transaction: Transaction, site: str, pool: str, *, since: datetime, at: datetime
) -> tuple[Sequence[Exposure], Sequence[Call]]:
    """Who has a number of the pool and was seen since then, and the calls that rang."""
    state = transaction.pool_state(site, pool, at=at, cool_off=timedelta(0), listed=_SEEN)
    seen = [lease for lease in state.leases if lease.seen_at >= since]
    calls = transaction.calls(site, limit=_AT_A_TIME)
    return _exposures(transaction, site, seen), [call for call in calls if call.rang_at >= since]


def tell(picture: Picture, call: Call) -> None:
    """Tell the picture to whom a call was given."""
    for candidate in call.attribution.candidates:
        picture.call(call.number, candidate.session, candidate.probability)


def _shown(transaction: Transaction, *, site: str, numbers: Sequence[str]) -> list[Exposure]:
    """The newest exposures of each number."""
    leases = [
        lease
        for number in numbers
        for lease in newest_by_visitor(transaction.leases_on(site, number, limit=_LEASES))[:NEWEST]
    ]
    return _exposures(transaction, site, leases)


def _exposures(transaction: Transaction, site: str, leases: Sequence[Lease]) -> list[Exposure]:
    stays = transaction.stays(site, list({lease.session for lease in leases}))
    return [
        exposure_of(lease, stay)
        for lease in leases
        if (stay := stays.get(lease.session)) is not None
    ]
