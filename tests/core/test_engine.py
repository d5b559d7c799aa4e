"""The seven steps of a page view, on a memory store, with time as an argument."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, SetupError, StoreUnavailable, Visit, read_site
from callgraft.client import open_client
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.telephony.generic import signed_event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SITE = read_site(
    f"""
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
overflow = "+7 499 000-00-99"
hold = "30m"

[fixed.organic]
number = "+7 499 000-00-70"
source = "search"
medium = "organic"

[providers.generic]
secret = "{SECRET}"

[[rules]]
name = "Yandex Direct"
target = "main"
when = {{ source = "yandex", medium = "cpc" }}
pool = "direct"

[[rules]]
name = "Organic"
target = "main"
when = {{ medium = "organic" }}
fixed = "organic"
"""
)
BROWSER = (
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HTML = b"<p>8 (495) 123-45-67</p>"
FROM_AD = "https://okna.example/?utm_source=yandex&utm_medium=cpc&utm_campaign=okna"
LATER = timedelta(minutes=1)


@pytest.fixture
def engine():
    with closing(engine_on(open_client("memory:"))) as engine:
        yield engine


def engine_on(client, **settings):
    settings = {"strict": True, "budget": timedelta(seconds=5), **settings}
    return Engine(FixedSites(SITE), client, settings=Settings(**settings))


def visit(url=FROM_AD, at=NOON, cookie=None, agent=BROWSER, **more):
    headers = [("User-Agent", agent), *more.pop("headers", ())]
    if cookie:
        headers.append(("Cookie", f"callgraft={cookie}"))
    return Visit(url=url, received_at=at, headers=tuple(headers), peer="203.0.113.7", **more)


def page(body=HTML, *headers):
    head = (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body))))
    return Page(head=Head(headers=head + headers), body=body)


def cookie_of(answer):
    return answer.head.header("set-cookie").partition("=")[2].partition(";")[0]


def test_two_visitors_see_two_numbers_in_the_notation_of_the_target(engine):
    assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"
    assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-02</p>"


def test_a_visitor_keeps_the_number_from_page_to_page(engine):
    first = engine.swap(visit(), page())
    engine.swap(visit(), page())
    second = engine.swap(
        visit("https://okna.example/contacts", at=NOON + LATER, cookie=cookie_of(first)),
        page(b"<a href='tel:+74951234567'>+7 495 123 45 67</a>"),
    )
    assert second.body == b"<a href='tel:+74990000001'>+7 499 000 00 01</a>"


def test_a_script_that_the_header_allows_by_its_hash_is_left_alone(engine):
    script = b'<script>window.__STATE__ = {"phone": "8 (495) 123-45-67"}</script>'
    policy = ("Content-Security-Policy", "script-src 'self' 'sha256-x'")
    assert engine.swap(visit(), page(script + HTML)).body.count(b"8 (499) 000-00-01") == 2
    answer = engine.swap(visit(), page(script + HTML, policy))
    assert answer.body == script + b"<p>8 (499) 000-00-02</p>"


def test_the_touch_of_a_landing_page_without_a_number_counts_on_the_next_page(engine):
    landing = engine.swap(visit(), page(b"<h1>Windows</h1>"))
    assert landing.body == b"<h1>Windows</h1>"
    next_page = visit("https://okna.example/contacts", at=NOON + LATER, cookie=cookie_of(landing))
    assert engine.swap(next_page, page()).body == b"<p>8 (499) 000-00-01</p>"


def test_a_dry_pool_shows_its_overflow_number(engine):
    for _ in range(2):
        engine.swap(visit(), page())
    assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-99</p>"


def test_a_fixed_number_is_shown_without_a_lease(engine):
    found = visit("https://okna.example/?utm_source=google&utm_medium=organic")
    assert engine.swap(found, page()).body == b"<p>8 (499) 000-00-70</p>"
    assert engine.swap(found, page()).body == b"<p>8 (499) 000-00-70</p>"


def test_without_a_matching_rule_the_number_stays_and_the_visitor_is_known(engine):
    answer = engine.swap(visit("https://okna.example/"), page())
    assert answer.body == HTML
    assert answer.head.header("set-cookie").startswith("callgraft=")


@pytest.mark.parametrize(
    "request_",
    [
        visit(agent=GOOGLEBOT),
        visit(agent="TelegramBot (like TwitterBot)"),
        visit(agent="curl/8.5.0"),
        visit(headers=[("Sec-Purpose", "prefetch")]),
    ],
    ids=["bot", "link preview", "tool", "prefetch"],
)
def test_who_is_no_person_gets_the_original_and_takes_no_number(engine, request_):
    answer = engine.swap(request_, page())
    assert answer.body == HTML
    assert answer.head.header("set-cookie") is None
    assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"


def test_a_page_with_a_visitors_number_is_private_and_has_no_validator(engine):
    headers = (
        ("Cache-Control", "public, s-maxage=600"),
        ("ETag", '"1"'),
        ("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT"),
        ("Expires", "Mon, 02 Mar 2037 10:00:00 GMT"),
        ("X-Powered-By", "PHP/5.2"),
    )
    answer = engine.swap(visit(), page(HTML, *headers))
    assert [pair for pair in answer.head.headers if pair[0] != "Set-Cookie"] == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(answer.body))),
        ("X-Powered-By", "PHP/5.2"),
        ("Cache-Control", "private, no-cache"),
    ]


def test_a_bots_copy_of_a_page_with_a_target_is_not_for_shared_caches(engine):
    answer = engine.swap(
        visit(agent=GOOGLEBOT), page(HTML, ("Cache-Control", "public"), ("ETag", "1"))
    )
    assert answer.head.header("cache-control") == "private, no-cache"
    assert answer.head.header("etag") is None


def test_a_page_without_a_target_keeps_its_head_when_the_visitor_is_known(engine):
    cookie = cookie_of(engine.swap(visit(), page()))
    second = visit("https://okna.example/a", at=NOON + timedelta(seconds=5), cookie=cookie)
    cookie = cookie_of(engine.swap(second, page(b"<p>-</p>")))
    third = visit("https://okna.example/b", at=NOON + timedelta(seconds=9), cookie=cookie)
    plain = page(b"<p>-</p>", ("Cache-Control", "public"), ("ETag", '"1"'))
    assert engine.swap(third, plain) == plain


def test_a_response_that_sets_our_cookie_is_private(engine):
    answer = engine.swap(visit(), page(b"<p>-</p>", ("Cache-Control", "public"), ("ETag", '"1"')))
    assert answer.head.header("cache-control") == "private, no-cache"
    assert answer.head.header("etag") == '"1"'


def test_a_packed_page_is_packed_again(engine):
    packed = gzip.compress(HTML)
    answer = engine.swap(visit(), page(packed, ("Content-Encoding", "gzip")))
    assert gzip.decompress(answer.body) == b"<p>8 (499) 000-00-01</p>"
    assert answer.head.header("content-length") == str(len(answer.body))
    assert answer.head.header("content-encoding") == "gzip"


def test_a_truncated_packed_page_leaves_as_it_came_and_the_log_says_why(caplog):
    broken = page(gzip.compress(HTML * 50)[:-9], ("Content-Encoding", "gzip"))
    with closing(engine_on(open_client("memory:"), strict=False)) as engine:
        assert engine.swap(visit(), broken) is broken
    assert "okna.example/ goes out unchanged: The body ends before" in caplog.text


def test_blocking_and_asynchronous_forms_give_the_same_page(engine):
    first = engine.swap(visit(), page())
    again = visit(at=NOON + LATER, cookie=cookie_of(first))
    assert asyncio.run(engine.aswap(again, page())).body == first.body


def test_large_pages_are_swapped_too(engine):
    filler = b"<p>" + b"-" * 300_000 + b"</p>"
    answer = asyncio.run(engine.aswap(visit(), page(filler + HTML)))
    assert answer.body == filler + b"<p>8 (499) 000-00-01</p>"


def test_only_pages_of_the_sites_own_hosts_are_wanted(engine):
    head = page().head
    assert engine.wants(head, visit())
    assert engine.wants(head, visit("http://OKNA.example:8080/"))
    assert not engine.wants(head, visit("https://other.example/"))
    assert not engine.wants(head, visit(method="HEAD"))
    assert not engine.wants(Head(status=404, headers=head.headers), visit())


class Faulty:
    """A client whose store answers late, or not at all, or with a bug of ours."""

    def __init__(self, fault):
        self._fault = fault
        self._inner = open_client("memory:")

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def page_view(self, view, *, deadline=None):
        return self._fault()


def _raise(error):
    raise error


def test_when_the_store_fails_the_bytes_leave_as_they_came_and_the_log_says_why(caplog):
    original = page(HTML, ("Cache-Control", "public"), ("ETag", '"1"'))
    fault = Faulty(lambda: _raise(StoreUnavailable("database is locked")))
    with closing(engine_on(fault, strict=False)) as engine:
        answers = [engine.swap(visit(), original), asyncio.run(engine.aswap(visit(), original))]
    for answer in answers:
        assert answer.body == HTML
        # No cache keeps the original for those who come later.
        assert answer.head.header("cache-control") == "private, no-cache"
        assert answer.head.header("etag") is None
    assert caplog.text.count("okna.example/ goes on without the store: database is locked") == 2
    assert "203.0.113" not in caplog.text


def test_the_first_touch_survives_a_store_that_is_down():
    faulty = Faulty(lambda: _raise(StoreUnavailable("gone")))
    with closing(engine_on(faulty, strict=False)) as engine:
        landing = engine.swap(visit(), page())
        faulty.page_view = faulty._inner.page_view
        second = visit("https://okna.example/b", at=NOON + LATER, cookie=cookie_of(landing))
        assert engine.swap(second, page()).body == b"<p>8 (499) 000-00-01</p>"


def test_a_fixed_number_is_shown_while_the_store_is_down():
    with closing(
        engine_on(Faulty(lambda: _raise(StoreUnavailable("gone"))), strict=False)
    ) as engine:
        found = visit("https://okna.example/?utm_source=google&utm_medium=organic")
        assert engine.swap(found, page()).body == b"<p>8 (499) 000-00-70</p>"


def test_a_bug_of_ours_costs_nobody_the_page(caplog):
    original = page(HTML, ("Cache-Control", "public"), ("ETag", '"1"'))
    fault = Faulty(lambda: _raise(ZeroDivisionError("our bug")))
    with closing(engine_on(fault, strict=False)) as engine:
        assert engine.swap(visit(), original) is original
        assert asyncio.run(engine.aswap(visit(), original)) is original
    assert "okna.example/ goes out unchanged" in caplog.text
    assert "ZeroDivisionError: our bug" in caplog.text


def test_a_host_that_no_document_lists_is_told_of_once(engine, caplog):
    for _ in range(3):
        assert not engine.wants(page().head, visit("https://www.okna.example/"))
    for number in range(100):
        engine.wants(page().head, visit(f"https://{number}.example/"))
    assert caplog.text.count("lists the host 'www.okna.example': its pages pass untouched") == 1
    assert caplog.text.count("pass untouched") == 20


def test_a_new_store_in_place_of_the_old_one_learns_the_document(tmp_path):
    url = f"sqlite:///{tmp_path}/callgraft.db"
    with closing(engine_on(open_client(url))) as engine:
        engine.make_ready(at=NOON)
        assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"
        for file in tmp_path.iterdir():
            file.unlink()
        open_client(url).close()
        assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"


class Changing:
    """Sites whose document changes at once, whoever is looking."""

    def __init__(self, site):
        self.site = site

    def for_host(self, host, *, at):
        return self.site if self.site.serves(host) else None

    def known(self):
        return (self.site,)


def changed():
    document = SITE.document.replace('hold = "30m"', 'hold = "31m"')
    return read_site(document)


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_changed_document_comes_into_force_once_it_is_published():
    sites = Changing(SITE)
    published = []

    class Slow(Faulty):
        def publish(self, site, *, at, by=""):
            published.append(site.version)
            self._inner.publish(site, at=at)

    client = Slow(None)
    client.page_view = client._inner.page_view
    with closing(Engine(sites, client, settings=Settings(strict=True))) as engine:
        engine.make_ready(at=NOON)
        sites.site = changed()
        assert engine.swap(visit(), page()).body == b"<p>8 (499) 000-00-01</p>"
        wait_for(lambda: engine._site_of(visit()).version == changed().version)
        engine.swap(visit(), page())
    assert published == [SITE.version, changed().version]


def test_a_document_that_the_store_refuses_stays_out_and_the_log_says_why(caplog):
    sites = Changing(SITE)

    class Refusing(Faulty):
        def publish(self, site, *, at, by=""):
            if site.version != SITE.version:
                raise SetupError("pools.direct", "+74990000001", "is another site's.", "Remove it.")

    client = Refusing(None)
    client.page_view = client._inner.page_view
    client._inner.publish(SITE, at=NOON)
    with closing(Engine(sites, client, settings=Settings(strict=True))) as engine:
        engine.make_ready(at=NOON)
        sites.site = changed()
        for _ in range(3):
            assert engine.swap(visit(), page()).body.startswith(b"<p>8 (499)")
        wait_for(lambda: "stays out" in caplog.text)
    assert caplog.text.count("is another site's. Remove it.") == 1


def test_a_store_that_answers_late_costs_the_budget_a_few_times_and_no_page(caplog):
    release = threading.Event()
    budget = timedelta(milliseconds=50)
    with closing(
        engine_on(Faulty(lambda: release.wait(20)), strict=False, budget=budget)
    ) as engine:
        engine.make_ready(at=NOON)
        began = time.monotonic()
        pages = [engine.swap(visit(), page()) for _ in range(20)]
        took = time.monotonic() - began
        release.set()
    assert all(each.body == HTML for each in pages)
    # 20 pages that each waited would take a second.
    assert took < 0.6
    assert caplog.text.count("did not answer within 50 ms") in (3, 4)


def test_strict_raises_what_serving_would_only_log():
    engine = engine_on(Faulty(lambda: _raise(ZeroDivisionError())))
    with closing(engine), pytest.raises(ZeroDivisionError):
        engine.swap(visit(), page())


def call_event(kind, at, **data):
    data = {"call": "c-1", "number": "+74990000001", "caller": "+79160001234", **data}
    headers, body = signed_event(SECRET, event_id=f"e-{kind}", type=kind, data=data, at=at)
    return (
        Visit(
            url="https://okna.example/.callgraft/calls/generic",
            received_at=at,
            method="POST",
            headers=headers,
        ),
        body,
    )


def test_a_signed_call_event_finds_the_visit_and_its_campaign(engine):
    engine.swap(visit(), page())
    request, body = call_event("call.ringing", NOON + timedelta(seconds=40))
    assert engine.owns(request)
    answer = engine.answer(request, body)
    assert answer.head.status == 200
    call = engine.client.calls("okna")[0]
    assert json.loads(answer.body) == {"call": call.id, "state": "ringing"}
    assert (call.attribution.source, call.attribution.campaign) == ("yandex", "okna")
    assert call.attribution.session != ""


def test_a_call_event_that_nobody_signed_is_refused_with_the_cure(engine):
    request, body = call_event("call.ringing", NOON)
    answer = engine.answer(request, body + b" ")
    assert answer.head.status == 401
    assert answer.head.header("content-type") == "application/problem+json"
    assert engine.client.calls("okna") == []


def test_a_call_event_that_cannot_be_stored_is_not_acknowledged():
    class Down(Faulty):
        def take_call(self, event):
            raise StoreUnavailable("gone")

    with closing(engine_on(Down(lambda: ()))) as engine:
        answer = engine.answer(*call_event("call.ringing", NOON))
    assert (answer.head.status, answer.head.header("retry-after")) == (503, "5")


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/.callgraft/health", "GET", 200),
        ("/.callgraft/calls/generic", "GET", 405),
        ("/.callgraft/calls/unknown", "POST", 404),
        ("/.callgraft/", "GET", 404),
    ],
)
def test_the_engine_answers_its_own_paths(engine, path, method, status):
    request = visit(f"https://okna.example{path}", method=method)
    assert engine.owns(request)
    assert engine.answer(request, b"").head.status == status


def test_no_other_path_is_the_engines(engine):
    assert not engine.owns(visit("https://okna.example/callgraft/health"))


def test_a_call_event_under_a_wrong_host_does_not_get_lost_at_the_site(engine, caplog):
    request, body = call_event("call.ringing", NOON)
    elsewhere = replace(request, url="https://other.example/.callgraft/calls/generic")
    assert engine.owns(elsewhere)
    answer = engine.answer(elsewhere, body)
    assert answer.head.status == 404
    assert b"No Site document lists the host 'other.example'" in answer.body
    assert "came under the host other.example" in caplog.text


def test_the_log_names_no_visitor(engine, caplog):
    caplog.set_level(logging.DEBUG)
    engine.swap(visit(), page())
    engine.answer(*call_event("call.ringing", NOON))
    assert "203.0.113" not in caplog.text
    assert "9160001234" not in caplog.text
