"""What reports are made of is the same in every store."""

from __future__ import annotations

from datetime import timedelta

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.stores.reports import PoolHour
from tests.core.tracked import DIRECT, FIRST, MINUTE, NOON, rings, view

HOUR = timedelta(hours=1)


def hour(hours: int, sessions: int, outcome: str = "own", pool: str = "direct") -> PoolHour:
    return PoolHour(pool=pool, hour=NOON + hours * HOUR, outcome=outcome, sessions=sessions)


def test_calls_come_in_pages_the_oldest_first_each_once(
    store: Store, client: EmbeddedClient
) -> None:
    for count in range(7):  # three of them at one moment
        client.take_call(rings(at=NOON + max(count, 3) * MINUTE, call=f"call-{count}"))
    everything = store.read(
        lambda here: here.calls_between("okna", since=NOON, until=NOON + HOUR, limit=50)
    )
    assert [call.rang_at for call in everything] == sorted(call.rang_at for call in everything)
    assert len(everything) == 7
    since, after, found = NOON, "", []
    while page := store.read(
        lambda here, at=since, behind=after: here.calls_between(  # type: ignore[misc]
            "okna", since=at, until=NOON + HOUR, limit=2, after=behind
        )
    ):
        found += page
        since, after = page[-1].rang_at, page[-1].id
    assert found == list(everything)


def test_the_end_of_a_period_is_no_part_of_it(store: Store, client: EmbeddedClient) -> None:
    for count in range(3):
        client.take_call(rings(at=NOON + count * MINUTE, call=f"call-{count}"))

    def rang(since: int, until: int) -> int:
        calls = store.read(
            lambda here: here.calls_between(
                "okna", since=NOON + since * MINUTE, until=NOON + until * MINUTE, limit=9
            )
        )
        return len(calls)

    assert (rang(0, 2), rang(1, 3), rang(3, 9)) == (2, 2, 0)


def test_sessions_are_told_by_visitor_in_order_of_time(
    store: Store, client: EmbeddedClient
) -> None:
    client.page_view(view("b", NOON + MINUTE, visitor="anna"))
    client.page_view(view("a", NOON, visitor="anna"))
    client.page_view(view("c", NOON, visitor="boris"))
    found = store.read(lambda here: here.sessions_of_all("okna", ["anna", "nobody"]))
    assert {visitor: [each.session for each in came] for visitor, came in found.items()} == {
        "anna": ["a", "b"]
    }
    first = found["anna"][0]
    assert (first.at, first.touch, first.device) == (NOON, DIRECT, "desktop")


def test_visitors_come_in_pages_with_all_their_sessions(
    store: Store, client: EmbeddedClient
) -> None:
    for visitor in ("anna", "boris", "vera"):
        for count in range(3):
            at = NOON + count * MINUTE
            client.page_view(view(f"{visitor} {count}", at, visitor=visitor))
    after, pages = "", []
    while page := store.read(
        lambda here, behind=after: here.sessions_by_visitor(  # type: ignore[misc]
            "okna", since=NOON, until=NOON + 2 * MINUTE, limit=3, after=behind
        )
    ):
        pages.append([each.session for each in page])
        after = page[-1].visitor
    assert pages == [["anna 0", "anna 1", "boris 0", "boris 1"], ["vera 0", "vera 1"]]


def test_hours_of_pools_are_added_up(store: Store) -> None:
    store.write(lambda here: here.add_pool_hours("okna", [hour(0, 2), hour(1, 1, "dry")]))
    store.write(lambda here: here.add_pool_hours("okna", [hour(0, 3), hour(0, 1, pool="piter")]))
    store.write(lambda here: here.add_pool_hours("dveri", [hour(0, 9)]))
    found = store.read(lambda here: here.pool_hours("okna", since=NOON, until=NOON + 2 * HOUR))
    assert list(found) == [hour(0, 5), hour(0, 1, pool="piter"), hour(1, 1, "dry")]
    assert not store.read(lambda here: here.pool_hours("okna", since=NOON - HOUR, until=NOON))
    store.write(lambda here: here.drop_pool_hours("okna", before=NOON + HOUR))
    left = store.read(lambda here: here.pool_hours("okna", since=NOON, until=NOON + 2 * HOUR))
    assert list(left) == [hour(1, 1, "dry")]


def test_a_dry_session_is_forgotten_with_its_visitor(store: Store, client: EmbeddedClient) -> None:
    client.page_view(view("a", visitor="anna"))
    for session in ("a", "a", "b"):
        store.write(lambda here, of=session: here.put_dry("okna", of, "direct"))  # type: ignore[misc]
    assert store.read(lambda here: here.is_dry("okna", "a", "direct"))
    assert not store.read(lambda here: here.is_dry("okna", "a", "piter"))
    client.forget("okna", visitor="anna", at=NOON)
    assert not store.read(lambda here: here.is_dry("okna", "a", "direct"))
    assert store.read(lambda here: here.is_dry("okna", "b", "direct"))


def test_reading_leaves_the_store_as_it_was(store: Store, client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    call = client.take_call(rings(FIRST, NOON + MINUTE))
    [again] = store.read(
        lambda here: here.calls_between("okna", since=NOON, until=NOON + HOUR, limit=5)
    )
    assert again == call
