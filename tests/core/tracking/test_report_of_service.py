"""Coverage, accuracy against what is known otherwise, and what has to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.sizing.erlang import blocked
from callgraft.stores import Store, open_store
from callgraft.stores.reports import PoolHour
from callgraft.tracking.reports.accuracy import accuracy_of
from callgraft.tracking.reports.alerts import alerts_of, dry_pools
from callgraft.tracking.reports.service import service_report
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Attribution, Call, CallState, Proof, ProofKind, SessionSign
from tests.core.tracked import FIRST, MINUTE, NOON, SECOND, pool, rings, site, view

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SITE = site()


@pytest.fixture
def memory() -> Store:
    return open_store("memory:")


@pytest.fixture
def embedded(memory: Store) -> EmbeddedClient:
    client = EmbeddedClient(memory, clock=lambda: NOON)
    client.publish(SITE, at=NOON - DAY)
    return client


def hours(store: Store, *counted: tuple[int, str, int]) -> None:
    told = [
        PoolHour(pool="direct", hour=NOON + hour * HOUR, outcome=outcome, sessions=sessions)
        for hour, outcome, sessions in counted
    ]
    store.write(lambda here: here.add_pool_hours("okna", told))


def test_coverage_counts_own_and_returned_numbers_alone(memory: Store) -> None:
    hours(memory, (-1, "own", 5), (-1, "returned", 1), (-1, "shared", 2), (0, "overflow", 2))
    found = service_report(memory, SITE, since=NOON - DAY, until=NOON + DAY, at=NOON)
    [direct] = found.pools
    assert (direct.sessions, direct.coverage) == (10, pytest.approx(0.6))
    assert [(each.hour, each.sessions, each.own) for each in direct.hours if each.sessions] == [
        (11, 8, 6),
        (12, 2, 0),
    ]
    assert list(direct.outcomes) == ["own", "returned", "shared", "overflow"]


def test_a_dry_pool_says_since_when_and_how_many_numbers_to_add(memory: Store) -> None:
    hours(memory, *((hour, "own", 60) for hour in range(-47, 1)))
    hours(memory, (-46, "overflow", 1), (-10, "overflow", 3), (-3, "overflow", 4))
    [alert] = dry_pools(memory, SITE, at=NOON + 5 * MINUTE)
    assert (alert.kind, alert.pool, alert.since) == ("dry", "direct", NOON - 10 * HOUR)
    assert "for 7 of 1,507 sessions of the last day" in alert.told
    # A session a minute that keeps its number for 30 minutes: Erlang's formula for 30 erlangs.
    need = next(count for count in range(100) if blocked(count, 30.5) <= 0.05)
    assert abs(alert.add - (need - 2)) <= 1
    assert f"Add {alert.add} numbers" in alert.cure


def test_robots_of_one_network_and_old_trouble_are_no_alert(memory: Store) -> None:
    hours(memory, (-30, "overflow", 5), (-1, "own", 5), (-1, "network", 50))
    assert alerts_of(memory, SITE, at=NOON) == ()


def test_a_pool_that_has_enough_numbers_needs_none_for_one_bad_hour(memory: Store) -> None:
    numbers = tuple(f"+7499000{count:04}" for count in range(60))
    large = site(pool(numbers=numbers))
    hours(memory, *((hour, "own", 20) for hour in range(-47, 0)), (-1, "overflow", 1))
    [alert] = dry_pools(memory, large, at=NOON)
    assert alert.add == 0
    assert "Nothing, if it stays so rare" in alert.cure


def put(store: Store, number: int, at: timedelta, probability: float) -> None:
    call = Call(
        id=str(number),
        site="okna",
        provider="generic",
        account="main",
        call=str(number),
        number=FIRST,
        caller="",
        state=CallState.ENDED,
        rang_at=NOON + at,
        attribution=Attribution(method="posterior", probability=probability, visitor="anna"),
    )
    store.write(lambda here: here.put_call(call))


def test_a_day_that_is_less_sure_by_ten_points_is_an_alert(memory: Store) -> None:
    for count in range(40):
        put(memory, count, -2 * DAY - count * HOUR, 0.9)
    for count in range(12):
        put(memory, 100 + count, -count * HOUR, 0.81)
    assert alerts_of(memory, SITE, at=NOON + MINUTE) == ()
    for count in range(12):
        put(memory, 100 + count, -count * HOUR, 0.79)
    [alert] = alerts_of(memory, SITE, at=NOON + MINUTE)
    assert (alert.kind, alert.since) == ("confidence", NOON + MINUTE - DAY)
    assert "from 90% to 79%" in alert.told


def test_few_calls_are_no_reason_to_be_alarmed(memory: Store) -> None:
    for count in range(40):
        put(memory, count, -2 * DAY - count * HOUR, 0.9)
    for count in range(9):
        put(memory, 100 + count, -count * HOUR, 0.5)
    assert alerts_of(memory, SITE, at=NOON + MINUTE) == ()


def calls(client: EmbeddedClient) -> list[Call]:
    """A contact page is read by anna on the first number, boris reads another on the second."""
    client.page_view(view("a", visitor="anna", path="/contacts", is_contact=True))
    client.page_view(view("b", visitor="boris", path="/contacts", is_contact=True))
    ended = {"state": CallState.ENDED}
    return [
        client.take_call(rings(FIRST, NOON + MINUTE / 6, call="1", **ended)),  # type: ignore[arg-type]
        client.take_call(rings(SECOND, NOON + MINUTE / 6, call="2", **ended)),  # type: ignore[arg-type]
    ]


def test_estimates_are_of_matched_calls_and_of_all(memory: Store, embedded: EmbeddedClient) -> None:
    found = calls(embedded)
    put(memory, 9, timedelta(0), 0.3)
    accuracy = accuracy_of(memory, "okna", since=NOON - DAY, until=NOON + DAY)
    sure = sum(each.attribution.probability for each in found)
    assert (accuracy.calls, accuracy.matched) == (3, 2)
    assert accuracy.estimated == pytest.approx(sure / 2)
    assert accuracy.recall == pytest.approx(sure / 3)
    assert accuracy.checks == ()


def test_proofs_check_what_the_model_alone_would_have_said(
    memory: Store, embedded: EmbeddedClient
) -> None:
    """The proofs change the calls themselves; the check must not be told by them."""
    one, other = calls(embedded)
    for call, visitor in ((one, "anna"), (other, "anna")):  # the model says boris of the other
        proof = Proof(
            site="okna", call=call.id, kind=ProofKind.PROMO_CODE, at=NOON + HOUR, visitor=visitor
        )
        embedded.prove(proof)
    [check] = accuracy_of(memory, "okna", since=NOON - DAY, until=NOON + DAY).checks
    assert (check.name, check.calls, check.named, check.right) == ("promo code", 2, 2, 1)
    assert check.accuracy == pytest.approx(0.5)
    assert check.low is not None
    assert check.high is not None
    assert 0 < check.low < 0.2 < 0.8 < check.high < 1


def test_the_self_check_hides_presses_from_the_model(
    memory: Store, embedded: EmbeddedClient
) -> None:
    embedded.page_view(view("a", visitor="anna", path="/contacts", is_contact=True))
    embedded.take_signs(
        [SessionSign(site="okna", session="a", at=NOON + MINUTE, kind=SignKind.TEL_PRESSED)]
    )
    embedded.take_call(rings(FIRST, NOON + MINUTE + MINUTE / 6, state=CallState.ENDED))
    late = rings(FIRST, NOON + 2 * MINUTE, call="2", state=CallState.ENDED)
    embedded.take_call(late)  # a minute after the press: nobody knows whose
    [check] = accuracy_of(memory, "okna", since=NOON - DAY, until=NOON + DAY).checks
    assert (check.name, check.calls, check.named, check.right) == ("self-check", 1, 1, 1)
    assert "at best" in check.means


def test_who_rang_two_numbers_tells_how_often_both_are_right(
    memory: Store, embedded: EmbeddedClient
) -> None:
    """Anna sees both numbers, on two visits; Boris' phone is taken for two people."""
    caller = {"caller": "+74991239999", "state": CallState.ENDED}
    both = site(pool(), pool("piter", ("+78120000001",)), version="2")
    embedded.publish(both, at=NOON)
    contact = {"path": "/contacts", "is_contact": True}
    first = view("a", visitor="anna", **contact)  # type: ignore[arg-type]
    embedded.page_view(first)
    embedded.take_call(rings(FIRST, NOON + MINUTE / 6, call="1", **caller))  # type: ignore[arg-type]
    later = view("a2", NOON + DAY / 2, visitor="anna", **contact)  # type: ignore[arg-type]
    piter = replace(later.wanted[0], pool="piter")
    embedded.page_view(replace(later, wanted=(piter,)))
    embedded.take_call(
        rings("+78120000001", NOON + DAY / 2 + MINUTE / 6, call="2", **caller)  # type: ignore[arg-type]
    )
    [check] = accuracy_of(memory, "okna", since=NOON - DAY, until=NOON + DAY).checks
    assert (check.name, check.calls, check.named, check.right) == (
        "callers who rang twice",
        1,
        1,
        1,
    )
