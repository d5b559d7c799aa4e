"""Threads that share numbers and let go of them at the same time leave no number in doubt."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.stores.lease_book import LeaseBook
from callgraft.tracking.renewal import PromptStore
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Lease, SessionSign, Shown
from tests.core.backends import Backend
from tests.core.stores.racing import in_threads
from tests.core.tracked import FIRST, HOLD, NOON, SECOND, pool, site, view, wanted

SHARING = replace(pool(), when_full="share")
THREADS, STEPS = 6, 40


def test_threads_that_share_and_let_go_leave_every_lease_with_its_word(backend: Backend) -> None:
    with closing(backend.open_store()) as store:
        _race(EmbeddedClient(store, clock=lambda: NOON), store)


def _race(client: EmbeddedClient, store: Store) -> None:
    client.publish(site(SHARING), at=NOON)
    moments = count()
    shown = in_threads(THREADS, lambda index: _stay_and_go(client, index, moments))
    # What everybody just let go rests for a moment; all else is shared.
    assert sum(sum(each) for each in shown) > THREADS * STEPS / 2
    for number in (FIRST, SECOND):
        _catch_up(store)
        leases = store.read(partial(_open_on, number))
        assert {lease.is_shared for lease in leases} <= {len(leases) > 1}
    end = NOON + next(moments) * timedelta(seconds=10)
    for session in range(THREADS * 2):
        client.release("okna", f"s{session}", at=end)
    [state] = client.pool_states(site(SHARING), at=end + HOLD)
    assert (state.free, state.shared, state.leases) == (2, 0, ())


def _catch_up(store: Store) -> None:
    if isinstance(store, PromptStore):
        store.catch_up("okna")


def _open_on(number: str, book: LeaseBook) -> Sequence[Lease]:
    return book.open_on("okna", number)


def _stay_and_go(client: EmbeddedClient, index: int, moments: Iterator[int]) -> list[bool]:
    """Browse, give signs of life and leave, as two sessions of one's own."""
    dice = random.Random(index)
    shown = []
    for _ in range(STEPS):
        at = NOON + next(moments) * timedelta(seconds=10)
        session = f"s{2 * index + dice.randrange(2)}"
        [assigned] = client.page_view(view(session, at, wanted(SHARING), pages=dice.choice([1, 2])))
        shown.append(assigned.shown is Shown.LEASE)
        if dice.random() < 0.3:
            kind = SignKind.ACTIVE
            client.take_signs([SessionSign(site="okna", session=session, at=at, kind=kind)])
        if dice.random() < 0.3:
            client.release("okna", session, at=at)
    return shown


def test_of_those_who_leave_a_number_at_once_the_last_one_has_it_alone(backend: Backend) -> None:
    with closing(backend.open_store()) as store:
        client = EmbeddedClient(store, clock=lambda: NOON)
        client.publish(site(replace(SHARING, numbers=SHARING.numbers[:1])), at=NOON)
        for turn in range(5):
            at = NOON + turn * HOLD
            sessions = [f"{turn} {index}" for index in range(5)]
            for session in sessions:
                client.page_view(view(session, at, wanted(SHARING)))
            in_threads(4, _leaver(client, sessions, at))
            _catch_up(store)
            [left] = store.read(partial(_open_on, FIRST))
            assert (left.session, left.is_shared) == (sessions[4], False)
            client.release("okna", sessions[4], at=at)
            [state] = client.pool_states(site(SHARING), at=at + HOLD)
            assert (state.free, state.leases) == (1, ())


def _leaver(client: EmbeddedClient, sessions: Sequence[str], at: datetime) -> Callable[[int], int]:
    return lambda index: client.release("okna", sessions[index], at=at)
