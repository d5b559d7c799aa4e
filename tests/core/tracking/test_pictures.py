"""The pictures that numbers are chosen by: exact in one process, soon up to date in several."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.client.lookout import Lookout
from callgraft.errors import StoreUnavailable
from callgraft.source import Touch
from callgraft.stores import Store, open_store
from callgraft.tracking.choice import Newcomer
from callgraft.tracking.drawing import draw
from callgraft.tracking.learned import text_of
from callgraft.tracking.pictures import Pictures
from callgraft.tracking.states import SignKind
from callgraft.tracking.tables import DEFAULT
from callgraft.tracking.values import Assignment, PageView, SessionSign, Why
from tests.core.backends import Backend
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    SECOND,
    THIRD,
    pool,
    rings,
    site,
    view,
    wanted,
)

THREE = pool(numbers=(FIRST, SECOND, THIRD))
NUMBERS = (FIRST, SECOND, THIRD)


def touch(source: str) -> Touch:
    return Touch(source=source, medium="cpc", channel="paid search")


def page(session: str, minute: float, source: str = "yandex", *, visitor: str = "") -> PageView:
    at = NOON + minute * MINUTE
    return view(session, at, wanted(THREE), touch=touch(source), visitor=visitor)


def comes(
    client: EmbeddedClient, session: str, minute: float, source: str = "yandex", visitor: str = ""
) -> Assignment:
    return client.page_view(page(session, minute, source, visitor=visitor))[0]


@pytest.fixture
def client(client: EmbeddedClient) -> EmbeddedClient:
    client.publish(site(THREE, version="2"), at=NOON)
    return client


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("view", "contact", "active", "hidden", "visible", "tel_pressed", "call")),
        st.sampled_from("abcdef"),
        st.integers(0, 40),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.sampled_from(("yandex", "google")))
def test_in_one_process_a_picture_is_what_the_store_knows(
    steps: list[tuple[str, str, int]], source: str
) -> None:
    store = open_store("memory:")
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(site(THREE, version="2"), at=NOON)
    minute = 0.0
    for number, (what, session, more) in enumerate(steps):
        minute += more + 0.01
        at = NOON + minute * MINUTE
        if what in ("view", "contact"):
            shown = page(session, minute, "google" if session < "c" else "yandex")
            client.page_view(replace(shown, is_contact=what == "contact"))
        elif what == "call":
            client.take_call(rings(NUMBERS[more % 3], at, call=f"call {number}"))
        else:
            sign = SessionSign(site="okna", session=session, at=at, kind=SignKind(what))
            client.take_signs([sign])
    newcomer = Newcomer(visitor="visitor of a", source=source)
    drawn = draw(store.read, "okna", THREE.key)
    kept = client._pictures._pictures.get(("okna", THREE.key))
    assert drawn
    if kept and kept.picture:
        for later in (0, 7, 90, 5000):
            at = NOON + (minute + later) * MINUTE
            costs = drawn.costs(newcomer, NUMBERS, at)
            assert kept.picture.costs(newcomer, NUMBERS, at) == pytest.approx(costs, abs=1e-12)


def test_numbers_gather_by_source(client: EmbeddedClient) -> None:
    big = pool(numbers=tuple(f"+749900000{index:02}" for index in range(12)))
    client.publish(site(big, version="3"), at=NOON)
    dealt: dict[str, set[str | None]] = {"google": set(), "yandex": set()}
    for index in range(200):
        source = "google" if index % 2 else "yandex"
        if index % 10 == 0:
            client.look_around(at=NOON + index * MINUTE)
        at = NOON + 3 * index * MINUTE
        shown = client.page_view(view(f"s{index}", at, wanted(big), touch=touch(source)))[0]
        if index > 60:
            dealt[source].add(shown.number)
    assert len(dealt["google"] & dealt["yandex"]) <= 1


def test_a_full_pool_shares_the_number_that_costs_least(client: EmbeddedClient) -> None:
    sharing = replace(THREE, when_full="share")
    client.publish(site(sharing, version="3"), at=NOON)
    for session, source in (("a", "google"), ("b", "yandex"), ("c", "google")):
        at = NOON if session != "b" else NOON + MINUTE
        client.page_view(view(session, at, wanted(sharing), touch=touch(source)))
    client.look_around(at=NOON + MINUTE)
    asked = view("d", NOON + 2 * MINUTE, wanted(sharing), touch=touch("yandex"))
    [shown] = client.page_view(asked)
    # The one that is silent shortest, and of the same source.
    assert (shown.number, shown.why) == (SECOND, Why.SHARED)
    assert shown.chosen is not None
    assert shown.chosen.among == 3


def test_a_visitor_who_returns_gets_the_same_number_unless_that_costs_more(
    client: EmbeddedClient,
) -> None:
    comes(client, "a1", 0, visitor="a")
    comes(client, "b", 0)
    comes(client, "c", 0)
    client.look_around(at=NOON)
    again = comes(client, "a2", 31, visitor="a")
    assert (again.number, again.why) == (FIRST, Why.RETURNED)
    # Somebody pressed the call link of it since: any other number is better now.
    client.release("okna", "a2", at=NOON + 31 * MINUTE)
    comes(client, "d", 62)
    there = comes(client, "e", 62)
    pressed = SessionSign(
        site="okna", session="e", at=NOON + 63 * MINUTE, kind=SignKind.TEL_PRESSED
    )
    client.take_signs([pressed])
    client.look_around(at=NOON + 63 * MINUTE)
    assert comes(client, "a3", 95, visitor="a").number != there.number


def test_a_call_makes_whoever_made_it_cost_less(client: EmbeddedClient) -> None:
    for session in "abc":
        comes(client, session, 0)
    client.look_around(at=NOON)
    before = comes(client, "d", 30).chosen
    client.take_call(rings(SECOND, NOON + 31 * MINUTE))
    after = comes(client, "e", 31)
    assert before is not None
    assert (before.cost, before.runner_up, after.number) == (before.runner_up_cost, SECOND, SECOND)
    assert after.chosen is not None
    assert after.chosen.cost < before.cost
    assert after.chosen.runner_up == THIRD


def test_a_choice_is_told_in_words(client: EmbeddedClient) -> None:
    for session in "ab":
        comes(client, session, 0)
    client.look_around(at=NOON)
    words = "chosen by cost 0.0000 among 1"
    assert str(comes(client, "c", 0).chosen) == words
    told = str(comes(client, "d", 30).chosen)
    assert told == "chosen by cost 0.0034 among 3; next +74990000002 with 0.0034"


def test_what_another_process_did_is_seen_with_the_next_look(shared: Backend) -> None:
    with closing(shared.open_store()) as one, closing(shared.open_store()) as other:
        here = EmbeddedClient(one, clock=lambda: NOON)
        there = EmbeddedClient(other, clock=lambda: NOON)
        here.publish(site(THREE, version="2"), at=NOON)
        for session in "ab":
            assert comes(there, session, 0).chosen is None
        assert comes(here, "c", 0).chosen is None  # until somebody looks
        here.look_around(at=NOON)
        for minute in (1, 2, 3):
            comes(there, "a", minute)
        at = NOON + 3 * MINUTE
        there.take_signs([SessionSign(site="okna", session="c", at=at, kind=SignKind.TEL_PRESSED)])
        comes(here, "d", 3)  # whoever asks for numbers makes somebody look
        here.look_around(at=at)
        shown = comes(here, "e", 34)
        assert (shown.number, shown.chosen and shown.chosen.runner_up) == (SECOND, FIRST)


def test_new_tables_make_a_new_picture(client: EmbeddedClient, store: Store) -> None:
    for session in "abc":
        comes(client, session, 0)
    client.look_around(at=NOON)
    before = comes(client, "d", 30).chosen
    doubled = {
        device: tuple(tuple(2 * each for each in row) for row in rows)
        for device, rows in DEFAULT.val.items()
    }
    text = text_of(replace(DEFAULT, version="learned-1", val=doubled))
    store.write(lambda here: here.put_tables("okna", "learned-1", text))
    client.look_around(at=NOON + 30 * MINUTE)
    after = comes(client, "e", 30).chosen
    assert before is not None
    assert after is not None
    assert after.cost == pytest.approx(2 * before.cost)


def test_whoever_is_forgotten_is_in_no_picture(client: EmbeddedClient) -> None:
    comes(client, "a", 0)
    client.look_around(at=NOON)
    client.forget("okna", visitor="visitor of a", at=NOON)
    assert not client._pictures._pictures


def test_a_pool_of_very_many_numbers_needs_no_picture() -> None:
    huge = pool(numbers=tuple(f"+7499{index:07}" for index in range(5001)))
    client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
    client.publish(site(huge, version="2"), at=NOON)
    [shown] = client.page_view(view("a", NOON, wanted(huge)))
    assert (shown.why, shown.chosen) == (Why.FREE, None)


def test_where_there_is_no_room_a_picture_that_nobody_uses_makes_some(
    client: EmbeddedClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callgraft.tracking.pictures.ROOM", 1)
    other = pool("piter", ("+78120000001",))
    client.publish(site(THREE, other, version="3"), at=NOON)

    def look_at_both(minute: float) -> set[str]:
        at = NOON + minute * MINUTE
        for terms, session in ((THREE, "a"), (other, "b")):
            client.page_view(view(f"{session} at {minute}", at, wanted(terms)))
            client.look_around(at=at)
        return {key[1] for key, _ in client._pictures._pictures.items()}

    look_at_both(0)
    assert len(look_at_both(1)) == 1
    [before] = client._pictures._pictures
    at = NOON + 90 * MINUTE
    late = other if before[1] == THREE.key else THREE
    client.page_view(view("c", at, wanted(late)))
    client.look_around(at=at)
    assert {key[1] for key in client._pictures._pictures} == {late.key}


def test_somebody_looks_soon_after_numbers_were_asked_for_and_only_then() -> None:
    looked, go_on = threading.Semaphore(0), threading.Event()

    def look() -> None:
        looked.release()
        if not go_on.is_set():
            raise StoreUnavailable("It has to be looked at again.")

    lookout = Lookout(look, after=0.0, every=0.0)
    assert lookout._thread is None
    for _ in range(2):
        lookout.wake()
        assert looked.acquire(timeout=10)
    go_on.set()
    lookout.close()
    lookout.wake()  # whoever asks while all is closed starts nothing
    assert lookout._thread is not None
    assert not lookout._thread.is_alive()


def test_pictures_begin_afresh_in_a_forked_process() -> None:
    client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
    client.publish(site(THREE, version="2"), at=NOON)
    comes(client, "a", 0)
    pictures = client._pictures
    assert pictures._pictures
    with pictures._lock:  # somebody is at it at that very moment
        child = os.fork()
        if child == 0:
            os._exit(0 if pictures._of("okna") and comes(client, "b", 1).number == SECOND else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_pool_that_nobody_asks_for_is_looked_at_no_more(client: EmbeddedClient) -> None:
    comes(client, "a", 0)
    client.look_around(at=NOON)
    kept = next(iter(client._pictures._pictures.values()))
    client.look_around(at=NOON + HOLD)
    assert kept.looked_at == NOON
    comes(client, "b", 31)
    client.look_around(at=NOON + HOLD + timedelta(minutes=2))
    assert kept.looked_at == NOON + HOLD + timedelta(minutes=2)


def test_a_look_is_given_up_when_its_process_ends(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/callgraft.db")) as store:
        pictures = Pictures(store, asked=lambda: None)
        assert pictures.costs(view("a"), wanted()) is None
        pictures.close()
        with pytest.raises(StoreUnavailable):
            pictures.look(at=NOON)
