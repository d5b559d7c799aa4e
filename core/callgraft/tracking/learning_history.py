"""What a store knows that a site can learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.exposures import exposure_of
from callgraft.tracking.learned import tables_in_force, text_of
from callgraft.tracking.learning import Lesson, learn
from callgraft.tracking.learning_log import LONGEST, Heard, History
from callgraft.tracking.offsets import learned, read_offsets
from callgraft.tracking.states import Exposure
from callgraft.tracking.values import Call, CallMark, Lease

WINDOW = timedelta(days=60)
"""How long calls are learned from."""

NO_OFFSETS: Mapping[str, float] = MappingProxyType({})

_BATCH = 200
_EVERY_LEASE = 1_000_000


def learn_site(store: Store, site: str, *, at: datetime) -> Lesson:
    """Learn from the site's last 60 days, and put in force what serves no worse."""
    in_force = store.read(lambda transaction: tables_in_force(transaction, site))
    offsets = read_offsets(store, site, since=at - WINDOW, until=at)
    late = learned(offsets, in_force.offset)
    history = read_history(store, site, at=at, late=late)
    version = f"learned-{at:%Y%m%dT%H%M%S}"
    lesson = learn(history, in_force=in_force, version=version)
    tables = replace(lesson.tables or in_force, version=version, offset=late)
    if lesson.tables or late != in_force.offset:
        text = text_of(tables)
        store.write(lambda transaction: transaction.put_tables(site, version, text))
    return replace(lesson, tables=lesson.tables and tables, offsets=tuple(offsets))


def read_history(
    store: Store, site: str, *, at: datetime, late: Mapping[str, float] = NO_OFFSETS
) -> History:
    """
    Gather first calls, and everybody who was shown a number, in small transactions.

    Calls of hidden phones, of the firm's own, of clients and of phones that rang before are left
    out, and so are those of numbers that name no visitor.

    :param late: how many seconds late each provider's rings are.
    """
    numbers = store.read(lambda transaction: [each.number for each in transaction.numbers(site)])
    calls = [call for call in _calls(store, site, at - WINDOW, late) if call.rang_at < at]
    since = min((call.rang_at for call in calls), default=at)
    exposures = [
        exposure
        for number in numbers
        for exposure in _exposures(store, site, number, since=since, at=at)
    ]
    # Not from before anybody was shown a number: nothing was awaited then.
    since = max(since, min((each.shown_at for each in exposures), default=since))
    known = set(numbers)
    return History(
        since=since,
        until=at,
        numbers=tuple(numbers),
        exposures=exposures,
        calls=[call for call in calls if call.number in known and call.rang_at >= since],
    )


def _calls(store: Store, site: str, since: datetime, late: Mapping[str, float]) -> Iterator[Heard]:
    after = ""
    while found := store.read(partial(_page_of_calls, site=site, after=after)):
        for call in found:
            if call.rang_at < since:
                return
            if CallMark.FIRST in call.marks and call.attribution.method in ("posterior", "proof"):
                rang_at = call.rang_at - timedelta(seconds=late.get(call.provider, 0.0))
                yield Heard(number=call.number, rang_at=rang_at, region=call.region or None)
        after = found[-1].id


def _page_of_calls(transaction: Transaction, *, site: str, after: str) -> Sequence[Call]:
    return transaction.calls(site, limit=_BATCH, after=after)


def _exposures(
    store: Store, site: str, number: str, *, since: datetime, at: datetime
) -> Iterator[Exposure]:
    leases = store.read(lambda here: here.leases_on(site, number, until=at, limit=_EVERY_LEASE))
    shown = [lease for lease in leases if lease.shown_at >= since - LONGEST]
    for first in range(0, len(shown), _BATCH):
        batch = shown[first : first + _BATCH]
        yield from store.read(partial(_of_batch, site=site, leases=batch))


def _of_batch(transaction: Transaction, *, site: str, leases: Sequence[Lease]) -> list[Exposure]:
    stays = transaction.stays(site, [lease.session for lease in leases])
    return [
        exposure_of(lease, stay)
        for lease in leases
        if (stay := stays.get(lease.session)) is not None
    ]
