"""Missed calls that nobody returned yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.reports.reading import calls_read
from callgraft.tracking.shown import shown_as
from callgraft.tracking.values import Call, CallMark

_LATER = 50
"""How many calls of a phone are looked at for one that was answered."""
_MOST = 1000
_NOBODY = {CallMark.SERVICE, CallMark.SPAM}
"""Whom nobody calls back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCaller:
    """
    A phone that rang, was not answered, and was not spoken with since.

    ``times`` is how often it was missed, ``last`` the id of the last call; ``source`` and
    ``shown_as`` are that call's. The number does not stand in its ``repr``.
    """

    caller: str = field(repr=False)
    times: int
    first_at: datetime
    last_at: datetime
    last: str
    number: str
    source: str
    shown_as: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCalls:
    """
    Whom to call back, whoever waits longest last.

    ``returned`` is how many phones were missed and spoken with later; ``hidden`` how many missed
    calls came without a number.
    """

    site: str
    since: datetime
    until: datetime
    callers: tuple[MissedCaller, ...]
    returned: int
    hidden: int


def missed_calls(store: Store, site: str, *, since: datetime, until: datetime) -> MissedCalls:
    """
    Find missed calls of a period whose phone was not spoken with since, to this day.

    Spoken with means that a later call of the phone to the site was answered; calls that the firm
    makes itself are not seen here. Service phones and robots are left out.
    """
    missed: dict[str, list[Call]] = {}
    hidden = 0
    for page in calls_read(store, site, since=since, until=until):
        for call in page.calls:
            if not call.missed or not _NOBODY.isdisjoint(call.marks):
                continue
            if call.caller:
                missed.setdefault(call.caller, []).append(call)
            else:
                hidden += 1
    waiting = [
        calls
        for caller, calls in missed.items()
        if not store.read(lambda here, of=calls: _is_answered(here, of))  # type: ignore[misc]
    ]
    callers = sorted((_caller(calls) for calls in waiting), key=lambda one: one.last_at)
    return MissedCalls(
        site=site,
        since=since,
        until=until,
        callers=tuple(reversed(callers[-_MOST:])),
        returned=len(missed) - len(waiting),
        hidden=hidden,
    )


def _is_answered(transaction: Transaction, missed: Sequence[Call]) -> bool:
    last = missed[-1]
    later = transaction.calls_by(last.site, last.caller, limit=_LATER)
    return any(
        call.rang_at > last.rang_at and call.missed is not True and _is_spoken(call)
        for call in later
    )


def _is_spoken(call: Call) -> bool:
    return call.answered_at is not None or bool(call.talk)


def _caller(missed: Sequence[Call]) -> MissedCaller:
    last = missed[-1]
    shown = shown_as(last)
    return MissedCaller(
        caller=last.caller,
        times=len(missed),
        first_at=missed[0].rang_at,
        last_at=last.rang_at,
        last=last.id,
        number=last.number,
        source=shown.source,
        shown_as=shown.words,
    )
