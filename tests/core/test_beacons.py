"""What the helper in the browser tells, from the request to the lease that it renews."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft import Engine, Page, StoreUnavailable, Visit
from callgraft.beacon import KINDS, is_from_this_site, read_beacon
from callgraft.client import EmbeddedClient
from callgraft.client.protocol import TrackingClient
from callgraft.config import Settings
from callgraft.identity import COOKIE, Identity, Seal, next_view, set_cookie
from callgraft.sites import FixedSites
from callgraft.source import Touch
from callgraft.stores.memory import MemoryStore
from callgraft.tracking.states import Sign, SignKind
from callgraft.tracking.values import LeaseState, SessionSign
from tests.core.tracked import FIRST, MINUTE, NOON, site, view

SECRET = b"a secret of sixteen bytes"
SEAL = Seal([SECRET])
SECONDS = timedelta(seconds=1)
OURS = ("Sec-Fetch-Site", "same-origin")


def who(at: datetime = NOON) -> Identity:
    arrival = Visit(url="https://okna.example/", received_at=at)
    ids = iter(["anna", "a"])
    touch = Touch(source="direct", medium="none", channel="direct")
    return next_view(None, arrival, touch, new_id=lambda: next(ids))


def cookie(identity: Identity | None = None) -> tuple[str, str]:
    sealed = set_cookie(identity or who(), SEAL, secure=True)
    return "Cookie", sealed.partition(";")[0]


def beacon(at: datetime = NOON, *headers: tuple[str, str], method: str = "POST") -> Visit:
    url = "https://okna.example/.callgraft/beacon"
    return Visit(url=url, received_at=at, method=method, headers=headers or (OURS, cookie()))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(store: MemoryStore) -> EmbeddedClient:
    client = EmbeddedClient(store, clock=lambda: NOON)
    client.publish(site(), at=NOON)
    client.page_view(replace(view("a", pages=1), identity=who()))
    return client


def engine_on(client: TrackingClient) -> Engine:
    hosted = replace(site(), hosts=("okna.example",))
    settings = Settings(strict=True, budget=timedelta(seconds=5))
    return Engine(FixedSites(hosted), client, settings=settings, secrets=(SECRET,))


def told(client: EmbeddedClient, store: MemoryStore, *beacons: tuple[Visit, bytes]) -> list[Sign]:
    """What the log of Anna's session holds besides pages, after these beacons."""
    with closing(engine_on(client)) as engine:
        for visit, body in beacons:
            assert engine.answer(visit, body).head.status == 204
    stay = store.read(lambda transaction: transaction.stays("okna", ["a"]))["a"]
    return [sign for sign in stay.log if sign.kind is not SignKind.PAGE]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("form", ["{}", '{{"kind": "{}"}}', " {}\n"])
def test_each_kind_is_logged_for_the_session_of_the_cookie(client, store, kind, form):
    body = form.format(kind.value).encode()
    assert told(client, store, (beacon(NOON + MINUTE / 2), body)) == [
        Sign(at=NOON + MINUTE / 2, kind=kind)
    ]
    [lease] = client.number_history("okna", FIRST)
    assert lease.state is LeaseState.HELD


@pytest.mark.parametrize(
    "body", [b"", b"page", b"visible active", b"[]", b"{", b'{"kind": 1}', b"\xff", b"[" * 300]
)
def test_what_is_no_beacon_is_refused(client, body):
    with closing(engine_on(client)) as engine:
        assert engine.answer(beacon(), body).head.status == 400


def test_a_beacon_that_is_too_long_is_none():
    assert read_beacon(b"visible" + b" " * 300) is None


def test_without_a_cookie_of_ours_nothing_is_kept(client, store):
    strangers = [(OURS,), (OURS, ("Cookie", f"{COOKIE}=1.W10.c2lnbmF0dXJl"))]
    for headers in strangers:
        assert told(client, store, (beacon(NOON, *headers), b"visible")) == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("Sec-Fetch-Site", "same-origin")], True),
        ([("Sec-Fetch-Site", "same-site")], False),
        ([("Sec-Fetch-Site", "cross-site"), ("Origin", "https://okna.example")], False),
        ([("Sec-Fetch-Site", "none")], False),
        ([("Origin", "https://okna.example")], True),
        ([("Origin", "https://OKNA.example")], True),
        ([("Origin", "http://okna.example")], True),
        ([("Origin", "https://okna.example:8443")], False),
        ([("Origin", "https://evil.example")], False),
        ([("Origin", "https://okna.example.evil.example")], False),
        ([("Origin", "null")], False),
        ([("Origin", "https://[okna")], False),
        ([], False),
    ],
)
def test_only_pages_of_the_same_origin_are_heard(headers, expected):
    visit = replace(beacon(), headers=tuple(headers))
    assert is_from_this_site(visit) is expected


def test_what_another_site_posts_is_refused_with_the_cookie_and_all(client, store):
    with closing(engine_on(client)) as engine:
        there = beacon(NOON, cookie(), ("Origin", "https://evil.example"))
        assert engine.answer(there, b"tel_pressed").head.status == 403
    assert told(client, store) == []


def test_beacons_are_posted(client):
    with closing(engine_on(client)) as engine:
        answer = engine.answer(beacon(method="GET"), b"")
    assert (answer.head.status, answer.head.header("allow")) == (405, "POST")


def test_input_is_logged_once_in_ten_seconds_however_often_it_is_told(client, store):
    beacons = [(beacon(NOON + second * SECONDS), b"active") for second in range(60)]
    signs = told(client, store, *beacons)
    assert [(sign.at - NOON) // SECONDS for sign in signs] == [0, 9, 19, 29, 39, 49, 59]


def test_a_flood_of_other_signs_is_thinned_to_one_a_second(client, store):
    beacons = [(beacon(NOON + step * SECONDS / 10), b"hidden") for step in range(200)]
    assert len(told(client, store, *beacons)) == 20 + 4


def test_one_session_does_not_slow_another(client, store):
    other = replace(who(), session="b", visitor="boris")
    beacons = [(beacon(NOON, OURS, cookie(other)), b"active"), (beacon(), b"active")]
    assert len(told(client, store, *beacons)) == 1


def test_a_clock_that_was_far_ahead_does_not_silence_a_session(client, store):
    ahead = NOON + timedelta(days=300)
    beacons = [(beacon(ahead), b"active"), (beacon(NOON + MINUTE), b"active")]
    assert len(told(client, store, *beacons)) == 2


def test_a_tab_that_stays_open_keeps_its_session_in_the_cookie(client):
    known = who()
    with closing(engine_on(client)) as engine:
        # Fewer than may wait for the store at one time: nobody waits for a beacon's.
        for minute in range(2, 120, 2):
            visit = beacon(NOON + minute * MINUTE, OURS, cookie(known))
            sent = engine.answer(visit, b"visible").head.header("set-cookie")
            assert sent.startswith(f"{COOKIE}=")
            assert sent.endswith("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure")
            known = SEAL.open(sent.partition("=")[2].partition(";")[0])
    after = next_view(known, replace(visit, received_at=NOON + 121 * MINUTE), None)
    assert (after.session, after.visitor) == ("a", "anna")


def test_the_cookie_is_left_when_it_is_young_and_when_the_page_is_left(client):
    with closing(engine_on(client)) as engine:
        young = engine.answer(beacon(NOON + MINUTE / 2), b"visible")
        left = engine.answer(beacon(NOON + 5 * MINUTE), b"hidden")
    assert young.head.header("set-cookie") is left.head.header("set-cookie") is None


class Stuck(EmbeddedClient):
    """A client whose store does not answer until it is let go."""

    let_go = threading.Event()
    fails = False

    def take_signs(self, signs: object) -> None:
        self.let_go.wait(10)
        raise StoreUnavailable("gone")


def test_nobody_waits_for_a_store_that_hangs_or_fails(store):
    stuck = Stuck(store, clock=lambda: NOON)
    stuck.publish(site(), at=NOON)
    lenient = Settings(budget=timedelta(milliseconds=50))
    hosted = FixedSites(replace(site(), hosts=("okna.example",)))
    with closing(Engine(hosted, stuck, settings=lenient, secrets=(SECRET,))) as engine:
        answers = [
            engine.answer(beacon(NOON + number * MINUTE), b"visible") for number in range(100)
        ]
        stuck.let_go.set()
    assert {answer.head.status for answer in answers} == {204}


def script(*headers: tuple[str, str]) -> Visit:
    url = "https://okna.example/.callgraft/helper.js"
    return Visit(url=url, received_at=NOON, headers=headers)


def answer_to(client: EmbeddedClient, visit: Visit) -> Page:
    with closing(engine_on(client)) as engine:
        return engine.answer(visit, b"")


def test_the_helper_is_a_small_script_that_browsers_may_keep(client):
    answer = answer_to(client, script())
    assert answer.head.header("content-type") == "text/javascript; charset=utf-8"
    assert answer.head.header("cache-control") == "public, max-age=3600"
    assert int(answer.head.header("content-length") or 0) == len(answer.body) < 4096
    again = answer_to(client, script(("If-None-Match", answer.head.header("etag") or "")))
    assert (again.head.status, again.body) == (304, b"")


def test_the_helper_sends_every_kind_of_beacon(client):
    text = answer_to(client, script()).body.decode()
    assert all(f'"{kind.value}"' in text for kind in KINDS)


def test_a_sign_reaches_the_store_through_the_client(client, store):
    client.take_signs([SessionSign(site="okna", session="a", at=NOON, kind=SignKind.HELPER)])
    assert told(client, store) == [Sign(at=NOON, kind=SignKind.HELPER)]
