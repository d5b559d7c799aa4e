"""Calls are drawn as often, and when, as the rates say."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from callgraft.accesslog.sessions import visit_of
from callgraft.geo import NOWHERE
from callgraft.identity import next_view
from callgraft.replay.ringing import Ring, Ringing
from callgraft.replay.traffic import Stay
from callgraft.tracking.states import EDGES
from callgraft.tracking.tables import DEFAULT
from tests.core.replay.logged import MINUTE, NOON, hit

FOREVER = NOON + timedelta(days=30)
STARTS = (0.0, *(edge.total_seconds() for edge in EDGES))


def stay(**more: object) -> Stay:
    identity = next_view(None, visit_of(hit()), None)
    made = Stay(identity, "desktop", NOWHERE, NOON, pools={"main": "main"})
    for name, value in more.items():
        setattr(made, name, value)
    return made


def drawn(each: Stay, count: int) -> list[Ring]:
    ringing = Ringing(DEFAULT, Random(7))
    found: list[Ring] = []
    for _ in range(count):
        ringing.after_page(each)
        found += ringing.until(FOREVER)
    assert ringing.waiting == 0
    return found


@pytest.mark.parametrize(
    ("level", "more"),
    [(7, {}), (8, {"turn": 1}), (9, {"turn": 3}), (10, {"contact_seen": True})],
)
def test_the_weights_add_up_to_the_calls_to_expect(level: int, more: dict[str, object]) -> None:
    rates = DEFAULT.lam["other"][level]
    spans = [end - start for start, end in pairwise(STARTS)]
    expected = sum(rate * span for rate, span in zip(rates, spans, strict=False))
    found = drawn(stay(**more), 20_000)
    assert sum(ring.weight for ring in found) / 20_000 == pytest.approx(expected, rel=0.06)


def test_calls_ring_when_the_rate_is_high() -> None:
    rates = DEFAULT.lam["other"][7]
    spans = [end - start for start, end in pairwise(STARTS)]
    parts = [rate * span for rate, span in zip(rates, spans, strict=False)]
    early = sum(parts[:8]) / sum(parts)
    found = drawn(stay(), 20_000)
    weight = sum(ring.weight for ring in found)
    soon = sum(ring.weight for ring in found if ring.at <= NOON + 40 * MINUTE)
    assert soon / weight == pytest.approx(early, abs=0.03)


def test_what_was_drawn_before_another_page_does_not_ring() -> None:
    ringing = Ringing(DEFAULT, Random(7))
    each = stay(contact_seen=True)
    for _ in range(50):
        ringing.after_page(each)
    assert ringing.waiting
    each.turn += 1
    assert list(ringing.until(FOREVER)) == []


def test_a_session_without_a_number_does_not_ring() -> None:
    assert drawn(stay(pools={}), 100) == []


def test_the_longer_the_log_the_fewer_calls_are_drawn_and_the_more_each_counts() -> None:
    found = drawn(stay(contact_seen=True), 4_000)
    assert found[0].weight == 1 / 16
    assert found[-1].weight > 1 / 16
    assert [ring.weight for ring in found] == sorted(ring.weight for ring in found)
