"""A full pool that shares: who gets whose number, and what ends that, on every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.values import Assignment, Lease, Shown, Why
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

SHARING = replace(pool(), when_full="share")


@pytest.fixture
def client(client: EmbeddedClient) -> EmbeddedClient:
    client.publish(site(SHARING, version="2"), at=NOON)
    return client


def comes(
    client: EmbeddedClient, session: str, minute: float = 0, *, pages: int = 2, visitor: str = ""
) -> Assignment:
    at = NOON + minute * MINUTE
    page = view(session, at, wanted(SHARING), pages=pages, visitor=visitor)
    return client.page_view(page)[0]


def open_on(store: Store, number: str) -> list[Lease]:
    return list(store.read(lambda book: book.open_on("okna", number)))


def holders(store: Store, number: str) -> list[tuple[str, bool]]:
    return sorted((lease.session, lease.is_shared) for lease in open_on(store, number))


def test_a_full_pool_shares_the_number_whose_holder_is_silent_longest(
    client: EmbeddedClient, store: Store
) -> None:
    comes(client, "a")
    comes(client, "b", 1)
    comes(client, "a", 2)
    third = comes(client, "c", 3)
    assert (third.shown, third.number, third.why) == (Shown.LEASE, SECOND, Why.SHARED)
    assert third.lease is not None
    assert third.lease.is_shared
    assert holders(store, SECOND) == [("b", True), ("c", True)]
    assert holders(store, FIRST) == [("a", False)]


def test_every_number_gets_its_turn(client: EmbeddedClient) -> None:
    shown = [comes(client, session, minute).number for minute, session in enumerate("abcdef")]
    assert shown == [FIRST, SECOND] * 3


def test_of_two_that_are_silent_as_long_the_one_that_fewer_have_is_shared(
    client: EmbeddedClient, store: Store
) -> None:
    comes(client, "a")
    comes(client, "b")
    assert comes(client, "c").number == FIRST
    assert comes(client, "d").number == SECOND
    assert comes(client, "e").number == FIRST
    assert [session for session, _ in holders(store, FIRST)] == ["a", "c", "e"]


def test_nothing_is_shared_while_a_number_is_free_or_its_hold_is_over(
    client: EmbeddedClient, store: Store
) -> None:
    assert [comes(client, session).why for session in "ab"] == [Why.FREE, Why.FREE]
    comes(client, "b", 1)
    assert comes(client, "c", 30).why is Why.RECLAIMED
    assert holders(store, FIRST) == [("c", False)]


@pytest.mark.parametrize("overflow", [OVERFLOW, None])
def test_a_pool_shares_by_itself_only_when_it_has_no_overflow_number(overflow: str | None) -> None:
    plain = pool(overflow=overflow)
    assert wanted(plain).is_sharing is (overflow is None)
    assert wanted(replace(plain, when_full="share")).is_sharing
    assert not wanted(replace(plain, when_full="overflow")).is_sharing


def test_a_number_that_is_shared_is_kept_by_both(client: EmbeddedClient, store: Store) -> None:
    for session in "abc":
        comes(client, session)
    for session in "ac":
        again = comes(client, session, 1)
        assert (again.number, again.why) == (FIRST, Why.KEPT)
    assert holders(store, FIRST) == [("a", True), ("c", True)]


def test_a_shared_number_is_free_for_others_only_when_every_hold_is_over(
    client: EmbeddedClient, store: Store
) -> None:
    for minute, session in enumerate("abc"):
        comes(client, session, minute)
    comes(client, "b", 29)
    # The hold of a is over, that of c is not: c has the number alone, and shares it next.
    assert comes(client, "d", 30).why is Why.SHARED
    assert holders(store, FIRST) == [("c", True), ("d", True)]
    [first] = [each for each in client.number_history("okna", FIRST) if each.session == "a"]
    assert (first.released_at, first.released_why) == (NOON + 30 * MINUTE, "expired")
    comes(client, "b", 50)
    shown = comes(client, "e", 60)
    assert (shown.number, shown.why) == (FIRST, Why.RECLAIMED)
    assert holders(store, FIRST) == [("e", False)]


def test_who_is_left_alone_on_a_number_shares_it_no_more(
    client: EmbeddedClient, store: Store
) -> None:
    for session in "abc":
        comes(client, session)
    client.release("okna", "a", at=NOON + MINUTE)
    assert holders(store, FIRST) == [("c", False)]
    # It is nobody else's: the pool is as full as before.
    assert comes(client, "d", 1).why is Why.SHARED
    client.release("okna", "c", at=NOON + MINUTE)
    client.release("okna", "d", at=NOON + MINUTE)
    assert [len(open_on(store, number)) for number in (FIRST, SECOND)] == [0, 1]


def test_the_middle_one_of_three_leaves_two_who_share(client: EmbeddedClient, store: Store) -> None:
    client.publish(site(replace(SHARING, numbers=SHARING.numbers[:1]), version="3"), at=NOON)
    for session in "abc":
        comes(client, session)
    client.release("okna", "b", at=NOON)
    assert holders(store, FIRST) == [("a", True), ("c", True)]


def test_a_session_never_shares_with_itself(client: EmbeddedClient) -> None:
    client.publish(site(replace(SHARING, numbers=SHARING.numbers[:1]), version="3"), at=NOON)
    both = (wanted(SHARING), wanted(SHARING, "branch"))
    assert numbers_shown(client, view("a", NOON, *both)) == [FIRST, OVERFLOW]
    assert numbers_shown(client, view("b", NOON, *both)) == [FIRST, OVERFLOW]


def test_two_targets_share_two_numbers(client: EmbeddedClient) -> None:
    both = (wanted(SHARING), wanted(SHARING, "branch"))
    assert numbers_shown(client, view("a", NOON, *both)) == [FIRST, SECOND]
    assert numbers_shown(client, view("b", NOON + MINUTE, *both)) == [FIRST, SECOND]


def test_a_number_that_rests_is_not_shared(client: EmbeddedClient) -> None:
    resting = replace(SHARING, numbers=SHARING.numbers[:1], cool_off=5 * MINUTE)
    client.publish(site(resting, version="3"), at=NOON)
    client.page_view(view("a", NOON, wanted(resting)))
    client.release("okna", "a", at=NOON + HOLD)
    assert numbers_shown(client, view("b", NOON + HOLD + MINUTE, wanted(resting))) == [OVERFLOW]


def test_a_shared_number_that_leaves_the_pool_leaves_all_its_sessions(
    client: EmbeddedClient, store: Store
) -> None:
    for session, minute in (("a", 0), ("b", 1), ("c", 2)):
        comes(client, session, minute)
    only_second = replace(SHARING, numbers=SHARING.numbers[1:])
    client.publish(site(only_second, version="3"), at=NOON + 3 * MINUTE)
    assert open_on(store, FIRST) == []
    ended = client.number_history("okna", FIRST)
    assert [lease.released_why for lease in ended] == ["retired", "retired"]
    client.publish(site(SHARING, version="4"), at=NOON + 4 * MINUTE)
    # Until the hold of c is over, which ends later than that of a, the number is nobody's.
    comes(client, "b", 20)
    assert comes(client, "d", 31).why is Why.SHARED
    assert comes(client, "e", 32).why is Why.FREE


def test_a_pool_says_how_many_of_its_numbers_are_shared(client: EmbeddedClient) -> None:
    document = site(SHARING, version="2")
    comes(client, "a", pages=1)
    comes(client, "b")
    comes(client, "c")
    [state] = client.pool_states(document, at=NOON + 6 * MINUTE)
    assert (state.total, state.shared) == (2, 1)
    assert (state.held, state.provisional, state.expired, state.cooling) == (2, 0, 0, 0)
    [state] = client.pool_states(document, at=NOON + HOLD)
    assert (state.held, state.provisional, state.expired, state.cooling) == (0, 0, 2, 0)


def test_a_call_on_a_shared_number_is_weighed_among_all_who_have_it(
    client: EmbeddedClient,
) -> None:
    for minute, session in enumerate("abc"):
        comes(client, session, minute)
    found = client.take_call(rings(FIRST, NOON + 3 * MINUTE)).attribution
    assert {each.session for each in found.candidates} == {"a", "c"}
    assert all(0.0 < each.probability < 1.0 for each in found.candidates)


def test_a_returning_visitor_whose_number_somebody_shares_gets_another(
    client: EmbeddedClient, store: Store
) -> None:
    comes(client, "a1", visitor="a")
    comes(client, "b")
    comes(client, "c", 20)  # on a's number
    comes(client, "b", 20)
    again = comes(client, "a2", 31, visitor="a")
    assert again.why is Why.SHARED
    assert [lease.session for lease in open_on(store, FIRST)] == ["c", "a2"]
    assert client.number_history("okna", FIRST)[2].released_why == "returned"


def test_whoever_is_forgotten_leaves_the_number_to_the_other_one(
    client: EmbeddedClient, store: Store
) -> None:
    for session in "abc":
        comes(client, session)
    store.write(lambda people: people.drop_leases("okna", [("a", "visitor of a")]))
    assert [session for session, _ in holders(store, FIRST)] == ["c"]
    assert comes(client, "d", 1).why is Why.SHARED
    later = comes(client, "e", 40)
    assert (later.number, later.why) in ((FIRST, Why.RECLAIMED), (SECOND, Why.RECLAIMED))
    assert holders(store, str(later.number)) == [("e", False)]
