"""What sessions tell of themselves between page loads: it is logged, and keeps their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.states import Sign, SignKind
from callgraft.tracking.values import Lease, LeaseState, SessionSign
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)

ONE = pool(numbers=(FIRST,))
SECONDS = timedelta(seconds=1)


def sign(session: str = "a", at: datetime = NOON, kind: SignKind = SignKind.VISIBLE) -> SessionSign:
    return SessionSign(site="okna", session=session, at=at, kind=kind)


def lease_of(client: EmbeddedClient, number: str = FIRST) -> Lease:
    return client.number_history("okna", number)[0]


def log_of(store: Store, session: str = "a") -> tuple[Sign, ...]:
    return store.read(lambda transaction: transaction.stays("okna", [session])[session].log)


@pytest.fixture
def tight(client: EmbeddedClient) -> EmbeddedClient:
    """A client of a site whose pool has one number."""
    client.publish(site(ONE, version="tight"), at=NOON)
    return client


@pytest.mark.parametrize("kind", [kind for kind in SignKind if kind is not SignKind.PAGE])
def test_any_sign_holds_a_provisional_lease_for_the_pools_hold(
    client: EmbeddedClient, kind: SignKind
) -> None:
    client.page_view(view("a", pages=1))
    assert lease_of(client).held_until == NOON + 5 * MINUTE
    client.take_signs([sign(at=NOON + MINUTE, kind=kind)])
    after = lease_of(client)
    assert (after.state, after.seen_at) == (LeaseState.HELD, NOON + MINUTE)
    assert after.held_until == NOON + MINUTE + HOLD


def test_a_tab_that_stays_open_keeps_its_number_from_everybody(tight: EmbeddedClient) -> None:
    tight.page_view(view("a"))
    for minutes in range(0, 120, 20):
        tight.take_signs([sign(at=NOON + minutes * MINUTE)])
    assert numbers_shown(tight, view("b", NOON + 125 * MINUTE, wanted(ONE))) == [OVERFLOW]
    assert numbers_shown(tight, view("b", NOON + 131 * MINUTE, wanted(ONE))) == [FIRST]


def test_a_sign_does_not_bring_back_a_number_that_somebody_else_got(
    tight: EmbeddedClient,
) -> None:
    tight.page_view(view("a"))
    tight.page_view(view("b", NOON + 2 * HOLD, wanted(ONE)))
    tight.take_signs([sign("a", NOON + 2 * HOLD + MINUTE)])
    newest, before = tight.number_history("okna", FIRST)
    assert (newest.session, newest.released_at) == ("b", None)
    assert (before.session, before.held_until) == ("a", NOON + HOLD)


def test_a_late_sign_takes_nothing_back(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a"))
    client.page_view(view("a", NOON + 10 * MINUTE))
    before = lease_of(client)
    client.take_signs([sign(at=NOON + 5 * MINUTE)])
    assert lease_of(client) == before
    assert [each.at - NOON for each in log_of(store)] == [0 * MINUTE, 5 * MINUTE, 10 * MINUTE]


def test_a_sign_that_comes_days_late_does_not_shorten_a_lease(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    client.page_view(view("a", NOON + timedelta(days=2)))
    before = lease_of(client)
    client.take_signs([sign(at=NOON + MINUTE)])
    assert lease_of(client) == before


def test_the_same_signs_again_change_nothing(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a"))
    signs = [sign(at=NOON + MINUTE), sign(at=NOON + MINUTE, kind=SignKind.ACTIVE)]
    client.take_signs(signs)
    before = log_of(store), lease_of(client)
    client.take_signs([*reversed(signs), *signs])
    assert (log_of(store), lease_of(client)) == before
    assert len(before[0]) == 3


def test_the_log_tells_pages_and_signs_in_order_of_time(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a", is_contact=True))
    client.page_view(view("a", NOON + MINUTE))
    client.take_signs(
        [
            sign(at=NOON + 70 * SECONDS, kind=SignKind.TEL_PRESSED),
            sign(at=NOON + 30 * SECONDS, kind=SignKind.ACTIVE),
            sign(at=NOON + MINUTE, kind=SignKind.HIDDEN),
        ]
    )
    assert log_of(store) == (
        Sign(at=NOON, is_contact=True),
        Sign(at=NOON + 30 * SECONDS, kind=SignKind.ACTIVE),
        Sign(at=NOON + MINUTE),
        Sign(at=NOON + MINUTE, kind=SignKind.HIDDEN),
        Sign(at=NOON + 70 * SECONDS, kind=SignKind.TEL_PRESSED),
    )


def test_signs_of_sessions_that_nobody_knows_are_left_out(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a"))
    elsewhere = replace(sign("a", NOON + MINUTE), site="dveri")
    client.take_signs([sign("made up"), elsewhere, sign("a", NOON + MINUTE)])
    assert [each.at for each in log_of(store)] == [NOON, NOON + MINUTE]
    assert store.read(lambda here: here.stays("okna", ["made up"])) == {}
    assert store.read(lambda here: here.stays("dveri", ["a", "made up"])) == {}


def test_whoever_pressed_the_number_is_the_one_who_rang(client: EmbeddedClient) -> None:
    client.publish(site(ONE, version="tight"), at=NOON)
    client.page_view(view("a", NOON, wanted(ONE), is_contact=True))
    client.page_view(view("b", NOON + HOLD, wanted(ONE), is_contact=True))
    rang_at = NOON + HOLD + 10 * SECONDS
    client.take_signs([sign("a", rang_at - 5 * SECONDS, SignKind.TEL_PRESSED)])
    assert client.take_call(rings(FIRST, rang_at)).attribution.session == "a"


def test_several_page_views_are_answered_in_their_order(client: EmbeddedClient) -> None:
    views = [view("a"), view("b", NOON + SECONDS), view("a", NOON + 2 * SECONDS), view("c")]
    shown = [[each.number for each in assigned] for assigned in client.page_views(views)]
    assert shown == [[FIRST], [SECOND], [FIRST], [OVERFLOW]]
    assert client.page_views([]) == []


def test_a_session_that_is_over_gives_its_numbers_back(tight: EmbeddedClient) -> None:
    tight.page_view(view("a"))
    assert tight.release("okna", "a", at=NOON + MINUTE) == 1
    ended = lease_of(tight)
    assert (ended.released_at, ended.released_why) == (NOON + MINUTE, "ended")
    assert tight.release("okna", "a", at=NOON + MINUTE) == 0
    assert tight.release("okna", "nobody", at=NOON + MINUTE) == 0


def test_a_number_that_was_given_back_rests_while_other_processes_may_remember_it(
    tight: EmbeddedClient,
) -> None:
    tight.page_view(view("a"))
    tight.release("okna", "a", at=NOON + MINUTE)
    soon, later = NOON + 2 * MINUTE - SECONDS, NOON + 2 * MINUTE
    assert numbers_shown(tight, view("b", soon, wanted(ONE))) == [OVERFLOW]
    assert numbers_shown(tight, view("b", later, wanted(ONE))) == [FIRST]
