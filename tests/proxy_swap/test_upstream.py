"""Requests go up and responses come down as they are, over real connections."""

from __future__ import annotations

import asyncio
import threading

import pytest

from callgraft_proxy.gate import Gate
from tests.proxy_swap.origin import chunked, response
from tests.proxy_swap.wire import ask, read_reply, say


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "//double//slashes",
        "/a/../b/./c",
        "/%2e%2e/%2F%2f",
        "/p%D0%BE?q=%CF%F0%E8&q=%zz&r=a+b",
        "/a;p=1|2?x={}[]^`<>\"'",
        "/?a=http://other.example//x?y",
        "//other.example/x",
        "/a:b@c",
    ],
)
def test_the_target_goes_up_byte_for_byte(site, passing, target):
    site.answer = response(b"ok")
    assert ask(passing, target).body == b"ok"
    assert site.last.target == target.encode()


def test_the_host_is_the_same_in_and_out(site, passing):
    site.answer = response(b"ok")
    ask(passing, host="www.okna.example:8443")
    assert site.last.all("host") == [b"www.okna.example:8443"]


def test_nothing_is_added_in_the_clients_name(site, passing):
    site.answer = response(b"ok")
    ask(passing, "/", "Cookie: a=1; b=2")
    assert {name.lower() for name, _ in site.last.headers} == {
        b"host",
        b"cookie",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"forwarded",
    }


def test_a_response_comes_down_with_its_fields_in_order(site, passing):
    site.answer = response(b"ok", "Server: Apache", "Set-Cookie: a=1", "X-A: 1", "Set-Cookie: b=2")
    reply = ask(passing)
    names = [(name, value) for name, value in reply.headers if name not in ("date", "connection")]
    assert names == [
        ("content-length", "2"),
        ("server", "Apache"),
        ("set-cookie", "a=1"),
        ("x-a", "1"),
        ("set-cookie", "b=2"),
    ]


def test_the_sites_own_date_stays_and_a_missing_one_is_added(site, passing):
    site.answer = response(b"", "Date: Thu, 01 Jan 1970 00:00:00 GMT")
    assert ask(passing).all("date") == ["Thu, 01 Jan 1970 00:00:00 GMT"]
    site.answer = response(b"")
    assert len(ask(passing).all("date")) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_the_clients_to_follow(site, passing, status):
    site.answer = response(b"", "Location: /there", status=f"{status} Moved")
    reply = ask(passing)
    assert (reply.status, reply.one("location")) == (status, "/there")
    assert len(site.heard) == 1


def test_a_304_comes_down_without_a_body(site, passing):
    site.answer = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 99\r\n\r\n'
    reply = ask(passing, "/", 'If-None-Match: "1"')
    assert (reply.status, reply.one("etag"), reply.is_whole) == (304, '"1"', True)
    assert site.last.all("if-none-match") == [b'"1"']


def test_a_head_request_gets_the_length_and_no_body(site, passing):
    site.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
    reply = ask(passing, method="HEAD")
    assert site.last.method == b"HEAD"
    assert (reply.one("content-length"), reply.body) == ("1234", b"")


def test_a_range_is_the_sites_to_answer(site, passing):
    site.answer = response(b"ell", "Content-Range: bytes 1-3/5", status="206 Partial Content")
    reply = ask(passing, "/", "Range: bytes=1-3")
    assert (reply.status, reply.body) == (206, b"ell")
    assert site.last.all("range") == [b"bytes=1-3"]


def test_an_unusual_method_goes_up(site, passing):
    site.answer = response(b"", status="207 Multi-Status")
    assert ask(passing, method="PROPFIND").status == 207
    assert site.last.method == b"PROPFIND"


def test_a_body_with_a_length_goes_up_with_it(site, passing):
    site.answer = response(b"ok")
    ask(passing, "/", "Content-Type: text/plain", method="POST", body=b"hello")
    assert (site.last.body, site.last.all("content-length")) == (b"hello", [b"5"])
    assert site.last.all("transfer-encoding") == []


def test_a_body_in_chunks_goes_up_in_chunks(site, passing):
    site.answer = response(b"ok")
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    ask(passing, "/", "Transfer-Encoding: chunked", method="PUT", body=body)
    assert (site.last.body, site.last.is_whole) == (b"hello world", True)
    assert site.last.all("content-length") == []


def test_an_empty_post_has_a_length_of_nothing(site, passing):
    site.answer = response(b"ok")
    ask(passing, "/", "Content-Length: 0", method="POST")
    assert site.last.all("content-length") == [b"0"]


def test_an_expectation_is_answered_here(site, passing):
    site.answer = response(b"ok")
    data = (
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n"
        b"Expect: 100-continue\r\n\r\nhello"
    )
    first, _, rest = say(passing, data).partition(b"\r\n\r\n")
    assert first == b"HTTP/1.1 100 Continue"
    assert read_reply(rest).body == b"ok"
    assert (site.last.body, site.last.all("expect")) == (b"hello", [])


def test_a_response_in_chunks_comes_down_whole(site, passing):
    site.answer = lambda heard: chunked(b"one ", b"two ", b"three")
    reply = ask(passing)
    assert (reply.body, reply.is_whole) == (b"one two three", True)


def test_a_response_that_ends_with_its_connection_comes_down_whole(site, passing):
    site.answer = b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nold but good"
    reply = ask(passing)
    assert (reply.body, reply.is_whole) == (b"old but good", True)


def test_packed_bytes_stay_packed(site, passing):
    site.answer = response(b"\x1f\x8b not even gzip", "Content-Encoding: gzip")
    reply = ask(passing, "/", "Accept-Encoding: gzip")
    assert reply.body == b"\x1f\x8b not even gzip"
    assert reply.one("content-encoding") == "gzip"


def test_one_clients_cookie_is_not_sent_for_another(site, passing):
    site.answer = response(b"", "Set-Cookie: session=1; Path=/")
    ask(passing)
    ask(passing)
    assert site.last.all("cookie") == []


def test_an_early_hint_does_not_stand_for_the_answer(site, passing):
    site.answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + response(b"ok")
    reply = ask(passing)
    assert (reply.status, reply.body) == (200, b"ok")


def test_control_characters_in_a_field_are_blanked(site, passing):
    site.answer = response(b"ok", "X-Mailer: a\x01b\x7fc\td")
    reply = ask(passing)
    assert (reply.one("x-mailer"), reply.body) == ("a b c\td", b"ok")


def test_a_request_field_that_is_no_utf_8_goes_up_as_utf_8(site, passing):
    site.answer = response(b"ok")
    ask(passing, "/", "Referer: http://okna.example/\xcf")  # one byte, as windows-1251 has it
    assert site.last.all("referer") == ["http://okna.example/\xcf".encode()]


def test_large_fields_pass_both_ways(site, passing):
    site.answer = response(b"ok", "Set-Cookie: a=" + "x" * 30_000)
    reply = ask(passing, "/", "Cookie: a=" + "y" * 30_000)
    assert len(reply.one("set-cookie") or "") == 30_002
    assert len(site.last.all("cookie")[0]) == 30_002


def test_two_requests_on_one_connection_get_their_own_answers(site, passing):
    site.answer = lambda heard: response(heard.target)
    lines = b"GET /%d HTTP/1.1\r\nHost: a\r\n%b\r\n"
    data = say(passing, lines % (1, b"") + lines % (2, b"Connection: close\r\n"))
    first, second = data.index(b"/1"), data.index(b"/2")
    assert first < second


def test_connections_to_the_site_are_used_again(site, passing):
    site.answer = response(b"ok")
    ask(passing)
    before = site.connections
    for _ in range(5):
        ask(passing)
    assert site.connections == before


def test_what_cannot_be_repeated_has_a_connection_of_its_own(site, passing):
    site.answer = response(b"ok")
    ask(passing)
    before = site.connections
    ask(passing, method="POST", body=b"order")
    assert site.connections == before + 1


def test_many_clients_at_once_get_their_own_answers(site, passing):
    site.answer = lambda heard: response(heard.target * 1000)
    got: dict[int, bytes] = {}

    def visit(number: int) -> None:
        got[number] = ask(passing, f"/{number}").body

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: f"/{number}".encode() * 1000 for number in range(30)}


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Host: a\r\nHost: b\r\n", 400),
        (b"Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", 501),
        (b"Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n", 400),
        (b"Host: a\r\nContent-Length: -1\r\n", 400),
        (b"Host: a\r\nContent-Length: 1_0\r\n", 400),
        (b"Host: a\r\nTransfer-Encoding: chunked, identity\r\n", 400),
        (b"Host: a\r\nBad Name: x\r\n", 400),
        (b"Host: a\r\nX: \x00\r\n", 400),
    ],
)
def test_what_two_servers_could_read_differently_is_refused(site, passing, lines, status):
    data = say(passing, b"POST / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")
    assert read_reply(data).status == status
    assert site.heard == []


@pytest.mark.parametrize(
    "target", [b"@other.example/", b"other.example", b"*", b":1/", b"?x", b"\\x", b"/\xcf", b"/ x"]
)
def test_a_target_that_is_no_path_is_refused(site, passing, target):
    assert ask(passing, target, method="OPTIONS").status == 400
    assert site.heard == []


def test_a_path_is_taken_from_an_absolute_target(site, passing):
    site.answer = response(b"ok")
    ask(passing, "http://other.example/a?b")
    assert site.last.target == b"/a?b"
    assert site.last.all("host") == [b"okna.example"]


def test_an_offer_to_upgrade_to_http_2_is_not_taken_up(site, passing):
    site.answer = response(b"ok")
    offer = ("HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", "Upgrade: h2c")
    data = b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\nConnection: Upgrade, HTTP2-Settings, close\r\n\r\n"
    reply = read_reply(say(passing, data % "\r\n".join(offer).encode()))
    assert (reply.status, reply.body) == (200, b"ok")
    assert site.last.all("upgrade") == site.last.all("http2-settings") == []


def test_a_server_that_lets_such_a_target_through_changes_nothing():
    sent = []

    async def send(message):
        sent.append(message)

    async def site(scope, receive, send):
        raise AssertionError("It was reached.")

    scope = {"type": "http", "method": "GET", "scheme": "http", "path": "@other.example"}
    scope |= {"raw_path": b"@other.example", "query_string": b"", "headers": []}
    asyncio.run(Gate(site)(scope, None, send))
    assert sent[0]["status"] == 400
