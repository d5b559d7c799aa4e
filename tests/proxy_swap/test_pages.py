"""Pages on their way through the proxy: whose numbers they carry, and what passes untouched."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import zlib
from datetime import UTC, datetime

import brotli
import pytest
import zstandard

from callgraft_proxy.testing import proxy_serving
from tests.proxy_swap.okna import BROWSER, DOCUMENT, HTML, PAGE, number_in, okna_engine
from tests.proxy_swap.origin import chunked, response
from tests.proxy_swap.wire import ask


def test_each_visitor_gets_a_number_of_their_own(site, swapping):
    site.answer = response(PAGE, HTML)
    assert number_in(ask(swapping, "/", *BROWSER).body) != number_in(
        ask(swapping, "/", *BROWSER).body
    )


def test_a_visitor_keeps_the_number_from_page_to_page(site, swapping):
    site.answer = response(PAGE, HTML)
    first = ask(swapping, "/", *BROWSER)
    (cookie,) = first.all("set-cookie")
    second = ask(swapping, "/kontakty", *BROWSER, "Cookie: " + cookie.partition(";")[0])
    assert number_in(first.body) == number_in(second.body)


def test_a_personal_page_leaves_for_one_visitor_only(site, swapping):
    site.answer = response(
        PAGE,
        HTML,
        "Cache-Control: public, max-age=600, s-maxage=600",
        "Surrogate-Control: max-age=600",
        'ETag: "1"',
        "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires: Thu, 01 Jan 2099 00:00:00 GMT",
    )
    reply = ask(swapping, "/", *BROWSER)
    assert reply.all("cache-control") == ["private, no-cache"]
    for name in ("etag", "last-modified", "expires", "surrogate-control"):
        assert reply.all(name) == []


def test_the_sites_own_cookies_stay_beside_ours(site, swapping):
    site.answer = response(PAGE, HTML, "Set-Cookie: a=1", "Set-Cookie: b=2")
    cookies = ask(swapping, "/", *BROWSER).all("set-cookie")
    assert cookies[:2] == ["a=1", "b=2"]
    assert cookies[2].startswith("callgraft=")
    assert len(cookies) == 3


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def unzstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(data)


@pytest.mark.parametrize(
    ("coding", "pack", "unpack"),
    [
        ("gzip", gzip.compress, gzip.decompress),
        ("deflate", zlib.compress, zlib.decompress),
        ("br", brotli.compress, brotli.decompress),
        ("zstd", zstd, unzstd),
    ],
)
def test_a_packed_page_is_swapped_and_packed_again(site, swapping, coding, pack, unpack):
    site.answer = response(pack(PAGE), HTML, f"Content-Encoding: {coding}")
    reply = ask(swapping, "/", *BROWSER, "Accept-Encoding: gzip, deflate, br, zstd")
    assert reply.one("content-encoding") == coding
    assert reply.is_whole
    number_in(unpack(reply.body))


def test_a_page_in_chunks_is_swapped(site, swapping):
    pieces = [PAGE[start : start + 7] for start in range(0, len(PAGE), 7)]
    site.answer = lambda heard: chunked(*pieces, headers=(HTML,))
    reply = ask(swapping, "/", *BROWSER)
    number_in(reply.body)
    assert reply.one("content-length") == str(len(reply.body))


ROBOT = "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_a_robot_gets_the_page_as_it_is_and_no_cookie(site, swapping):
    site.answer = response(PAGE, HTML)
    reply = ask(swapping, "/", ROBOT)
    assert reply.body == PAGE
    assert reply.all("set-cookie") == []


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", ("Content-Type: text/plain",)),
        ("200 OK", ("Content-Type: application/json",)),
        ("200 OK", ("Content-Type: image/png",)),
        ("200 OK", ()),
        ("200 OK", (HTML, "Cache-Control: no-transform")),
        ("200 OK", (HTML, "Content-Disposition: attachment")),
        ("200 OK", (HTML, "Content-Encoding: compress")),
        ("404 Not Found", (HTML,)),
        ("500 Internal Server Error", (HTML,)),
        ("206 Partial Content", (HTML, "Content-Range: bytes 0-9/10")),
    ],
)
def test_what_is_no_page_passes_as_it_came(site, swapping, status, headers):
    answer = response(PAGE, *headers, 'ETag: "1"', "Cache-Control: max-age=60", status=status)
    site.answer = answer
    reply = ask(swapping, "/", *BROWSER)
    assert reply.body == PAGE
    assert reply.one("etag") == '"1"'
    assert "max-age=60" in reply.all("cache-control")
    assert reply.all("set-cookie") == []


def test_a_host_that_no_site_lists_passes_as_it_came(site, swapping):
    site.answer = response(PAGE, HTML, 'ETag: "1"')
    reply = ask(swapping, "/", *BROWSER, host="other.example")
    assert (reply.body, reply.one("etag")) == (PAGE, '"1"')


@pytest.fixture
def lenient(site):
    """The URL of a proxy that fails open, as in production; pages of more than 1 MiB pass."""
    engine = okna_engine(strict=False, max_body=2**20)
    with proxy_serving(site.url, engine) as url:
        yield url
    engine.close()


def test_a_truncated_gzip_body_passes_byte_for_byte(site, lenient):
    broken = gzip.compress(PAGE)[:-9]
    site.answer = response(broken, HTML, "Content-Encoding: gzip", 'ETag: "1"')
    reply = ask(lenient, "/", *BROWSER)
    assert (reply.body, reply.is_whole) == (broken, True)
    assert (reply.one("content-encoding"), reply.one("etag")) == ("gzip", '"1"')


def test_a_broken_charset_label_harms_nothing(site, swapping):
    site.answer = response(PAGE, "Content-Type: text/html; charset=utf-99;;=")
    assert ask(swapping, "/", *BROWSER).status == 200


LARGE = PAGE + b"<p>" + b"x" * (40 * 2**20)


def test_a_page_that_says_it_is_large_passes_as_it_came(site, lenient):
    site.answer = response(LARGE, HTML)
    assert ask(lenient, "/", *BROWSER).body == LARGE


def test_a_page_that_turns_out_large_passes_as_it_came(site, lenient):
    pieces = [LARGE[start : start + 2**20] for start in range(0, len(LARGE), 2**20)]
    site.answer = lambda heard: chunked(*pieces, headers=(HTML,))
    reply = ask(lenient, "/", *BROWSER)
    assert (reply.body == LARGE, reply.is_whole) == (True, True)


@pytest.mark.parametrize(
    "answer",
    [
        lambda heard: response(PAGE, HTML, "Connection: close", length=len(PAGE) + 1),
        lambda heard: chunked(PAGE, headers=(HTML, "Connection: close"), end=False),
    ],
    ids=["lying length", "no last chunk"],
)
def test_half_a_page_is_a_502_page(site, swapping, answer):
    site.answer = answer
    reply = ask(swapping, "/", *BROWSER)
    assert (reply.status, reply.is_whole) == (502, True)
    assert b"+7" not in reply.body


def signed(body: bytes, *, secret: str, at: float) -> tuple[str, ...]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = b"msg_1.%d.%b" % (at, body)
    signature = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    return (
        "Webhook-Id: msg_1",
        f"Webhook-Timestamp: {int(at)}",
        f"Webhook-Signature: v1,{signature}",
        "Content-Type: application/json",
    )


def test_the_engines_own_paths_never_reach_the_site(site, swapping):
    reply = ask(swapping, "/.callgraft/health")
    assert (reply.status, json.loads(reply.body)["site"]) == (200, "okna")
    assert ask(swapping, "/.callgraft/nothing").status == 404
    assert ask(swapping, "/.callgraft/health", method="HEAD").body == b""
    assert site.heard == []


def test_a_call_event_is_taken_when_it_is_signed(site, swapping):
    number = number_of_a_visitor(site, swapping)
    now = datetime.now(UTC)
    event = {
        "type": "call.ringing",
        "timestamp": now.isoformat(),
        "data": {"call": "42", "number": number, "caller": "+7 916 000-00-01"},
    }
    body = json.dumps(event).encode()
    secret = DOCUMENT.partition('secret = "')[2].partition('"')[0]
    headers = signed(body, secret=secret, at=now.timestamp())
    path = "/.callgraft/calls/generic"
    assert ask(swapping, path, method="POST", body=body).status == 401
    site.heard.clear()
    reply = ask(swapping, path, *headers, method="POST", body=body)
    assert (reply.status, json.loads(reply.body)["state"]) == (200, "ringing")
    assert site.heard == []


def number_of_a_visitor(site, swapping) -> str:
    site.answer = response(PAGE, HTML)
    return number_in(ask(swapping, "/", *BROWSER).body)


def test_more_than_an_event_is_refused(site, swapping):
    reply = ask(swapping, "/.callgraft/calls/generic", method="POST", body=bytes(70_000))
    assert reply.status == 413
    assert json.loads(reply.body)["detail"] == "At most 65536 bytes are taken."
