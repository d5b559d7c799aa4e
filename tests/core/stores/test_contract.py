"""What every store promises to the code above it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callgraft.client import EmbeddedClient
from callgraft.geo import Location
from callgraft.source import Touch
from callgraft.stores import Store, Transaction
from callgraft.stores.protocol import Stay
from callgraft.tracking.numbers import NumberState
from callgraft.tracking.states import Sign
from callgraft.tracking.values import PageView
from callgraft.tracking.visits import page_view
from tests.core.stores.racing import in_threads
from tests.core.tracked import DIRECT, FIRST, MINUTE, NOON, number, numbers_shown, pool, site, view


def stay(store: Store, session: str = "a") -> Stay:
    return store.read(lambda journal: journal.stays("okna", [session]))[session]


def test_a_transaction_that_fails_leaves_nothing(client: EmbeddedClient, store: Store) -> None:
    def fail(transaction: Transaction) -> None:
        page_view(transaction, view("a"))
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        store.write(fail)
    assert store.read(lambda journal: journal.stays("okna", ["a"])) == {}
    assert client.number_history("okna", FIRST) == []
    assert client.pool_states(site(), at=NOON)[0].free == 2
    assert numbers_shown(client, view("a")) == [FIRST]


def test_a_failed_change_of_what_was_there_is_taken_back(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a"))
    before = client.pool_states(site(), at=NOON)

    def fail(transaction: Transaction) -> None:
        page_view(transaction, view("a", NOON + MINUTE, pages=2))
        [lease] = transaction.open_leases("okna", "a")
        transaction.release_lease(lease, at=NOON + MINUTE, why="test")
        first, _ = transaction.numbers("okna")
        retired = replace(first, state=NumberState.RETIRED, due_at=NOON)
        transaction.put_numbers("okna", [retired])
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        store.write(fail)
    assert client.pool_states(site(), at=NOON) == before
    assert [sign.at for sign in stay(store).log] == [NOON]


def test_a_session_is_kept_with_its_touch_its_place_and_its_page_loads(
    client: EmbeddedClient, store: Store
) -> None:
    first = view("a")
    moscow = Location(country="RU", region="RU-MOW", city="Moscow")
    client.page_view(
        PageView(
            site="okna",
            at=NOON,
            identity=first.identity,
            path="/",
            location=moscow,
            device="mobile",
            network="192.0.2.0/24",
        )
    )
    client.page_view(view("a", NOON + MINUTE, path="/kontakty", is_contact=True))
    assert stay(store) == Stay(
        touch=DIRECT,
        device="mobile",
        region="RU-MOW",
        log=(Sign(at=NOON), Sign(at=NOON + MINUTE, is_contact=True)),
        visitor="visitor of a",
    )


def test_a_page_view_told_twice_is_one(client: EmbeddedClient, store: Store) -> None:
    [first], [second] = (client.page_view(view("a")) for _ in range(2))
    assert first.lease == second.lease is not None
    assert stay(store).log == (Sign(at=NOON),)


def test_a_session_keeps_its_first_touch(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a"))
    other = Touch(source="google", medium="organic", channel="organic search")
    client.page_view(view("a", NOON + MINUTE, touch=other))
    assert stay(store).touch == DIRECT


def test_page_loads_are_logged_in_the_order_of_time(client: EmbeddedClient, store: Store) -> None:
    for minute in (2, 0, 1):
        client.page_view(view("a", NOON + minute * MINUTE))
    assert [sign.at for sign in stay(store).log] == [NOON + minute * MINUTE for minute in range(3)]


@pytest.mark.parametrize(
    "strange", ["\x00", "\ud800", "%00\x00", "я" * 5000, "/?" + "x" * 100_000, "'; DROP TABLE"]
)
def test_nothing_that_strangers_write_costs_a_visitor_the_number(
    client: EmbeddedClient, store: Store, strange: str
) -> None:
    words = Touch(source=strange, medium=strange, channel="other", keyword=strange, landing=strange)
    assert numbers_shown(client, view("a", path=strange, touch=words)) == [FIRST]
    kept = stay(store).touch.keyword
    assert kept[:3] == strange[:3].replace("\x00", "\ufffd").replace("\ud800", "?")
    assert len(kept) <= 1024


def test_every_number_of_a_pool_is_counted_once(client: EmbeddedClient) -> None:
    numbers = tuple(f"+749900000{index:02}" for index in range(1, 8))
    resting = pool(numbers=numbers, cool_off=10 * MINUTE)
    terms = site(resting, version="2")
    client.publish(terms, at=NOON)
    client.page_view(view("expired", NOON - 60 * MINUTE))
    client.page_view(view("resting", NOON - 35 * MINUTE))
    client.page_view(view("retired", NOON - 20 * MINUTE))
    client.publish(site(pool(numbers=(*numbers[:2], *numbers[3:])), version="3"), at=NOON)
    client.publish(terms, at=NOON)
    client.page_view(view("new", NOON, pages=1))
    client.page_view(view("person", NOON - MINUTE, pages=2))
    [state] = client.pool_states(terms, at=NOON)
    assert (state.pool, state.total) == ("direct", 7)
    assert (state.provisional, state.held, state.expired) == (1, 1, 1)
    assert (state.cooling, state.free) == (2, 2)
    assert [lease.session for lease in state.leases] == ["new", "person", "resting", "expired"]


def test_a_number_history_is_newest_first_and_as_long_as_asked_for(
    client: EmbeddedClient,
) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    for hour in range(3):
        client.page_view(view(f"s{hour}", NOON + 60 * hour * MINUTE))
    newest = client.number_history("okna", FIRST, limit=2)
    assert [lease.session for lease in newest] == ["s2", "s1"]
    assert [lease.released_at for lease in newest] == [None, NOON + 120 * MINUTE]
    assert client.number_history("dveri", FIRST) == []


def test_publishers_that_race_publish_once(client: EmbeddedClient, store: Store) -> None:
    numbers = tuple(number(f"+749900001{index:02}").e164 for index in range(20))
    new = site(pool(numbers=numbers), version="2")
    in_threads(6, lambda _: client.publish(new, at=NOON))
    assert client.pool_states(new, at=NOON)[0].total == 20
    kept = store.read(lambda journal: journal.published("okna"))
    assert kept is not None
    assert kept.version == "2"


def test_readers_that_race_get_one_secret(store: Store) -> None:
    assert len(set(in_threads(8, lambda _: store.secret()))) == 1
