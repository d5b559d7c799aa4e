"""Who gets which number, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.values import LeaseState, Shown
from callgraft.tracking.visits import page_view
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    numbers_shown,
    pool,
    site,
    view,
    wanted,
)


def test_two_sessions_get_two_numbers_in_the_order_of_the_document(client: EmbeddedClient) -> None:
    assert numbers_shown(client, view("a")) == [FIRST]
    assert numbers_shown(client, view("b")) == [SECOND]


def test_a_session_keeps_its_number(client: EmbeddedClient) -> None:
    first = client.page_view(view("a"))[0].lease
    again = client.page_view(view("a", NOON + MINUTE))[0].lease
    assert first is not None
    assert again is not None
    assert (again.id, again.number) == (first.id, FIRST)
    assert again.shown_at == NOON
    assert again.seen_at == NOON + MINUTE
    assert again.held_until == NOON + MINUTE + HOLD


def test_the_second_page_is_evidence_of_a_person(client: EmbeddedClient) -> None:
    shown = client.page_view(view("a", pages=1))[0]
    assert shown.lease is not None
    assert shown.lease.state is LeaseState.PROVISIONAL
    shown = client.page_view(view("a", NOON + MINUTE, pages=2))[0]
    assert shown.lease is not None
    assert shown.lease.state is LeaseState.HELD


def test_a_lease_without_evidence_of_a_person_is_held_for_five_minutes(
    client: EmbeddedClient,
) -> None:
    for session in ("robot 1", "robot 2"):
        client.page_view(view(session, pages=1))
    soon = NOON + 5 * MINUTE
    assert numbers_shown(client, view("c", soon - timedelta(microseconds=1))) == [OVERFLOW]
    assert numbers_shown(client, view("c", soon)) == [FIRST]


def test_a_pools_hold_that_is_shorter_counts_for_provisional_leases_too(
    client: EmbeddedClient,
) -> None:
    terms = replace(wanted(), hold=2 * MINUTE)
    shown = client.page_view(view("a", NOON, terms, pages=1))[0]
    assert shown.lease is not None
    assert shown.lease.held_until == NOON + 2 * MINUTE


def test_the_second_page_brings_the_whole_hold(client: EmbeddedClient) -> None:
    client.page_view(view("a", pages=1))
    shown = client.page_view(view("a", NOON + MINUTE, pages=2))[0]
    assert shown.lease is not None
    assert shown.lease.held_until == NOON + MINUTE + HOLD


def test_a_lease_once_held_stays_held(client: EmbeddedClient) -> None:
    client.page_view(view("a", pages=2))
    shown = client.page_view(view("a", NOON + MINUTE, pages=1))[0]
    assert shown.lease is not None
    assert shown.lease.state is LeaseState.HELD


def test_a_dry_pool_shows_its_overflow_number(client: EmbeddedClient) -> None:
    for session in "ab":
        client.page_view(view(session))
    shown = client.page_view(view("c", NOON + HOLD - timedelta(microseconds=1)))[0]
    assert (shown.shown, shown.number, shown.pool) == (Shown.OVERFLOW, OVERFLOW, "direct")
    assert shown.lease is None


def test_a_dry_pool_that_shows_an_overflow_number_it_has_not_leaves_the_original(
    client: EmbeddedClient,
) -> None:
    bare = replace(pool(overflow=None), when_full="overflow")
    for session in "ab":
        client.page_view(view(session, NOON, wanted(bare)))
    shown = client.page_view(view("c", NOON, wanted(bare)))[0]
    assert (shown.shown, shown.number, shown.lease) == (Shown.ORIGINAL, None, None)


def test_a_pool_that_nobody_published_shows_its_overflow_number(client: EmbeddedClient) -> None:
    assert numbers_shown(client, view("a", NOON, wanted(pool("piter")))) == [OVERFLOW]


def test_an_expired_lease_is_taken_only_when_no_number_is_free(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    assert numbers_shown(client, view("b", NOON + HOLD)) == [SECOND]
    assert numbers_shown(client, view("c", NOON + HOLD)) == [FIRST]
    released = client.number_history("okna", FIRST)[1]
    assert released.session == "a"
    assert released.released_at == NOON + HOLD
    assert released.released_why == "reclaimed"


def test_the_lease_that_expired_first_is_taken_first(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    client.page_view(view("b", NOON + MINUTE))
    client.page_view(view("a", NOON + 2 * MINUTE))
    assert numbers_shown(client, view("c", NOON + 2 * HOLD)) == [SECOND]


def test_while_nobody_knows_costs_a_provisional_lease_is_taken_before_a_held_one(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a", pages=2))
    client.page_view(view("b", NOON + HOLD, pages=1))
    at = NOON + 2 * HOLD
    shown = [store.write(lambda here, s=s: page_view(here, view(s, at)))[0] for s in "cd"]
    assert [each.number for each in shown] == [SECOND, FIRST]
    assert [each.chosen for each in shown] == [None, None]


def test_a_lease_whose_hold_ran_out_is_renewed_when_nobody_took_it(client: EmbeddedClient) -> None:
    first = client.page_view(view("a"))[0].lease
    again = client.page_view(view("a", NOON + 3 * HOLD))[0].lease
    assert first is not None
    assert again is not None
    assert again.id == first.id


def test_a_session_whose_number_was_taken_gets_another(client: EmbeddedClient) -> None:
    one = site(pool(numbers=(FIRST,)), version="2")
    client.publish(one, at=NOON)
    client.page_view(view("a"))
    assert numbers_shown(client, view("b", NOON + HOLD)) == [FIRST]
    assert numbers_shown(client, view("a", NOON + HOLD)) == [OVERFLOW]


def test_a_returning_visitor_gets_the_old_number_when_its_lease_is_over(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("x"))
    client.page_view(view("a1", visitor="a"))
    assert numbers_shown(client, view("a2", NOON + HOLD, visitor="a")) == [SECOND]
    assert [lease.released_why for lease in client.number_history("okna", SECOND)] == [
        "",
        "returned",
    ]


def test_a_returning_visitor_gets_the_old_number_when_it_is_free(client: EmbeddedClient) -> None:
    three = site(pool(numbers=(FIRST, SECOND, THIRD)), version="2")
    client.publish(three, at=NOON)
    client.page_view(view("x"))
    client.page_view(view("a1", visitor="a"))
    client.publish(site(pool(numbers=(FIRST, THIRD)), version="3"), at=NOON + MINUTE)
    client.publish(three, at=NOON + 2 * MINUTE)
    # The hold of the visitor's first session goes on, so its number is nobody's until then.
    assert numbers_shown(client, view("b", NOON + 3 * MINUTE)) == [THIRD]
    assert numbers_shown(client, view("a2", NOON + HOLD, visitor="a")) == [SECOND]


def test_a_visitors_new_session_takes_over_what_an_earlier_one_holds(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("x"))
    client.page_view(view("a1", visitor="a"))
    assert numbers_shown(client, view("a2", NOON + MINUTE, visitor="a")) == [SECOND]
    newest, before = client.number_history("okna", SECOND)
    assert (newest.session, newest.released_at) == ("a2", None)
    assert (before.session, before.released_at) == ("a1", NOON + MINUTE)
    # Nobody else gets it for that.
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [OVERFLOW]


def test_two_targets_of_one_page_each_get_a_number_of_their_pool(client: EmbeddedClient) -> None:
    piter = pool("piter", ("+78120000001",), overflow="+78120000099")
    client.publish(site(pool(), piter, version="2"), at=NOON)
    both = (wanted(), wanted(piter, "branch"))
    assert numbers_shown(client, view("a", NOON, *both)) == [FIRST, "+78120000001"]
    assert numbers_shown(client, view("b", NOON, *both)) == [SECOND, "+78120000099"]


def test_two_targets_that_share_a_pool_get_two_numbers_and_keep_them(
    client: EmbeddedClient,
) -> None:
    both = (wanted(), wanted(target="branch"))
    assert numbers_shown(client, view("a", NOON, *both)) == [FIRST, SECOND]
    assert numbers_shown(client, view("a", NOON + 2 * HOLD, *reversed(both))) == [SECOND, FIRST]


def test_a_new_target_never_takes_the_number_of_another_one_of_its_session(
    client: EmbeddedClient,
) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    client.page_view(view("a"))
    both = (wanted(target="branch"), wanted())
    assert numbers_shown(client, view("a", NOON + 2 * HOLD, *both)) == [OVERFLOW, FIRST]


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=24)])
def test_a_clock_that_goes_back_frees_nothing_early(
    client: EmbeddedClient, step: timedelta
) -> None:
    client.page_view(view("a", NOON + step))
    client.page_view(view("b", NOON + step))
    client.page_view(view("a"))
    assert numbers_shown(client, view("c", NOON + HOLD)) == [OVERFLOW]
    assert numbers_shown(client, view("c", NOON + step + HOLD)) in ([FIRST], [SECOND])


def test_a_clock_that_was_days_ahead_holds_no_number_for_days(client: EmbeddedClient) -> None:
    ahead = NOON + timedelta(days=30)
    client.page_view(view("a", ahead))
    client.page_view(view("b", ahead))
    assert numbers_shown(client, view("c")) == [FIRST]
    again = client.page_view(view("b", NOON + MINUTE))[0].lease
    assert again is not None
    assert (again.number, again.held_until) == (SECOND, NOON + MINUTE + HOLD)
    assert numbers_shown(client, view("d", NOON + MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("d", NOON + MINUTE + HOLD)) == [FIRST]


def test_a_number_released_by_a_clock_that_was_days_ahead_is_free(client: EmbeddedClient) -> None:
    ahead = NOON + timedelta(days=30)
    only_first = site(pool(numbers=(FIRST,)), version="2")
    client.page_view(view("a"))
    client.page_view(view("b", ahead))
    client.publish(only_first, at=ahead)
    client.publish(site(), at=ahead)
    assert numbers_shown(client, view("c")) == [SECOND]


def test_the_session_itself_gets_back_a_number_that_left_the_pool_and_came_again(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("x"))
    client.page_view(view("a"))
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON + MINUTE)
    client.publish(site(), at=NOON + 2 * MINUTE)
    assert numbers_shown(client, view("b", NOON + 3 * MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("a", NOON + 3 * MINUTE)) == [SECOND]


def test_an_expired_number_rests_for_the_cool_off_before_another_session_gets_it(
    client: EmbeddedClient,
) -> None:
    resting = pool(numbers=(FIRST,), cool_off=5 * MINUTE)
    client.publish(site(resting, version="2"), at=NOON)
    client.page_view(view("a", NOON, wanted(resting)))
    soon, later = NOON + HOLD + 4 * MINUTE, NOON + HOLD + 5 * MINUTE
    assert numbers_shown(client, view("b", soon, wanted(resting))) == [OVERFLOW]
    assert numbers_shown(client, view("b", later, wanted(resting))) == [FIRST]


def test_a_released_number_rests_for_the_cool_off(client: EmbeddedClient) -> None:
    resting = pool(numbers=(FIRST,), cool_off=5 * MINUTE)
    client.publish(site(resting, version="2"), at=NOON)
    client.page_view(view("a", NOON, wanted(resting)))
    client.publish(site(pool(numbers=(SECOND,)), version="3"), at=NOON + MINUTE)
    client.publish(site(resting, version="4"), at=NOON + 2 * MINUTE)
    at = NOON + HOLD + 5 * MINUTE
    assert numbers_shown(client, view("b", at - MINUTE, wanted(resting))) == [OVERFLOW]
    assert numbers_shown(client, view("b", at, wanted(resting))) == [FIRST]


def test_a_page_without_a_target_takes_no_number(client: EmbeddedClient) -> None:
    page = view("a")
    landing = type(page)(site=page.site, at=page.at, identity=page.identity, path="/")
    assert client.page_view(landing) == ()
    assert client.pool_states(site(), at=NOON)[0].free == 2
