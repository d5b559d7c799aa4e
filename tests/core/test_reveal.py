"""Numbers hidden until somebody clicks, through the engine."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, read_site
from callgraft.client import EmbeddedClient
from callgraft.config import Settings
from callgraft.sites import FixedSites
from callgraft.stores import open_store
from callgraft.tracking.states import SignKind

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

[reveal]
label = "Показать номер"

[consent]
cookie = "cookie_consent"
declined = ["no"]

[[rules]]
name = "Direct"
target = "main"
when = { source = "yandex" }
pool = "direct"
reveal = true
"""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HTML = b"<p>8 (495) 123-45-67</p>"
FROM_AD = "https://okna.example/?utm_source=yandex&id=7"
LABEL = "Показать номер"
LINK = "/.callgraft/reveal/main?%2F%3Futm_source%3Dyandex%26id%3D7"


def hidden(text, link=LINK):
    return (
        f'<a href="{link}" rel="nofollow" title="{LABEL}" aria-label="{LABEL}"'
        f' data-callgraft-mask="main:4">{text}</a>'
    )


class Browser:
    """Keeps cookies, and asks an engine for pages."""

    def __init__(self, engine, agent=BROWSER, **cookies):
        self.engine, self.agent, self.cookies, self.at = engine, agent, dict(cookies), NOON

    def visit(self, url, **headers):
        fields = {"User-Agent": self.agent} | headers
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return Visit(
            url=url, received_at=self.at, headers=tuple(fields.items()), peer="203.0.113.7"
        )

    def keep(self, answer):
        for name, value in answer.head.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer

    def opens(self, url=FROM_AD, body=HTML, kind="text/html; charset=utf-8", **headers):
        head = Head(headers=(("Content-Type", kind), ("ETag", '"1"')))
        return self.keep(self.engine.swap(self.visit(url, **headers), Page(head=head, body=body)))

    def clicks(self, link=LINK, **headers):
        fields = {"Sec-Fetch-Site": "same-origin", "Referer": FROM_AD} | headers
        visit = self.visit(f"https://okna.example{link}", **fields)
        assert self.engine.owns(visit)
        return self.keep(self.engine.answer(visit, b""))


@pytest.fixture
def store():
    return open_store("memory:")


def engine_on(store, document=DOCUMENT):
    client = EmbeddedClient(store, clock=lambda: NOON)
    settings = Settings(strict=True, budget=timedelta(seconds=5))
    engine = Engine(FixedSites(read_site(document)), client, settings=settings)
    engine.make_ready(at=NOON)
    return engine


@pytest.fixture
def engine(store):
    with closing(engine_on(store)) as engine:
        yield engine


@pytest.fixture
def anna(engine):
    return Browser(engine)


def leases(engine):
    [state] = engine.client.pool_states(read_site(DOCUMENT), at=NOON)
    return len(state.leases)


def signs(engine, store):
    old = NOON + timedelta(days=9)
    who = store.read(lambda found: found.old_sessions("okna", before=old, limit=9))
    told = [engine.client.visitor_record("okna", visitor) for _, visitor in who]
    return [sign.kind for each in told for stay in each.sessions for sign in stay.signs]


def test_a_number_is_hidden_behind_a_link_and_takes_no_lease(engine, anna):
    answer = anna.opens()
    assert answer.body.decode() == f"<p>{hidden('8 (499) 000-00-XX')}</p>".replace(
        "000-00-XX", "000-XX-XX"
    )
    assert leases(engine) == 0
    assert answer.head.header("cache-control") == "private, no-cache"
    assert answer.head.header("etag") is None


def test_a_click_leads_back_to_the_page_which_shows_the_number(engine, anna, store):
    anna.opens()
    answer = anna.clicks()
    assert answer.head.status == 303
    assert answer.head.header("location") == "/?utm_source=yandex&id=7"
    assert answer.head.header("cache-control") == "no-store"
    assert leases(engine) == 0
    assert anna.opens().body == b"<p>8 (499) 000-00-01</p>"
    assert leases(engine) == 1
    assert anna.opens("https://okna.example/contacts").body == b"<p>8 (499) 000-00-01</p>"


def test_a_click_is_a_sign_that_the_number_was_touched(engine, anna, store):
    anna.opens()
    anna.clicks()
    engine.close()  # and what is done beside the pages is done
    assert signs(engine, store) == [SignKind.NUMBER_TOUCHED]


def test_the_next_session_has_to_click_again(engine, anna):
    anna.opens()
    anna.clicks()
    anna.at = NOON + timedelta(hours=5)
    assert b"XX" in anna.opens().body


def test_the_helper_stays_on_the_page(engine, anna):
    anna.opens()
    answer = anna.clicks(Accept="application/json")
    assert (answer.head.status, json.loads(answer.body)) == (200, {"number": "+74990000001"})
    assert answer.head.header("cache-control") == "no-store"
    assert leases(engine) == 1
    assert anna.opens().body == b"<p>8 (499) 000-00-01</p>"


def test_the_link_of_the_number_leads_there_too_and_holds_no_other_link(anna):
    body = b'<p><a class=x href="tel:+74951234567"><b>8 (495)</b> 123-45-67</a>, 8 (495) 123-45-67'
    marked = f'<span title="{LABEL}" data-callgraft-mask="main:4">'
    assert anna.opens(body=body).body.decode() == (
        f'<p><a class=x href="{LINK}"><b>8 (499)</b> {marked}000-XX-XX</span></a>,'
        f" {hidden('8 (499) 000-XX-XX')}"
    )
    body = b"<a href='tel:+74951234567'>Tel <i>8 (495) 123-45-67</i></a>"
    assert anna.opens(body=body).body.decode() == (
        f'<a href=\'{LINK}\'>Tel <i><span title="{LABEL}" data-callgraft-mask="main:4">'
        "8 (499) 000-XX-XX</span></i></a>"
    )


def test_a_number_that_tags_cut_has_a_link_in_each_part_that_is_hidden(anna):
    body = b"<p><b>8 (495)</b> 123-<i>45-</i>67</p>"
    assert anna.opens(body=body).body.decode() == (
        f"<p><b>8 (499)</b> 000-<i>{hidden('XX-')}</i>"
        f"{hidden('XX').replace('main:4', 'main:2')}</p>"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<p>8 (495) <a href=/contacts>123-45-67</a>",
        b'<p title="8 (495) 123-45-67">Ring us</p>',
        b'<a href="/contacts">8 (495) 123-45-67</a>',
        b"<button>8 (495) 123-45-67</button>",
        b"<title>8 (495) 123-45-67</title>",
        b'<a href="tel:+74951234567">Ring us</a>',
        b'<script>window.__STATE__ = {"phone": "8 (495) 123-45-67"}</script>',
    ],
)
def test_where_nothing_can_be_hidden_the_number_is_swapped_as_without(engine, anna, body):
    shown = body.replace(b"8 (495)", b"8 (499)").replace(b"123-45-67", b"000-00-01")
    assert anna.opens(body=body).body == shown.replace(b"+74951234567", b"+74990000001")
    assert leases(engine) == 1


def test_on_a_page_with_a_hidden_number_other_places_stay_as_they_are(engine, anna):
    rest = (
        b'<title>8 (495) 123-45-67</title><a href="/contacts" title="8 (495) 123-45-67">'
        b'8 (495) 123-45-67</a><script type="application/ld+json">{"telephone":'
        b' "+7 495 123-45-67"}</script><a href="sms:+74951234567">x</a>'
    )
    expected = rest + f"<p>{hidden('8 (499) 000-XX-XX')}</p>".encode()
    assert anna.opens(body=rest + HTML).body == expected
    assert leases(engine) == 0


def test_only_the_slots_bytes_change_and_links_come_around_them(anna):
    page = (
        b"<h1>x</h1><p>Tel: 8 (495) 123-45-67 or\n <i>+7&nbsp;495&nbsp;123&#8209;45-67</i></p>\0<p"
    )
    got = anna.opens(body=page).body
    link = re.compile(rb'<a href="[^"]*" rel="nofollow"[^>]*>(8 \(499\)[^<]*|\+7[^<]*)</a>')
    assert len(link.findall(got)) == 2
    assert link.sub(b"#", got) == page.replace(b"8 (495) 123-45-67", b"#").replace(
        b"+7&nbsp;495&nbsp;123&#8209;45-67", b"#"
    )


def test_a_page_in_another_charset_has_the_label_in_it(anna):
    body = "<p>Телефон: 8 (495) 123-45-67</p>".encode("cp1251")
    got = anna.opens(body=body, kind="text/html; charset=windows-1251").body.decode("cp1251")
    assert got == f"<p>Телефон: {hidden('8 (499) 000-XX-XX')}</p>"


def test_a_bot_sees_the_number_of_the_site_and_leases_nothing_by_following_links(engine, store):
    bot = Browser(engine, GOOGLEBOT)
    assert bot.opens().body == HTML
    assert bot.clicks().head.status in (200, 303)
    assert (leases(engine), bot.cookies) == (0, {})


def test_who_declined_sees_a_number_at_once(engine):
    nina = Browser(engine, cookie_consent="no")
    assert nina.opens().body == b"<p>8 (499) 000-00-99</p>"
    assert leases(engine) == 0


def test_who_keeps_no_cookies_sees_the_firms_number_after_a_click(engine):
    zoya = Browser(engine)
    assert b"XX" in zoya.opens().body
    zoya.cookies.clear()
    answer = zoya.clicks()
    assert b'<a href="tel:+74951234567">+7 495 123-45-67</a>' in answer.body
    assert b'<a href="/?utm_source=yandex&amp;id=7">' in answer.body
    assert answer.head.header("cache-control") == "no-store"
    assert zoya.cookies == {}


def test_another_site_cannot_click(engine, anna, store):
    anna.opens()
    assert anna.clicks(**{"Sec-Fetch-Site": "cross-site"}).head.status == 303
    assert "callgraft_shown" not in anna.cookies
    assert b"XX" in anna.opens().body


def test_a_page_fetched_ahead_is_no_click(engine, anna):
    anna.opens()
    assert anna.clicks(**{"Sec-Purpose": "prefetch"}).head.status == 503
    assert "callgraft_shown" not in anna.cookies


@pytest.mark.parametrize(
    "elsewhere",
    [
        "%2F%2Fevil.example%2F",
        "%2F%5Cevil.example",
        "https%3A%2F%2Fevil.example",
        "evil.example",
        "%2F%0D%0ASet-Cookie%3A%20x",
        "%09%2F%2Fevil.example",
        "",
    ],
)
def test_a_click_leads_nowhere_else(anna, elsewhere):
    anna.opens()
    assert anna.clicks(f"/.callgraft/reveal/main?{elsewhere}").head.header("location") == "/"


def test_a_target_that_is_not_there_is_not_found(anna):
    assert anna.clicks("/.callgraft/reveal/mian?%2F").head.status == 404


def test_an_address_in_any_letters_leads_back(anna):
    got = anna.opens("https://okna.example/окна/{x}?utm_source=yandex&q=а%20б").body.decode()
    link = re.search('href="([^"]+)"', got)[1]
    assert link.isascii()
    assert anna.clicks(link).head.header("location") == (
        "/%D0%BE%D0%BA%D0%BD%D0%B0/%7Bx%7D?utm_source=yandex&q=%D0%B0%20%D0%B1"
    )


def test_the_firms_own_number_can_be_hidden(store):
    document = DOCUMENT.replace('pool = "direct"\nreveal', "keep = true\nreveal")
    with closing(engine_on(store, document)) as engine:
        anna = Browser(engine)
        assert anna.opens().body.decode() == f"<p>{hidden('8 (495) 123-XX-XX')}</p>"
        assert json.loads(anna.clicks(Accept="application/json").body)["number"] == "+74951234567"
        assert anna.opens().body == HTML


def test_numbers_of_several_cities_show_the_country_alone(store):
    document = DOCUMENT.replace('"+7 499 000-00-02"', '"+7 812 000-00-02"')
    with closing(engine_on(store, document)) as engine:
        assert b"8 (XXX) XXX-XX-XX" in Browser(engine).opens().body


def test_a_dry_pool_shows_its_overflow_number_after_a_click(engine):
    for _ in range(3):
        last = Browser(engine)
        last.opens()
        told = last.clicks(Accept="application/json")
    assert json.loads(told.body) == {"number": "+74990000099"}


def test_what_a_page_loads_keeps_the_number_that_is_hidden_there(store):
    listed = '\n[[bodies]]\npaths = ["/api/*"]\n[[images]]\nurl = "/phone.png"\ntarget = "main"\n'
    document = DOCUMENT.replace("\n[[rules]]", listed + 'notation = "8 (495) 123-45-67"\n[[rules]]')
    with closing(engine_on(store, document)) as engine:
        anna = Browser(engine)
        anna.opens()
        body, image = b'{"html": "<b>8 (495) 123-45-67</b>"}', b"\x89PNG"

        def loads():
            told = anna.opens("https://okna.example/api/x", body, "application/json")
            return told.body, anna.opens("https://okna.example/phone.png", image, "image/png").body

        assert loads() == (body, image)
        assert leases(engine) == 0
        anna.clicks()
        told, drawn = loads()
        assert told == b'{"html": "<b>8 (499) 000-00-01</b>"}'
        assert b"8 (499) 000-00-01" in drawn
