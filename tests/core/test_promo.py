"""Promo codes through the engine: who gets one, and what everybody else sees."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, StoreUnavailable, Visit, read_site
from callgraft.client import EmbeddedClient, open_client
from callgraft.client.cached import CachedClient
from callgraft.client.passing import PassingClient
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.stores import open_store
from callgraft.tracking.promo_codes import read_code

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]

[promo]
fallback = "ask us"

[consent]
cookie = "cookie_consent"
declined = ["no"]

[[bodies]]
paths = ["/api/*"]

[[rules]]
name = "Direct"
target = "main"
when = { source = "yandex" }
pool = "direct"

[[rules]]
name = "Nobody from mail"
when = { medium = "email" }
promo = false

[[rules]]
name = "A code for campaigns"
when = { campaign = "okna*" }
promo = true
"""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HTML = b"<p>8 (495) 123-45-67, code {{ promo_code }}</p>"
FALLBACK = b"<p>8 (495) 123-45-67, code ask us</p>"
FROM_AD = "https://okna.example/?utm_source=yandex&utm_medium=cpc&utm_campaign=okna"


def visit(url=FROM_AD, *, at=NOON, agent=BROWSER, method="GET", **headers):
    fields = {"User-Agent": agent} | headers
    return Visit(
        url=url, received_at=at, headers=tuple(fields.items()), peer="203.0.113.7", method=method
    )


def page(body=HTML, kind="text/html; charset=utf-8", status=200, **headers):
    fields = (("Content-Type", kind), ("Content-Length", str(len(body))), *headers.items())
    return Page(head=Head(status=status, headers=fields), body=body)


def code_in(answer):
    found = re.search(rb"code (\d+)", answer.body)
    return found and read_code(found[1].decode())


def cookie_of(answer):
    return answer.head.header("set-cookie").partition(";")[0]


class Counting(PassingClient):
    """Counts what a store is asked of codes, and fails on demand."""

    def __init__(self, client):
        super().__init__(client)
        self.asked = 0
        self.is_down = False
        self.gate = None

    def promo_code(self, wanted, *, deadline=None):
        self.asked += 1
        if self.is_down:
            raise StoreUnavailable("down")
        if self.gate:
            self.gate.wait(20)
        return super().promo_code(wanted, deadline=deadline)

    def page_view(self, view, *, deadline=None):
        if self.is_down:
            raise StoreUnavailable("down")
        return super().page_view(view, deadline=deadline)


@pytest.fixture
def counting():
    return Counting(EmbeddedClient(open_store("memory:"), clock=lambda: NOON))


def engine_on(client, **settings):
    settings = {"strict": True, "budget": timedelta(seconds=5), **settings}
    return Engine(FixedSites(read_site(DOCUMENT)), client, settings=Settings(**settings))


@pytest.fixture
def engine(counting):
    with closing(engine_on(CachedClient(counting))) as engine:
        yield engine


def test_a_visitor_sees_a_code_beside_the_number_and_keeps_it(engine, counting):
    first = engine.swap(visit(), page())
    code = code_in(first)
    assert len(code) == 6
    assert first.body == b"<p>8 (499) 000-00-01, code " + code.encode() + b"</p>"
    later = visit("https://okna.example/contacts", at=NOON + MINUTE, Cookie=cookie_of(first))
    assert code_in(engine.swap(later, page(b"code {{promo_code}}"))) == code
    assert counting.asked == 1


def test_every_session_has_a_code_of_its_own(engine):
    codes = {code_in(engine.swap(visit(), page())) for _ in range(30)}
    assert len(codes) == 30
    assert None not in codes


def test_the_next_session_of_a_visitor_has_another_code(engine):
    first = engine.swap(visit(), page())
    later = visit(at=NOON + timedelta(days=2), Cookie=cookie_of(first))
    again = engine.swap(later, page())
    assert code_in(again) not in (None, code_in(first))
    told = (
        engine.client.promo("okna", code_in(first)).code,
        engine.client.promo("okna", code_in(again)).code,
    )
    assert told[0].visitor == told[1].visitor
    assert told[0].session != told[1].session


def test_a_page_with_a_code_is_private_and_loses_its_validators(engine):
    kept = {"ETag": '"1"', "Cache-Control": "public, s-maxage=600", "Last-Modified": "x"}
    for who in (visit(), visit(agent=GOOGLEBOT)):
        answer = engine.swap(who, page(b"code {{ promo_code }}", **kept))
        assert answer.head.header("cache-control") == "private, no-cache"
        assert answer.head.header("etag") is None
        assert answer.head.header("last-modified") is None
        assert answer.head.header("content-length") == str(len(answer.body))


def test_a_bot_sees_the_fallback_and_takes_no_code(engine, counting):
    assert engine.swap(visit(agent=GOOGLEBOT), page()).body == FALLBACK
    assert counting.asked == 0


def test_who_declined_sees_the_fallback_and_nothing_is_kept(engine, counting):
    answer = engine.swap(visit(Cookie="cookie_consent=no"), page())
    assert answer.body == FALLBACK
    assert answer.head.header("set-cookie") is None
    assert counting.asked == 0


@pytest.mark.parametrize(
    "url", ["https://okna.example/", "https://okna.example/?utm_campaign=may&utm_medium=email"]
)
def test_whom_no_rule_covers_sees_the_fallback(engine, counting, url):
    assert engine.swap(visit(url), page()).body == FALLBACK
    assert counting.asked == 0


def test_while_the_store_is_down_a_code_that_is_known_stays(counting):
    with closing(engine_on(CachedClient(counting), strict=False)) as engine:
        first = engine.swap(visit(), page())
        counting.is_down = True
        assert engine.swap(visit(), page()).body == FALLBACK
        later = visit("https://okna.example/2", at=NOON + MINUTE, Cookie=cookie_of(first))
        assert code_in(engine.swap(later, page())) == code_in(first)


def test_a_late_code_is_not_waited_for_and_the_number_is_shown(counting):
    counting.gate = threading.Event()
    settings = {"strict": False, "budget": timedelta(milliseconds=60)}
    with closing(engine_on(CachedClient(counting), **settings)) as engine:
        answer = engine.swap(visit(), page())
        counting.gate.set()
    assert answer.body == b"<p>8 (499) 000-00-01, code ask us</p>"


def test_an_event_loop_gets_codes_too(engine):
    async def both():
        first = await engine.aswap(visit(), page())
        later = visit("https://okna.example/2", at=NOON + MINUTE, Cookie=cookie_of(first))
        return first, await engine.aswap(later, page())

    first, second = asyncio.run(both())
    assert code_in(first) == code_in(second) is not None


@pytest.mark.parametrize(
    ("status", "method"), [(404, "GET"), (500, "GET"), (200, "POST"), (422, "POST")]
)
def test_no_page_of_any_status_shows_the_braces(engine, counting, status, method):
    asked, answer = visit(method=method), page(status=status)
    assert engine.wants(answer.head, asked)
    got = engine.swap(asked, answer)
    assert (got.head.status, got.body) == (status, FALLBACK)
    assert got.head.header("set-cookie") is None
    assert counting.asked == 0


def test_an_error_page_without_a_mark_is_left_alone(engine):
    error = page(b"<p>8 (495) 123-45-67</p>", status=404, ETag='"1"')
    assert engine.swap(visit(), error) == error


@pytest.mark.parametrize(
    ("status", "method", "kind"),
    [(304, "GET", "text/html"), (302, "GET", "text/html"), (206, "GET", "text/html"),
     (200, "HEAD", "text/html"), (404, "GET", "image/png")],
)  # fmt: skip
def test_what_is_no_whole_page_is_left_alone(engine, status, method, kind):
    assert not engine.wants(page(kind=kind, status=status).head, visit(method=method))


def test_a_site_without_promo_codes_leaves_error_pages_alone():
    site = read_site(DOCUMENT.split("[[rules]]")[0].replace("[promo]\nfallback", "#"))
    with closing(Engine(FixedSites(site), open_client("memory:"))) as engine:
        assert not engine.wants(page(status=404).head, visit())
        assert engine.swap(visit(), page(b"{{ promo_code }}")).body == b"{{ promo_code }}"


def test_what_a_page_loads_has_the_pages_code(engine):
    first = engine.swap(visit(), page())
    loaded = visit(
        "https://okna.example/api/header", Cookie=cookie_of(first), Referer=FROM_AD, at=NOON
    )
    body = page(b'{"text": "code {{ promo_code }}"}', "application/json")
    assert code_in(engine.swap(loaded, body)) == code_in(first)


def test_another_charset_and_coding_hold_a_code(engine):
    body = "<p>Код {{ promo_code }}".encode("cp1251")
    answer = engine.swap(visit(), page(body, "text/html; charset=windows-1251"))
    assert re.fullmatch("<p>Код [1-9][0-9]{5}".encode("cp1251"), answer.body)


def test_who_was_forgotten_gets_another_code(engine):
    first = engine.swap(visit(), page())
    code = code_in(first)
    visitor = engine.client.promo("okna", code).code.visitor
    engine.client.forget("okna", visitor=visitor, at=NOON)
    assert engine.client.promo("okna", code) is None
    again = engine.swap(visit(at=NOON + MINUTE, Cookie=cookie_of(first)), page())
    assert code_in(again) not in (None, code)
