"""Calls that are due to be attributed again, and what they are found by, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.stores.protocol import DueCall
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Proof, ProofKind, SessionSign
from tests.core.tracked import FIRST, MINUTE, NOON, SECOND, rings, view

CALLER = "+74991230000"


def due(call: str, minute: int, why: str = "a form", site: str = "okna") -> DueCall:
    return DueCall(site=site, call=call, due_at=NOON + minute * MINUTE, why=why)


def put(store: Store, *calls: DueCall) -> None:
    for each in calls:
        store.write(lambda transaction, each=each: transaction.put_due(each))


def listed(store: Store, minute: int, limit: int = 9) -> list[DueCall]:
    by = NOON + minute * MINUTE
    return list(store.read(lambda transaction: transaction.due_calls(by=by, limit=limit)))


def test_calls_are_due_in_order_of_time_and_of_all_sites(store: Store) -> None:
    put(store, due("b", 2), due("a", 1), due("c", 3), due("a", 2, site="dveri"))
    assert [(each.site, each.call) for each in listed(store, 2)] == [
        ("okna", "a"),
        ("dveri", "a"),
        ("okna", "b"),
    ]
    assert listed(store, 9, limit=1) == [due("a", 1)]
    assert listed(store, 0) == []


def test_a_call_is_due_once_by_what_was_said_last(store: Store) -> None:
    put(store, due("a", 1), due("a", 2, "a promo code"))
    assert listed(store, 9) == [due("a", 2, "a promo code")]


def test_one_takes_what_is_due_and_then_it_is_not(store: Store) -> None:
    put(store, due("a", 1))
    taken = [store.write(lambda here: here.take_due("okna", "a")) for _ in range(2)]
    assert taken == [True, False]
    assert listed(store, 9) == []


def test_a_session_hears_of_calls_to_its_numbers_from_when_it_was_shown_them(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a", NOON + MINUTE))
    client.page_view(view("b", NOON + MINUTE))
    for place, (number, minute) in enumerate(
        [(FIRST, 0), (FIRST, 2), (SECOND, 2), (FIRST, 3), (FIRST, 4)]
    ):
        client.take_call(rings(number, NOON + minute * MINUTE, call=f"call-{place}"))

    def heard(session: str, minute: int, limit: int = 9) -> list[str]:
        since = NOON + minute * MINUTE
        found = store.read(lambda here: here.heard("okna", session, since=since, limit=limit))
        return [call.call for call in found]

    assert heard("a", 0) == ["call-1", "call-3", "call-4"]
    assert heard("a", 3) == ["call-3", "call-4"]
    assert heard("a", 3, limit=1) == ["call-3"]
    assert heard("b", 0) == ["call-2"]
    assert heard("nobody's", 0) == []


def test_later_calls_of_a_number_come_the_oldest_first(
    client: EmbeddedClient, store: Store
) -> None:
    for minute in (3, 1, 2):
        client.take_call(rings(FIRST, NOON + minute * MINUTE, call=f"call-{minute}"))
    client.take_call(rings(SECOND, NOON + 2 * MINUTE, call="another"))
    after = NOON + MINUTE
    found = store.read(lambda here: here.calls_later("okna", FIRST, after=after, limit=9))
    assert [call.call for call in found] == ["call-2", "call-3"]


def test_a_call_keeps_its_region_and_its_history(client: EmbeddedClient, store: Store) -> None:
    for session in "ab":
        client.page_view(view(session))
    call = client.take_call(rings(FIRST, NOON + MINUTE, caller=CALLER))
    proof = Proof(site="okna", call=call.id, kind=ProofKind.CRM, at=NOON, session="b")
    proved = client.prove(proof)
    assert (proved.region, proved.rescored_at) == ("RU-MOW", NOON)
    assert [each.until for each in proved.earlier] == [NOON]
    assert client.calls("okna") == [proved]
    record = client.visitor_record("okna", "visitor of a")
    assert record is not None
    assert [each.earlier[0].visitor for each in record.calls] == ["visitor of a"]
    assert record.calls[0].region == ""


def test_who_is_forgotten_is_in_no_history(client: EmbeddedClient) -> None:
    for session in "ab":
        client.page_view(view(session))
    call = client.take_call(rings(FIRST, NOON + MINUTE))
    client.prove(Proof(site="okna", call=call.id, kind=ProofKind.CRM, at=NOON, session="b"))
    client.forget("okna", visitor="visitor of a", at=NOON)
    [left] = client.calls("okna")
    assert "visitor of a" not in str(left)
    assert left.attribution.visitor == "visitor of b"
    assert [each.source for each in left.earlier] == ["yandex"]


def test_late_signs_are_heeded_on_every_store(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a"))
    before = client.take_call(rings(FIRST, NOON + 2 * MINUTE)).attribution
    later = EmbeddedClient(store, clock=lambda: NOON + 9 * MINUTE)
    press = SessionSign(site="okna", session="a", at=NOON + 1.9 * MINUTE, kind=SignKind.TEL_PRESSED)
    later.rescore_due(at=NOON + 9 * MINUTE)
    later.take_signs([press])
    assert later.rescore_due(at=NOON + 10 * MINUTE) == 1
    assert later.rescore_due(at=NOON + 99 * MINUTE) == 0
    [call] = client.calls("okna")
    assert call.attribution.probability > before.probability
    assert call.attribution.because != before.because


def test_what_is_due_of_a_call_that_is_gone_is_dropped(
    client: EmbeddedClient, store: Store
) -> None:
    put(store, due("gone", 0), replace(due("x", 0), due_at=NOON + timedelta(days=1)))
    assert client.rescore_due(at=NOON) == 1
    assert client.rescore_due(at=NOON) == 0
