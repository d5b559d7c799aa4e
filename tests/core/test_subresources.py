"""What a page loads besides itself: the visitor's numbers, and no visit of its own."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, read_site
from callgraft.client import EmbeddedClient
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.stores import open_store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = read_site(
    """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
hold = "30m"

[fixed.spb]
number = "+7 812 000-00-77"
source = "spb"

[[bodies]]
paths = ["/api/контакты*"]
types = ["json"]

[[bodies]]
paths = ["re:^/feed[.]xml$", "*/basket"]

[[images]]
url = "/img/phone.png"
target = "main"
notation = "8 (495) 123-45-67"

[[rules]]
name = "Petersburg's page"
target = "main"
when = { path = "/spb/*" }
fixed = "spb"

[[rules]]
name = "Ads"
target = "main"
when = { source = "yandex" }
pool = "direct"
"""
)
BROWSER = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0"
FROM_AD = "https://okna.example/?utm_source=yandex"
API = "https://okna.example/api/%D0%BA%D0%BE%D0%BD%D1%82%D0%B0%D0%BA%D1%82%D1%8B"
PICTURE = "https://okna.example/img/phone.png?v=3"
JSON = b'{"phone": "8 (495) 123-45-67"}'
ANNAS = b'{"phone": "8 (499) 000-00-01"}'
GIF = b"GIF89a\xdc\x00\x20\x00\x80\0\0"


@pytest.fixture
def store():
    with closing(open_store("memory:")) as store:
        yield store


@pytest.fixture
def engine(store):
    client = EmbeddedClient(store, clock=lambda: NOON)
    settings = Settings(strict=True, budget=timedelta(seconds=5))
    with closing(Engine(FixedSites(SITE), client, settings=settings)) as engine:
        yield engine


@pytest.fixture
def anna(engine):
    """The cookie of a visitor who came by an advertisement at noon and sees the first number."""
    answer = engine.swap(visit(FROM_AD), response(b"<p>8 (495) 123-45-67</p>", "text/html"))
    assert answer.body == b"<p>8 (499) 000-00-01</p>"
    return answer.head.header("set-cookie").partition(";")[0]


def visit(url=API, at=NOON, cookie="", referer="", agent=BROWSER, **more):
    headers = [("User-Agent", agent), ("Cookie", cookie), ("Referer", referer)]
    return Visit(
        url=url, received_at=at, headers=tuple(each for each in headers if each[1]), **more
    )


def response(body=JSON, kind="application/json", *headers, status=200):
    fields = (("Content-Type", kind), ("Content-Length", str(len(body))), *headers)
    return Page(head=Head(status=status, headers=fields), body=body)


def leases(store):
    return list(store.read(lambda t: t.leases_on("okna", "+74990000001", limit=9)))


def visits(store):
    session = lease(store).session
    return store.read(lambda t: t.stays("okna", [session]))[session].log


def lease(store):
    [found] = leases(store)
    return found


@pytest.mark.parametrize(
    ("url", "kind", "wanted"),
    [
        (API, "application/json", True),
        (API + "/7?city=1", "application/vnd.api+json; charset=utf-8", True),
        (API, "text/xml", False),
        (API, "application/x-ndjson", False),
        (API, "application/stream+json", False),
        (API, "text/event-stream", False),
        (API, "image/png", False),
        ("https://okna.example/api/other", "application/json", False),
        ("https://okna.example/feed.xml", "application/rss+xml", True),
        ("https://okna.example/feed.xml", "text/plain", True),
        ("https://okna.example/feed.xml2", "application/rss+xml", False),
        ("https://okna.example/shop/basket", "text/vnd.turbo-stream.html", True),
        ("https://okna.example/shop/basket", "application/pdf", False),
        (PICTURE, "image/png", True),
        (PICTURE, "image/svg+xml", True),
        (PICTURE, "application/json", False),
        ("https://okna.example/img/other.png", "image/png", False),
        ("https://other.example/img/phone.png", "image/png", False),
        ("https://okna.example/any", "text/html", True),
    ],
)
def test_only_what_the_document_lists_is_wanted(engine, url, kind, wanted):
    assert engine.wants(response(kind=kind).head, visit(url)) is wanted


@pytest.mark.parametrize(
    ("head", "method"),
    [
        (response(status=404).head, "GET"),
        (response(status=206).head, "GET"),
        (response().head, "POST"),
        (response().head, "HEAD"),
        (response(JSON, "application/json", ("Cache-Control", "no-transform")).head, "GET"),
        (response(JSON, "application/json", ("Content-Encoding", "dcb")).head, "GET"),
        (response(JSON, "application/json", ("Content-Disposition", "attachment")).head, "GET"),
    ],
)
def test_the_same_exceptions_hold_as_for_pages(engine, head, method):
    assert not engine.wants(head, visit(method=method))


def test_a_fetch_gets_the_visitors_number_and_sets_no_cookie(engine, anna):
    answer = engine.swap(visit(cookie=anna), response(JSON, "application/json", ("ETag", '"1"')))
    assert answer.body == ANNAS
    assert answer.head.headers == (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(ANNAS))),
        ("Cache-Control", "private, no-cache"),
    )


def test_a_fetch_is_no_visit_but_a_sign_of_life(engine, store, anna):
    before = lease(store).held_until
    engine.swap(visit(cookie=anna, at=NOON + 10 * MINUTE), response())
    assert len(visits(store)) == 1
    assert lease(store).held_until == before + 10 * MINUTE


@pytest.mark.parametrize("url", [API, PICTURE])
def test_nobody_without_our_cookie_takes_a_number(engine, store, url):
    body, kind = (JSON, "application/json") if url == API else (GIF, "image/gif")
    answer = engine.swap(visit(url), response(body, kind, ("ETag", '"1"')))
    assert answer.body == body
    assert answer.head.header("content-type") == kind
    assert answer.head.header("etag") is None
    assert answer.head.header("cache-control") == "private, no-cache"
    assert answer.head.header("set-cookie") is None
    assert leases(store) == []


def test_a_forged_cookie_is_none(engine):
    assert engine.swap(visit(cookie="callgraft=1.W10.c2ln"), response()).body == JSON


def test_a_tab_left_open_does_not_keep_its_number_for_ever(engine, store, anna):
    asked = [NOON + minutes * MINUTE for minutes in (10, 20, 30)]
    for at in asked:
        assert engine.swap(visit(cookie=anna, at=at), response()).body == ANNAS
    later = visit(cookie=anna, at=NOON + 31 * MINUTE)
    assert engine.swap(later, response()).body == JSON
    # One page view is no evidence of a person, so the lease is provisional: five minutes.
    assert lease(store).held_until == NOON + 35 * MINUTE


def test_a_bot_gets_the_original_though_it_shows_a_cookie(engine, anna):
    crawler = visit(cookie=anna, agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    assert engine.swap(crawler, response()).body == JSON


def test_rules_look_at_the_page_that_loads_it(engine, anna):
    at_spb = visit(cookie=anna, referer="https://okna.example/spb/contacts")
    assert engine.swap(at_spb, response()).body == b'{"phone": "8 (812) 000-00-77"}'


@pytest.mark.parametrize("referer", ["https://other.example/spb/", "nonsense", "http://[", ""])
def test_a_referrer_elsewhere_counts_for_nothing(engine, anna, referer):
    assert engine.swap(visit(cookie=anna, referer=referer), response()).body == ANNAS


def test_a_body_without_the_number_stays_as_it_is(engine, anna):
    nothing = response(b"{}", "application/json", ("Cache-Control", "public"), ("ETag", '"1"'))
    assert engine.swap(visit(cookie=anna), nothing) == nothing


def test_a_number_image_becomes_a_drawing_of_the_visitors_number(engine, anna):
    answer = engine.swap(visit(PICTURE, cookie=anna), response(GIF, "image/gif", ("ETag", '"1"')))
    assert b">8 (499) 000-00-01</text>" in answer.body
    assert b'width="220" height="32"' in answer.body
    assert sorted(answer.head.headers) == [
        ("Cache-Control", "private, no-cache"),
        ("Content-Length", str(len(answer.body))),
        ("Content-Type", "image/svg+xml"),
    ]


def test_an_svg_of_the_site_is_drawn_as_large_as_it_was(engine, anna):
    svg = response(b'<svg width="100" height="20"><path d=""/></svg>', "image/svg+xml")
    answer = engine.swap(visit(PICTURE, cookie=anna), svg)
    assert b'width="100" height="20"' in answer.body
    assert b">8 (499) 000-00-01</text>" in answer.body


def test_where_the_rules_keep_the_number_the_image_stays(engine):
    landing = visit("https://okna.example/")
    answer = engine.swap(landing, response(b"<p>8 (495) 123-45-67</p>", "text/html"))
    cookie = answer.head.header("set-cookie").partition(";")[0]
    assert engine.swap(visit(PICTURE, cookie=cookie), response(GIF, "image/gif")).body is GIF
