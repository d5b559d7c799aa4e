"""Whoever declines is shown a number of the source alone, and leaves no trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, read_site
from callgraft.client import EmbeddedClient
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.stores import open_store

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
overflow = "+7 499 000-00-99"

[pools.piter]
numbers = ["+7 812 000-00-01"]

[fixed.organic]
number = "+7 499 000-00-70"
source = "search"

[[rules]]
name = "Ads"
target = "main"
when = { source = "yandex" }
pool = "direct"

[[rules]]
name = "No overflow number"
target = "main"
when = { source = "vk" }
pool = "piter"

[[rules]]
name = "Search"
target = "main"
when = { medium = "organic" }
fixed = "organic"
"""
OPT_OUT = '\n[consent]\ncookie = "cookie_consent"\ndeclined = ["no", "declined*"]\n'
OPT_IN = '\n[consent]\ncookie = "cookie_consent"\naccepted = ["yes"]\nrequired = true\n'
GPC = "\n[consent]\ngpc = true\n"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HTML = b"<p>8 (495) 123-45-67</p>"
FROM_AD = "https://okna.example/?utm_source=yandex"
ORIGINAL, OVERFLOW = "8 (495) 123-45-67", "8 (499) 000-00-99"


class Watched:
    """An engine, and the store that it writes to."""

    def __init__(self, consent):
        self.store = open_store("memory:")
        client = EmbeddedClient(self.store, clock=lambda: NOON)
        site = read_site(DOCUMENT + consent)
        settings = Settings(strict=True, budget=timedelta(seconds=5))
        self.engine = Engine(FixedSites(site), client, settings=settings)
        self.engine.make_ready(at=NOON)

    def asks(self, url=FROM_AD, *, at=NOON, body=HTML, kind="text/html", **headers):
        fields = {"User-Agent": BROWSER} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        visit = Visit(url=url, received_at=at, headers=tuple(fields.items()), peer="203.0.113.7")
        head = Head(headers=(("Content-Type", kind), ("ETag", '"1"')))
        return self.engine.swap(visit, Page(head=head, body=body))

    def close(self):
        self.engine.close()

    def kept(self):
        """Sessions and leases that the store knows."""
        old = NOON + timedelta(days=999)
        sessions = self.store.read(lambda each: each.old_sessions("okna", before=old, limit=9))
        states = self.engine.client.pool_states(read_site(DOCUMENT), at=NOON)
        return len(sessions), sum(len(state.leases) for state in states)


@pytest.fixture
def watch():
    made = []

    def make(consent):
        made.append(Watched(consent))
        return made[-1]

    yield make
    for each in made:
        each.close()


def cookie_of(page):
    return next((value for name, value in page.head.headers if name == "Set-Cookie"), None)


def shown(page):
    return page.body.decode().removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize("chosen", ["no", "declined-2026", "DECLINED", "declined%3A1"])
def test_a_visitor_who_declined_is_shown_the_number_of_the_source_and_leaves_no_trace(
    watch, chosen
):
    site = watch(OPT_OUT)
    page = site.asks(Cookie=f"cookie_consent={chosen}")
    assert shown(page) == OVERFLOW
    assert cookie_of(page) is None
    assert site.kept() == (0, 0)


@pytest.mark.parametrize("cookie", [None, "cookie_consent=yes", "other=no"])
def test_a_visitor_who_did_not_decline_is_a_visitor_like_any(watch, cookie):
    site = watch(OPT_OUT)
    page = site.asks(**({"Cookie": cookie} if cookie else {}))
    assert shown(page) == "8 (499) 000-00-01"
    assert cookie_of(page).startswith("callgraft=")
    assert "Max-Age=34560000" in cookie_of(page)
    assert site.kept() == (1, 1)


def test_a_fixed_number_is_shown_to_everybody(watch):
    site = watch(OPT_OUT)
    url = "https://okna.example/?utm_source=x&utm_medium=organic"
    assert shown(site.asks(url, Cookie="cookie_consent=no")) == "8 (499) 000-00-70"


def test_a_pool_without_an_overflow_number_leaves_the_target(watch):
    site = watch(OPT_OUT)
    url = "https://okna.example/?utm_source=vk"
    assert shown(site.asks(url, Cookie="cookie_consent=no")) == ORIGINAL


def test_the_page_of_somebody_who_declined_is_kept_by_no_cache(watch):
    page = watch(OPT_OUT).asks(Cookie="cookie_consent=no")
    assert page.head.header("cache-control") == "private, no-cache"
    assert page.head.header("etag") is None


def test_who_declines_later_loses_the_cookie_and_gets_no_lease_renewed(watch):
    site = watch(OPT_OUT)
    ours = cookie_of(site.asks()).partition(";")[0]
    page = site.asks(
        "https://okna.example/o", at=NOON + MINUTE, Cookie=f"{ours}; cookie_consent=no",
        Referer=FROM_AD,
    )  # fmt: skip
    assert cookie_of(page) == "callgraft=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    assert shown(page) == ORIGINAL  # where the visitor came from went with the cookie
    assert site.kept() == (1, 1)
    [lease] = site.engine.client.number_history("okna", "+74990000001")
    assert lease.seen_at == NOON


def test_a_page_without_a_number_ends_the_cookie_too(watch):
    site = watch(OPT_OUT)
    ours = cookie_of(site.asks()).partition(";")[0]
    page = site.asks(body=b"<p>no number</p>", Cookie=f"{ours}; cookie_consent=no")
    assert "Max-Age=0" in cookie_of(page)
    assert page.head.header("cache-control") == "private, no-cache"


def test_a_page_without_a_number_stays_as_it_is_for_who_declined(watch):
    page = watch(OPT_OUT).asks(body=b"<p>no number</p>", Cookie="cookie_consent=no")
    assert (page.body, page.head.header("etag")) == (b"<p>no number</p>", '"1"')


@pytest.mark.parametrize(
    ("cookie", "number", "kept"),
    [
        ("", OVERFLOW, (0, 0)),
        ("cookie_consent=maybe", OVERFLOW, (0, 0)),
        ("cookie_consent=yes", "8 (499) 000-00-01", (1, 1)),
    ],
)
def test_where_a_yes_is_required_nothing_is_kept_before_it(watch, cookie, number, kept):
    site = watch(OPT_IN)
    assert shown(site.asks(**({"Cookie": cookie} if cookie else {}))) == number
    assert site.kept() == kept


def test_a_no_counts_even_where_a_yes_fits_too(watch):
    both = OPT_IN.replace("required", 'declined = ["y*s"]\nrequired')
    assert shown(watch(both).asks(Cookie="cookie_consent=yes")) == OVERFLOW


def test_global_privacy_control_declines_where_the_document_says_so(watch):
    site = watch(GPC)
    assert shown(site.asks(Sec_GPC="1")) == OVERFLOW
    assert site.kept() == (0, 0)
    assert shown(site.asks(Sec_GPC="0")) == "8 (499) 000-00-01"
    assert shown(watch("").asks(Sec_GPC="1")) == "8 (499) 000-00-01"


def test_a_beacon_of_who_declined_is_not_kept(watch):
    site = watch(OPT_OUT)
    ours = cookie_of(site.asks()).partition(";")[0]
    for cookie, known in ((f"{ours}; cookie_consent=no", 0), (ours, 1)):
        fields = (("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("User-Agent", BROWSER))
        visit = Visit(
            url="https://okna.example/.callgraft/beacon", method="POST", headers=fields,
            received_at=NOON + MINUTE,
        )  # fmt: skip
        answer = site.engine.answer(visit, b"active")
        assert answer.head.status == 204
        assert (answer.head.header("set-cookie") is not None) == bool(known)
    site.engine._budget.close()  # what was posted aside is done then
    [session] = site.store.read(
        lambda each: each.old_sessions("okna", before=NOON + timedelta(days=9), limit=9)
    )
    [record] = site.store.read(lambda each: each.sessions_of("okna", session[1]))
    assert len(record.signs) == 1


def test_what_the_page_of_who_declined_loads_shows_the_same_number(watch):
    bodies = '\n[[bodies]]\npaths = ["/api/*"]\n'
    site = watch(OPT_OUT + bodies)
    answer = site.asks(
        "https://okna.example/api/phone", body=b'"8 (495) 123-45-67"', kind="application/json",
        Cookie="cookie_consent=no", Referer=FROM_AD,
    )  # fmt: skip
    assert answer.body.decode() == f'"{OVERFLOW}"'
    assert site.kept() == (0, 0)
