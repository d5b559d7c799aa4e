"""Nobody drains a pool: what one network may have of it, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.network import truncated
from callgraft.site import Pool
from callgraft.tracking.limits import wanted_of
from callgraft.tracking.values import Assignment, LeaseState, Shown, Why
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, OVERFLOW, pool, site, view, wanted

OFFICE = truncated("203.0.113.7")
CARRIER = truncated("2001:db8:1:2::3")
NUMBERS = tuple(f"+749900000{index:02}" for index in range(1, 13))
TWELVE = pool(numbers=NUMBERS)
"""A quarter of it is three numbers."""


@pytest.fixture
def client(client: EmbeddedClient) -> EmbeddedClient:
    client.publish(site(TWELVE, version="2"), at=NOON)
    return client


def comes(
    client: EmbeddedClient,
    session: str,
    at: datetime = NOON,
    *,
    network: str = OFFICE,
    pages: int = 1,
    terms: Pool = TWELVE,
    visitor: str = "",
) -> Assignment:
    page = view(session, at, wanted(terms), pages=pages, network=network, visitor=visitor)
    return client.page_view(page)[0]


def leased(client: EmbeddedClient, count: int, **how: object) -> list[Shown]:
    return [comes(client, f"s{index}", **how).shown for index in range(count)]  # type: ignore[arg-type]  # the keywords of comes


@pytest.mark.parametrize("network", [OFFICE, CARRIER])
def test_a_network_gets_a_quarter_of_the_pool_for_visitors_who_just_came(
    client: EmbeddedClient, network: str
) -> None:
    assert leased(client, 3, network=network) == [Shown.LEASE] * 3
    fourth = comes(client, "fourth", network=network)
    assert (fourth.shown, fourth.number, fourth.lease) == (Shown.OVERFLOW, OVERFLOW, None)
    assert fourth.why is Why.NETWORK
    assert comes(client, "elsewhere", network=truncated("198.51.100.1")).shown is Shown.LEASE


def test_who_turns_out_to_be_a_person_makes_room(client: EmbeddedClient) -> None:
    leased(client, 3)
    comes(client, "s0", NOON + MINUTE, pages=2)
    assert comes(client, "fourth", NOON + MINUTE).shown is Shown.LEASE


def test_a_person_is_not_counted_with_those_who_just_came(client: EmbeddedClient) -> None:
    leased(client, 3)
    shown = comes(client, "person", pages=2)
    assert shown.lease is not None
    assert shown.lease.state is LeaseState.HELD


def test_all_of_a_network_together_leave_a_quarter_of_the_pool_to_the_world(
    client: EmbeddedClient,
) -> None:
    assert leased(client, 9, pages=2) == [Shown.LEASE] * 9
    assert comes(client, "tenth", pages=2).why is Why.NETWORK
    assert comes(client, "tenth", pages=1).why is Why.NETWORK
    assert comes(client, "tenth", NOON + HOLD, pages=2).why is Why.FREE


def test_only_what_is_guaranteed_to_a_network_counts(client: EmbeddedClient) -> None:
    leased(client, 3)
    soon = NOON + 5 * MINUTE
    assert comes(client, "fourth", soon - timedelta(microseconds=1)).why is Why.NETWORK
    assert comes(client, "fourth", soon).why is Why.FREE


def test_leases_of_a_clock_that_was_days_ahead_do_not_count(client: EmbeddedClient) -> None:
    leased(client, 3, at=NOON + timedelta(days=30))
    assert comes(client, "fourth").shown is Shown.LEASE


def test_a_session_keeps_its_number_however_many_its_network_has(client: EmbeddedClient) -> None:
    first = comes(client, "s0")
    leased(client, 3)
    again = comes(client, "s0", NOON + MINUTE)
    assert (again.number, again.why) == (first.number, Why.KEPT)


def test_a_returning_visitor_gets_the_old_number_however_many_the_network_has(
    client: EmbeddedClient,
) -> None:
    comes(client, "a1", visitor="a")
    later = NOON + 5 * MINUTE
    leased(client, 3, at=later)
    again = comes(client, "a2", later, visitor="a")
    assert (again.number, again.why) == (FIRST, Why.RETURNED)


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1", "10.1.2.3", "172.20.0.5", "192.168.1.1", "100.64.3.4", "::1", "fd00::1"],
)
def test_a_proxy_that_nobody_listed_as_trusted_limits_nobody(
    client: EmbeddedClient, address: str
) -> None:
    assert leased(client, 12, network=truncated(address)) == [Shown.LEASE] * 12


def test_pools_are_counted_apart(client: EmbeddedClient) -> None:
    piter = pool("piter", ("+78120000001", "+78120000002"), overflow="+78120000099")
    client.publish(site(TWELVE, piter, version="3"), at=NOON)
    leased(client, 3)
    assert comes(client, "fourth", terms=piter).shown is Shown.LEASE


def test_a_limit_that_is_reached_leaves_the_original_where_there_is_no_overflow_number(
    client: EmbeddedClient,
) -> None:
    bare = pool(numbers=NUMBERS, overflow=None)
    leased(client, 3, terms=bare)
    shown = comes(client, "fourth", terms=bare)
    assert (shown.shown, shown.number, shown.why) == (Shown.ORIGINAL, None, Why.NETWORK)


@pytest.mark.parametrize(
    ("numbers", "limit"), [(1, 2), (2, 2), (8, 2), (9, 3), (12, 3), (100, 25), (1000, 250)]
)
def test_the_limit_grows_with_the_pool(numbers: int, limit: int) -> None:
    many = pool(numbers=tuple(f"+7499{index:07}" for index in range(numbers)))
    assert wanted_of(many, "main").per_network == limit


def test_a_document_says_how_many_a_network_may_have(client: EmbeddedClient) -> None:
    strict, open_to_all = replace(TWELVE, per_network=1), replace(TWELVE, per_network=0)
    assert comes(client, "s0", terms=strict).why is Why.FREE
    assert comes(client, "s1", terms=strict).why is Why.NETWORK
    assert leased(client, 12, terms=open_to_all) == [Shown.LEASE] * 12
