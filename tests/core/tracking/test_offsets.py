"""How late a provider tells of rings is learned from presses, and taken off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.stores import Store, open_store
from callgraft.tracking.learned import read_tables
from callgraft.tracking.learning_history import learn_site, read_history
from callgraft.tracking.offsets import EARLIEST, ENOUGH, LATEST, Offset, learned, offset_of
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import SessionSign
from tests.core.tracked import MINUTE, NOON, rings, site, view

HOUR = 60 * MINUTE
SECOND_OF_TIME = timedelta(seconds=1)


def test_an_offset_is_the_median_of_the_gaps_without_the_time_of_dialling() -> None:
    gaps = [19.0] * 15 + [20.0] * 5 + [100.0]
    assert offset_of("generic", gaps) == Offset(provider="generic", calls=21, seconds=12.0)


def test_from_few_calls_nothing_is_known() -> None:
    assert offset_of("generic", [19.0] * (ENOUGH - 1)).seconds is None
    assert offset_of("generic", [19.0] * ENOUGH).seconds == 12.0


@given(gaps=st.lists(st.floats(-1e6, 1e6), min_size=ENOUGH, max_size=40))
def test_an_offset_stays_in_its_bounds(gaps: list[float]) -> None:
    seconds = offset_of("generic", gaps).seconds
    assert seconds is not None
    assert EARLIEST <= seconds <= LATEST


def test_what_is_not_known_now_stays_as_it_was() -> None:
    offsets = [offset_of("one", [27.0] * ENOUGH), offset_of("two", [27.0])]
    assert learned(offsets, {"one": 3.0, "two": 4.0, "three": 5.0}) == {
        "one": 20.0,
        "two": 4.0,
        "three": 5.0,
    }


@pytest.fixture
def store() -> Store:
    return open_store("memory:")


def lived(store: Store, calls: int, *, gap: float) -> EmbeddedClient:
    """Every hour a visitor presses the number; so much later the provider tells of the ring."""
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(site(), at=NOON)
    for place in range(calls):
        at = NOON + place * HOUR
        [shown] = client.page_view(view(f"s{place}", at))
        pressed_at = at + MINUTE
        press = SignKind.TEL_PRESSED
        sign = SessionSign(site="okna", session=f"s{place}", at=pressed_at, kind=press)
        client.take_signs([sign])
        caller = f"+7499{place:07}"
        ring = pressed_at + timedelta(seconds=gap)
        client.take_call(rings(shown.number or "", ring, call=f"c{place}", caller=caller))
    return client


def test_a_provider_that_tells_late_is_found_out_and_believed_no_more(store: Store) -> None:
    client = lived(store, ENOUGH, gap=37.0)
    lesson = learn_site(store, "okna", at=NOON + 30 * HOUR)
    assert lesson.state == "still learning"
    assert lesson.offsets == (Offset(provider="generic", calls=ENOUGH, seconds=30.0),)
    tables = read_tables(store.read(lambda here: here.tables("okna")) or "")
    assert tables.offset == {"generic": 30.0}
    at = NOON + 31 * HOUR
    [shown] = client.page_view(view("early", at))
    told_at = at + 50 * SECOND_OF_TIME
    found = client.take_call(rings(shown.number or "", told_at, call="new")).attribution
    assert found.session == "early"
    assert found.candidates[0].because.startswith("shown 20 s before the ring")
    assert found.tables == tables.version


def test_whoever_came_after_the_true_ring_is_no_candidate(store: Store) -> None:
    client = lived(store, ENOUGH, gap=37.0)
    learn_site(store, "okna", at=NOON + 30 * HOUR)
    at = NOON + 31 * HOUR
    [shown] = client.page_view(view("late", at))
    told_at = at + 20 * SECOND_OF_TIME
    found = client.take_call(rings(shown.number or "", told_at, call="new")).attribution
    assert "late" not in [each.session for each in found.candidates]


def test_calls_are_learned_from_as_they_rang_in_truth(store: Store) -> None:
    lived(store, 3, gap=37.0)
    at = NOON + 30 * HOUR
    plain = read_history(store, "okna", at=at)
    corrected = read_history(store, "okna", at=at, late={"generic": 30.0})
    moved = [call.rang_at + 30 * SECOND_OF_TIME for call in corrected.calls]
    assert sorted(moved) == sorted(call.rang_at for call in plain.calls)


def test_the_same_again_is_not_published_again(store: Store) -> None:
    lived(store, ENOUGH, gap=37.0)
    learn_site(store, "okna", at=NOON + 30 * HOUR)
    before = store.read(lambda here: here.tables("okna"))
    learn_site(store, "okna", at=NOON + 31 * HOUR)
    assert store.read(lambda here: here.tables("okna")) == before
