"""What a store knows of the demand on pools, in every store."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from callgraft import read_site
from callgraft.site import Site
from callgraft.sizing import advise
from callgraft.sizing.history import DAY, Bin, PoolDemand, SiteDemand, read_demand
from callgraft.source import Touch
from callgraft.stores import Store
from callgraft.tracking.calls import take_call
from callgraft.tracking.publishing import publish
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import SessionSign
from callgraft.tracking.visits import page_view
from tests.core.backends import Backend
from tests.core.tracked import FIRST, MINUTE, NOON, backend, rings, view

__all__ = ["backend"]

DOCUMENT = """
[site]
key = "okna"
region = "RU"
[targets.main]
number = "+7 495 123-45-67"
[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
[pools.rest]
numbers = ["+7 499 000-00-03"]
[[rules]]
name = "direct"
target = "main"
when = { source = "yandex" }
pool = "direct"
[[rules]]
name = "rest"
target = "main"
pool = "rest"
"""
GOOGLE = Touch(source="google", medium="organic", channel="organic search", landing="/okna")
MIDNIGHT = NOON - timedelta(hours=12)


def document() -> Site:
    return read_site(DOCUMENT, name="okna.toml")


def seen(store: Store, session: str, at_minute: float, touch: Touch | None = None) -> None:
    more = {"touch": touch} if touch else {}
    page = view(session, NOON + at_minute * MINUTE, **more)  # type: ignore[arg-type]  # a touch
    store.write(lambda here: page_view(here, page))


@pytest.fixture
def day(backend: Backend) -> SiteDemand:
    with closing(backend.open_store()) as store:
        store.write(lambda here: publish(here, document(), at=NOON))
        for session, minute in (("a", 0), ("a", 2.5), ("b", 1), ("c", 1), ("d", 2)):
            seen(store, session, minute)
        seen(store, "e", 5, GOOGLE)
        seen(store, "late", 24 * 60, GOOGLE)
        event = rings(FIRST, NOON + 6 * MINUTE)
        store.write(lambda here: take_call(here, event, received_at=NOON + 6 * MINUTE))
        return read_demand(store, document(), since=MIDNIGHT)


def test_sessions_are_counted_by_the_rules_whether_or_not_they_got_a_number(
    day: SiteDemand,
) -> None:
    direct, rest = day.pools
    assert (direct.pool, direct.sessions, rest.pool, rest.sessions) == ("direct", 4, "rest", 1)
    assert direct.arrivals[720:723] == (1, 2, 1)
    assert len(direct.arrivals) == 1440
    assert direct.stays == (Bin(seconds=0, count=3), Bin(seconds=150, count=1))


def test_the_time_from_the_last_sign_of_life_to_the_ring_is_shared_out(day: SiteDemand) -> None:
    direct, rest = day.pools
    [silence] = direct.silences
    assert silence.seconds == 210, "three and a half minutes after the second page"
    assert 0.9 < silence.count < 1
    assert rest.silences == ()


def test_a_sign_of_life_between_pages_counts(backend: Backend) -> None:
    with closing(backend.open_store()) as store:
        store.write(lambda here: publish(here, document(), at=NOON))
        seen(store, "a", 0)
        sign = SessionSign(site="okna", session="a", at=NOON + 4 * MINUTE, kind=SignKind.VISIBLE)
        store.write(lambda here: here.add_sign(sign))
        event = rings(FIRST, NOON + 5 * MINUTE)
        store.write(lambda here: take_call(here, event, received_at=NOON + 6 * MINUTE))
        direct, _ = read_demand(store, document(), since=MIDNIGHT).pools
    assert direct.stays == (Bin(seconds=240, count=1),)
    assert [each.seconds for each in direct.silences] == [60]


def test_days_in_a_row_are_one_time(day: SiteDemand) -> None:
    after = SiteDemand(since=MIDNIGHT + DAY, pools=day.pools)
    direct, _ = (day + after).pools
    assert (direct.sessions, len(direct.arrivals)) == (8, 2880)
    assert direct.stays == (Bin(seconds=0, count=6), Bin(seconds=150, count=2))
    assert direct.calls == pytest.approx(2 * day.pools[0].calls)
    assert direct.demand().per_day == 4
    assert advise(direct.demand(), 30 * MINUTE).numbers[0.99] >= 2


def test_the_hold_that_covers_nine_calls_of_ten() -> None:
    bins = (*(Bin(seconds=60 * each, count=1) for each in range(1, 10)), Bin(seconds=7200, count=1))
    told = PoolDemand(pool="main", arrivals=(), stays=(), silences=bins)
    assert told.hold_for(0.9) == 9 * MINUTE
    assert told.hold_for(0.8) == 8 * MINUTE
    assert told.hold_for(1.0) == 120 * MINUTE
    assert told.rung_within(5 * MINUTE) == 0.5
    assert PoolDemand(pool="main", arrivals=(), stays=(), silences=()).hold_for(0.9) == 0 * MINUTE
