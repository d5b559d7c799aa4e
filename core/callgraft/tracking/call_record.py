"""One call out of all that was told of it, in whatever order that came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from callgraft.tracking.values import Call, CallEvent, CallState

Known = TypeVar("Known")

_ORDER = {state: rank for rank, state in enumerate(CallState)}


def call_of(events: Iterable[CallEvent]) -> Call:
    """
    Put a call together, without its attribution.

    The same events give the same call in any order, because they are put into one order first;
    its id too, so that two processes never make two calls of one.
    """
    told = sorted(events, key=lambda event: (_ORDER[event.state], event.at, event.event_id))
    first = told[0]
    talk = _last(event.talk for event in told)
    answered_at = _earliest(told, CallState.ANSWERED)
    return Call(
        id=_id(first),
        site=first.site,
        provider=first.provider,
        account=first.account,
        call=first.call,
        number=first.number,
        caller=next((event.caller for event in told if event.caller), ""),
        state=told[-1].state,
        # Until somebody tells when it rang, it rang when the first thing is known of it.
        rang_at=_earliest(told, CallState.RINGING) or min(event.at for event in told),
        answered_at=answered_at,
        ended_at=_earliest(told, CallState.ENDED),
        talk=talk,
        missed=_missed(told, is_answered=answered_at is not None or bool(talk)),
    )


def is_repetition(known: CallEvent, event: CallEvent) -> bool:
    """Whether two events of one id are the same event, sent twice."""
    # What was sent counts, not what is read in it: that can change from version to version.
    return known.raw == event.raw if event.raw or known.raw else known == event


def _id(event: CallEvent) -> str:
    parts = (event.site, event.provider, event.account, event.call)
    return uuid5(NAMESPACE_URL, "callgraft:" + "\0".join(parts)).hex


def _earliest(told: Sequence[CallEvent], state: CallState) -> datetime | None:
    return min((event.at for event in told if event.state is state), default=None)


def _missed(told: Sequence[CallEvent], *, is_answered: bool) -> bool | None:
    last = _last(event.missed for event in told)
    return False if last is None and is_answered else last


def _last(values: Iterable[Known | None]) -> Known | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None
