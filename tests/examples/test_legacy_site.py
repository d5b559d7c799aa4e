"""The demo's upstream: a believable old site, with the firm's number in every notation."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest

SERVER = Path(__file__).parents[2] / "examples/legacy_site/server.py"
PRICE_LIST = "/download/prays-okna-komfort.pdf"
OLD = ["/about.html", "/prices.html", "/portfolio.html", "/delivery.html", "/contacts.html"]
OLD += ["/vacancies.html", "/otzyvy.php", "/news.php", "/news.php?id=40", "/news.php?id=41"]
NEW = ["/", "/okna/", "/balkony/", "/kalkulyator/", "/spb/", "/smolensk/", "/en/"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body in the charset of its header, else of its meta."""
        named = self.headers.get_param("charset") or re.search(
            rb"charset=[\"']?([\w-]+)", self.body
        )
        charset = named if isinstance(named, str) else named[1].decode()
        return self.body.decode(charset)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    command = [sys.executable, str(SERVER), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield urlsplit(process.stdout.readline().strip()).port
        process.terminate()


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    yield connection
    connection.close()


@pytest.fixture
def ask(connection):
    def ask(path, method="GET", body=None, **headers) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return Answer(status=response.status, headers=response.headers, body=response.read())

    return ask


@pytest.mark.parametrize("path", OLD)
def test_an_old_page_is_windows_1251_with_the_number_in_header_and_footer(ask, path):
    page = ask(path)
    assert page.status == 200
    page.body.decode("cp1251")
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("utf-8")
    head, _, rest = page.text.partition("<!-- begin content -->")
    foot = rest.partition("<!-- end content -->")[2]
    assert "4951234567" in _digits(head)
    assert "4951234567" in _digits(foot)


@pytest.mark.parametrize("path", NEW)
def test_a_new_page_is_utf_8_with_the_number_in_header_and_footer(ask, path):
    page = ask(path)
    assert page.status == 200
    page.body.decode("utf-8")
    head, _, rest = page.text.partition("</header>")
    assert "4951234567" in _digits(head.partition("<header")[2])
    assert "4951234567" in _digits(rest.partition("<footer")[2])


def test_some_old_pages_name_their_charset_in_the_header_and_others_only_in_their_meta(ask):
    by = {path: ask(path) for path in OLD}
    in_header = {path for path, page in by.items() if "charset=" in page.headers["Content-Type"]}
    in_meta = {path for path, page in by.items() if b"charset=windows-1251" in page.body}
    assert in_header == {"/about.html", "/contacts.html", "/delivery.html", "/otzyvy.php"}
    assert in_header & in_meta == {"/delivery.html"}
    assert in_header | in_meta == set(OLD)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/", '"telephone": "+7-495-123-45-67"'),
        ("/", '<meta property="og:phone_number" content="+7 495 123-45-67">'),
        ("/", '<span class="phone__code">8 (495)</span> 123-45-67'),
        ("/", '"phone":"+7 (495) 123-45-67","tel":"+74951234567"'),
        ("/", "ваш номер 8 (495) 123-45-67 был занят.</textarea>"),
        ("/", 'type="hidden" name="from_phone" value="84951234567"'),
        ("/", "8&nbsp;(495)&nbsp;123\u201145\u201167"),
        ("/okna/", 'data-phone="8 (495) 123-45-67"'),
        ("/okna/", "https://wa.me/74951234567"),
        ("/balkony/", "8&#160;(<b>495</b>)&#160;<b>123</b>&#8209;<b>45</b>&#8209;<b>67</b>"),
        ("/kalkulyator/", 'href="tel:8%20(495)%20123-45-67">8 495 123-45-67<'),
        ("/spb/", "+7 495 123 45 67"),
        ("/smolensk/", '<span itemprop="telephone">+7 (495) 123-45-67</span>'),
        ("/en/", "+7.495.123.45.67"),
        ("/about.html", "<B>123&#45;45&#45;67</B>"),
        ("/prices.html", 'var sitePhone = "84951234567"'),
        ("/portfolio.html", '<A HREF="tel:84951234567">84951234567</A>'),
        ("/delivery.html", "<B>(495)</B>&nbsp;<B>123</B>-<B>45</B>-<B>67</B>"),
        ("/contacts.html", "+7 495 1234567"),
        ("/contacts.html", "(495)&nbsp;123-45-67"),
        ("/contacts.html", "8-495-123-45-67"),
        ("/news.php?id=40", "+7-495-123-45-67"),
    ],
)
def test_the_number_stands_there_in_its_own_notation(ask, path, written):
    assert written in ask(path).text


@pytest.mark.parametrize(
    ("path", "decoy"),
    [
        ("/contacts.html", "7743012345 / 774301001"),
        ("/contacts.html", "40702810495123456712"),
        ("/contacts.html", "30101810749512345678"),
        ("/contacts.html", "+7 495 123-45-68"),
        ("/contacts.html", "+7 495 765-43-21"),
        ("/spb/", "+7 812 123-45-67"),
        ("/prices.html", "4 951 234 руб."),
        ("/portfolio.html", "№ 1234567"),
        ("/kalkulyator/", "495-07-1234"),
    ],
)
def test_look_alikes_of_the_number_stand_beside_it(ask, path, decoy):
    assert decoy in ask(path).text


def test_the_sitemap_lists_every_page(ask):
    listed = re.findall(r"<loc>http://okna.example(.+?)</loc>", ask("/sitemap.xml").body.decode())
    assert sorted(listed) == sorted(OLD + NEW)


def test_no_link_of_the_site_is_broken(ask):
    linked = {link for path in OLD + NEW for link in _links(path, ask(path).text)}
    assert PRICE_LIST in linked
    broken = {link: ask(link, "HEAD").status for link in linked - {"/request"}}
    assert {link for link, status in broken.items() if status != 200} == set()


def test_a_copy_that_is_still_good_is_not_sent_again(ask):
    first = ask("/prices.html")
    same = ask("/prices.html", If_None_Match=first.headers["ETag"])
    assert (same.status, same.body) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    assert ask("/prices.html", If_None_Match='"other"').status == 200
    assert ask("/prices.html", If_Modified_Since=first.headers["Last-Modified"]).status == 304
    assert ask("/prices.html", If_Modified_Since="Tue, 01 Jan 2002 00:00:00 GMT").status == 200
    assert ask("/prices.html", If_Modified_Since="nonsense").status == 200


def test_pages_ask_shared_caches_to_keep_them(ask):
    assert ask("/").headers["Cache-Control"] == "public, max-age=600"


@pytest.mark.parametrize("path", ["/", "/prices.html", "/otzyvy.php"])
def test_a_page_comes_gzipped_when_asked_for_and_is_still_validated(ask, path):
    plain, packed = ask(path), ask(path, Accept_Encoding="gzip, deflate")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert gzip.decompress(packed.body) == plain.body
    again = ask(path, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert again.status == 304


def test_head_tells_what_get_would_and_sends_no_body(ask):
    head, page = ask("/", "HEAD"), ask("/")
    assert head.body == b""
    assert _but_date(head) == _but_date(page)


def test_one_page_comes_in_chunks_that_cut_the_number_in_two(connection):
    connection.request("GET", "/otzyvy.php")
    response = connection.getresponse()
    chunks = list(iter(response.read1, b""))
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in response.headers
    assert chunks[1].endswith(b"(495) 123-")
    assert chunks[2].startswith(b"45-67")


def test_the_calculator_sets_a_cookie_of_its_own_once(ask):
    assert ask("/kalkulyator/").headers["Set-Cookie"].startswith("okna_raschet=")
    assert "Set-Cookie" not in ask("/kalkulyator/", Cookie="okna_raschet=1").headers
    assert "Set-Cookie" not in ask("/").headers


def test_a_moved_page_redirects_on_the_host_that_was_asked_and_keeps_the_query(ask):
    moved = ask("/kontakty", Host="okna.example")
    assert (moved.status, moved.headers["Location"]) == (301, "http://okna.example/contacts.html")
    landed = ask("/spb?utm_source=yandex", Host="okna.example")
    assert landed.headers["Location"] == "http://okna.example/spb/?utm_source=yandex"


def test_advertising_parameters_do_not_change_the_page(ask):
    assert ask("/prices.html?utm_source=yandex&yclid=1").body == ask("/prices.html").body
    assert ask("/news.php?yclid=1&id=41&x=2").body == ask("/news.php?id=41").body


def test_an_unknown_address_is_a_404_that_shows_the_number(ask):
    lost = ask("/no-such-page")
    assert lost.status == 404
    assert "8 (495) 123-45-67" in lost.text
    assert ask("/404.html").status == 404
    assert ask("/../server.py").status == 404


def test_the_price_list_can_be_fetched_in_parts(ask):
    whole = ask(PRICE_LIST)
    assert whole.headers["Content-Type"] == "application/pdf"
    assert whole.body.startswith(b"%PDF-")
    assert len(whole.body) > 1_000_000
    part = ask(PRICE_LIST, Range="bytes=1000-1999")
    assert (part.status, part.body) == (206, whole.body[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole.body)}"
    assert ask(PRICE_LIST, Range="bytes=-10").body == whole.body[-10:]
    assert ask(PRICE_LIST, Range="bytes=1000-", If_Range=whole.headers["ETag"]).status == 206
    assert ask(PRICE_LIST, Range="bytes=1000-", If_Range='"old"').status == 200
    beyond = ask(PRICE_LIST, Range="bytes=99999999-")
    assert (beyond.status, beyond.body) == (416, b"")
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.body)}"


@pytest.mark.parametrize("charset", ["utf-8", "cp1251"])
def test_the_form_thanks_in_either_charset_and_escapes_what_was_written(ask, charset):
    body = f"name={quote('Ирина', encoding=charset)}&phone=%2B7+916&message=<script>&empty="
    thanks = ask("/request", "POST", body)
    assert thanks.status == 200
    assert "<h1>Спасибо, Ирина!</h1>" in thanks.text
    assert "+7 916" in thanks.text
    assert "&lt;script&gt;" in thanks.text
    assert "+7 495 123-45-67" in thanks.text
    assert "<!--#echo" not in thanks.text


def test_what_the_form_cannot_take_is_refused(port):
    for path, length, status in [
        ("/request", "", 411),
        ("/request", "70000", 413),
        ("/", "0", 405),
    ]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.putrequest("POST", path)
        if length:
            connection.putheader("Content-Length", length)
        connection.endheaders()
        response = connection.getresponse()
        assert (response.status, response.headers["Connection"]) == (status, "close")
        connection.close()


def test_one_connection_carries_many_requests(connection, ask):
    ask("/")
    socket = connection.sock
    for path in ["/otzyvy.php", "/no-such-page", "/kontakty", "/spb/"]:
        ask(path)
    assert socket is not None
    assert connection.sock is socket


def _digits(html: str) -> str:
    return re.sub(r"\D", "", unescape(re.sub(r"<[^>]*>", "", html)))


def _links(page: str, html: str) -> set[str]:
    found = re.findall(r"""(?:href|src|action|background)=["']?([^"'\s>]+)""", html, re.IGNORECASE)
    absolute = {urljoin(f"http://okna.example{page}", unescape(link)) for link in found}
    parts = [urlsplit(link) for link in absolute]
    return {
        part.path + (f"?{part.query}" if part.query else "")
        for part in parts
        if part.scheme == "http" and part.hostname == "okna.example"
    }


def _but_date(answer: Answer) -> list[tuple[str, str]]:
    return [pair for pair in answer.headers.items() if pair[0] != "Date"]
