"""What a newly published document does to numbers and leases, on every store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.errors import SetupError
from callgraft.site import Fixed, Site
from callgraft.stores import Store
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    number,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)

ONLY_FIRST = site(pool(numbers=(FIRST,)), version="2")
ONLY_SECOND = site(pool(numbers=(SECOND,)), version="3")


def test_a_retired_number_is_shown_no_more(client: EmbeddedClient) -> None:
    assert numbers_shown(client, view("a")) == [FIRST]
    client.publish(ONLY_SECOND, at=NOON + MINUTE)
    assert numbers_shown(client, view("a", NOON + 2 * MINUTE)) == [SECOND]
    assert numbers_shown(client, view("b", NOON + HOLD)) == [OVERFLOW]


def test_a_retired_numbers_lease_ends_and_stays_in_the_history(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    client.publish(ONLY_SECOND, at=NOON + MINUTE)
    [lease] = client.number_history("okna", FIRST)
    assert (lease.session, lease.released_at) == ("a", NOON + MINUTE)
    assert lease.released_why == "retired"


def test_a_call_to_a_retired_number_still_finds_its_visit(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    client.publish(ONLY_SECOND, at=NOON + MINUTE)
    call = client.take_call(rings(FIRST, NOON + 2 * MINUTE))
    assert call.attribution.session == "a"


def test_an_added_number_is_given_out(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(FIRST, SECOND, THIRD)), version="2"), at=NOON)
    shown = [numbers_shown(client, view(session)) for session in "abc"]
    assert shown == [[FIRST], [SECOND], [THIRD]]


def test_a_number_that_moves_to_another_pool_leaves_its_session(client: EmbeddedClient) -> None:
    piter = pool("piter", (FIRST,))
    assert numbers_shown(client, view("a")) == [FIRST]
    client.publish(site(ONLY_SECOND.pools["direct"], piter, version="4"), at=NOON + MINUTE)
    at = NOON + 2 * MINUTE
    assert numbers_shown(client, view("a", at)) == [SECOND]
    assert numbers_shown(client, view("b", at, wanted(piter))) == [OVERFLOW]
    assert client.number_history("okna", FIRST)[0].released_why == "moved"


def test_a_number_that_moves_is_nobodys_until_its_hold_is_over(client: EmbeddedClient) -> None:
    piter = pool("piter", (FIRST,))
    client.page_view(view("a"))
    for round in range(3):  # however often documents come and go
        at = NOON + round * MINUTE
        moved = site(ONLY_SECOND.pools["direct"], piter, version=f"moved {round}")
        client.publish(moved, at=at)
        client.publish(site(version=f"back {round}"), at=at)
    client.publish(moved, at=at)
    last = NOON + HOLD - timedelta(microseconds=1)
    assert numbers_shown(client, view("b", last, wanted(piter))) == [OVERFLOW]
    assert numbers_shown(client, view("b", NOON + HOLD, wanted(piter))) == [FIRST]


def test_a_number_that_left_and_came_back_is_nobody_elses_until_its_hold_is_over(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("a"))
    client.publish(ONLY_SECOND, at=NOON)
    client.publish(ONLY_FIRST, at=NOON)
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("b", NOON + HOLD)) == [FIRST]


def test_the_order_of_the_document_is_the_order_of_the_numbers(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(SECOND, FIRST)), version="2"), at=NOON)
    assert numbers_shown(client, view("a")) == [SECOND]


def test_publishing_the_version_in_force_changes_nothing(
    client: EmbeddedClient, store: Store
) -> None:
    before = store.read(lambda transaction: transaction.published("okna"))
    client.page_view(view("a"))
    client.publish(site(), at=NOON + MINUTE)
    assert store.read(lambda transaction: transaction.published("okna")) == before
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_an_earlier_version_can_be_published_again(client: EmbeddedClient) -> None:
    client.publish(ONLY_FIRST, at=NOON)
    client.publish(site(), at=NOON + MINUTE)
    assert client.pool_states(site(), at=NOON + MINUTE)[0].total == 2


def test_a_site_without_a_version_is_told_apart_by_what_it_says(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version=""), at=NOON)
    client.publish(site(pool(numbers=(FIRST, SECOND, THIRD)), version=""), at=NOON)
    assert client.pool_states(site(), at=NOON)[0].total == 3


def dveri(*numbers: str, overflow: str | None = None, fixed: Mapping[str, Fixed] = {}) -> Site:
    """Another site in the same store."""
    pools = {"doors": pool("doors", numbers, overflow=overflow)} if numbers else {}
    return Site(key="dveri", pools=pools, fixed=fixed, version="1")


def test_sites_do_not_touch_each_others_numbers(client: EmbeddedClient) -> None:
    other = dveri("+74990000501", overflow=OVERFLOW)  # an overflow number promises nobody anything
    client.publish(other, at=NOON)
    client.page_view(view("a"))
    assert client.pool_states(other, at=NOON)[0].free == 1
    assert client.pool_states(site(), at=NOON)[0].free == 1


@pytest.mark.parametrize(
    ("other", "key", "number"),
    [
        (dveri(FIRST), "pools.doors.numbers", FIRST),
        (dveri("+74990000501", overflow=FIRST), "pools.doors.overflow", FIRST),
        (dveri(OVERFLOW), "pools.doors.numbers", OVERFLOW),
        (dveri(fixed={"car": Fixed(key="car", number=number(FIRST), source="car")}),
         "fixed.car.number", FIRST),
    ],
)  # fmt: skip
def test_a_pools_number_belongs_to_one_site_of_the_store(
    client: EmbeddedClient, store: Store, other: Site, key: str, number: str
) -> None:
    with pytest.raises(SetupError, match=r"the site 'okna' .* out of one of the two") as refused:
        client.publish(other, at=NOON)
    assert (refused.value.key, refused.value.value) == (key, number)
    assert store.read(lambda transaction: transaction.published("dveri")) is None
    assert numbers_shown(client, view("a")) == [FIRST]


def test_a_number_can_be_given_to_another_site(client: EmbeddedClient) -> None:
    client.publish(ONLY_SECOND, at=NOON)
    client.publish(dveri(FIRST), at=NOON)
    assert client.pool_states(dveri(FIRST), at=NOON)[0].free == 1
