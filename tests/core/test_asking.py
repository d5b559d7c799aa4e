"""What pages show while the store answers, and while it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, read_site
from callgraft.client import EmbeddedClient
from callgraft.client.cached import CachedClient
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.stores.memory import MemoryStore
from tests.core.tracked import NOON

SITE = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01"]
overflow = "+7 499 000-00-99"
hold = "30m"

[pools.other]
numbers = ["+7 499 000-00-02"]
hold = "30m"

[[rules]]
name = "Advertisement"
target = "main"
when = { source = "yandex" }
pool = "direct"

[[rules]]
name = "All others"
target = "main"
pool = "other"
"""
BROWSER = (
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537.36"
)
ADVERTISEMENT = "https://okna.example/?utm_source=yandex&utm_medium=cpc"
SECONDS = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
BODY = b"<p>8 (495) 123-45-67</p>"
OWN, OVERFLOW = b"<p>8 (499) 000-00-01</p>", b"<p>8 (499) 000-00-99</p>"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def engine(store: MemoryStore) -> Iterator[Engine]:
    client = CachedClient(EmbeddedClient(store, clock=lambda: NOON))
    settings = Settings(budget=timedelta(milliseconds=100))
    with closing(Engine(FixedSites(read_site(SITE)), client, settings=settings)) as engine:
        engine.make_ready(at=NOON)
        yield engine


@contextmanager
def hanging(store: MemoryStore) -> Iterator[None]:
    """The store answers nobody, as if another one had the lock of it all."""
    with store._lock:
        yield


def visit(after: timedelta = 0 * SECONDS, cookie: str = "", url: str = ADVERTISEMENT) -> Visit:
    headers = [("User-Agent", BROWSER), *([("Cookie", cookie)] if cookie else [])]
    return Visit(url=url, received_at=NOON + after, headers=tuple(headers), peer="203.0.113.7")


def page() -> Page:
    head = (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(BODY))))
    return Page(head=Head(headers=head), body=BODY)


def cookie_of(answer: Page) -> str:
    return (answer.head.header("set-cookie") or "").partition(";")[0]


def swapped(engine: Engine, asked: Visit) -> Page:
    return engine.swap(asked, page())


def swapped_async(engine: Engine, asked: Visit) -> Page:
    return asyncio.run(engine.aswap(asked, page()))


Swap = Callable[[Engine, Visit], Page]
EACH_WAY = pytest.mark.parametrize("swap", [swapped, swapped_async])


@EACH_WAY
def test_inside_a_lease_a_page_does_not_wait_for_the_store(engine, store, swap: Swap):
    cookie = cookie_of(swap(engine, visit()))
    cookie = cookie_of(swap(engine, visit(SECONDS, cookie)))  # from here on it is held
    with hanging(store):
        assert swap(engine, visit(59 * SECONDS, cookie)).body == OWN


@EACH_WAY
def test_without_the_store_a_visitor_keeps_the_number_until_its_hold_ends(
    engine, store, swap: Swap
):
    cookie = cookie_of(swap(engine, visit()))
    cookie = cookie_of(swap(engine, visit(SECONDS, cookie)))
    with hanging(store):
        assert swap(engine, visit(29 * MINUTE, cookie)).body == OWN
        assert swap(engine, visit(31 * MINUTE, cookie)).body == OVERFLOW


@EACH_WAY
def test_without_the_store_others_see_the_overflow_number_or_the_original(
    engine, store, swap: Swap
):
    with hanging(store):
        shown = swap(engine, visit())
        plain = swap(engine, visit(url="https://okna.example/"))
    assert shown.body == OVERFLOW
    assert shown.head.header("cache-control") == "private, no-cache"
    assert plain.body == BODY


def test_page_views_of_an_outage_are_known_afterwards(engine, store):
    cookie = cookie_of(engine.swap(visit(), page()))
    with hanging(store):
        engine.swap(visit(20 * MINUTE, cookie), page())
    engine.close()
    [lease] = store.read(lambda here: here.leases_on("okna", "+74990000001", limit=9))
    stays = store.read(lambda here: here.stays("okna", [lease.session]))
    assert [sign.at - NOON for sign in stays[lease.session].log] == [0 * MINUTE, 20 * MINUTE]
