"""A site that fails: a page says so, or the connection visibly breaks; never half a page."""

from __future__ import annotations

import logging
import socket
import threading
from datetime import timedelta

import pytest

from callgraft_proxy.gate import Gate
from callgraft_proxy.pool import Timeouts
from callgraft_proxy.testing import serving
from callgraft_proxy.upstream import Upstream
from tests.proxy_swap.okna import BROWSER, HTML, PAGE
from tests.proxy_swap.origin import RESET, chunked, response
from tests.proxy_swap.wire import PATIENCE, ask, dial, hear_all, read_reply


@pytest.fixture
def hurried(site):
    """The URL of a proxy that waits 0.2 seconds for the site to say anything."""
    timeouts = Timeouts(idle=timedelta(seconds=0.2))
    with serving(Gate(Upstream(site.url, timeouts=timeouts))) as url:
        yield url


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "http://site.invalid:80"])
def test_a_site_that_cannot_be_reached_is_a_502_page(address, caplog):
    upstream = Upstream(address.format(port=closed_port()))
    with serving(Gate(upstream)) as url, caplog.at_level(logging.WARNING, "callgraft_proxy"):
        reply = ask(url, "/kontakty?phone=secret")
    assert (reply.status, reply.is_whole) == (502, True)
    assert reply.one("cache-control") == "no-store"
    assert reply.one("content-type") == "text/html; charset=utf-8"
    assert b"The site cannot be reached" in reply.body
    assert b"127.0.0.1" not in reply.body and b"site.invalid" not in reply.body
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("GET okna.example/kontakty: 502: no connection to ")
    assert "secret" not in line


def test_the_page_speaks_the_visitors_language():
    with serving(Gate(Upstream(f"http://127.0.0.1:{closed_port()}"))) as url:
        reply = ask(url, "/", "Accept-Language: fr, ru-RU;q=0.9, en;q=0.8")
        assert reply.one("content-language") == "ru"
        assert "Сайт временно недоступен".encode() in reply.body
        assert ask(url, "/", "Accept-Language: fr").one("content-language") == "en"


def test_a_head_request_gets_the_head_of_the_page_only():
    with serving(Gate(Upstream(f"http://127.0.0.1:{closed_port()}"))) as url:
        reply = ask(url, method="HEAD")
    assert (reply.status, reply.body) == (502, b"")
    assert int(reply.one("content-length") or 0) > 100


def test_a_site_that_says_nothing_in_time_is_a_504_page(site, hurried):
    answered = socket.socketpair()
    site.answer = lambda heard: iter(lambda: answered[0].recv(1), b"")  # says nothing
    reply = ask(hurried)
    answered[1].close()
    assert (reply.status, reply.is_whole) == (504, True)
    assert b"The site takes too long" in reply.body


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n",
        b"Connection: close\r\n\r\n",
    ],
    ids=lambda answer: repr(answer[:40]),
)
def test_a_site_that_talks_nonsense_is_a_502_page(site, passing, answer):
    site.answer = answer
    reply = ask(passing)
    assert (reply.status, reply.is_whole) == (502, True)
    assert b"The site cannot be reached" in reply.body


def test_a_site_that_hangs_up_without_a_word_is_a_502_page(site, passing):
    def hang_up(heard):
        raise OSError

    site.answer = hang_up
    assert ask(passing).status == 502


CLOSE = "Connection: close"


@pytest.mark.parametrize(
    "answer",
    [
        lambda heard: response(b"half of it", CLOSE, length=20),
        lambda heard: chunked(b"half of it", headers=(CLOSE,), end=False),
        lambda heard: b"".join(chunked(b"half of it", headers=(CLOSE,)))[:-2],
    ],
    ids=["lying length", "no last chunk", "half a last chunk"],
)
def test_a_body_that_breaks_off_cannot_be_taken_for_whole(site, passing, answer, caplog):
    site.answer = answer
    with caplog.at_level(logging.WARNING, "callgraft_proxy"):
        reply = ask(passing)
    assert reply.status == 200
    assert not reply.is_whole
    assert b"half of it".startswith(reply.body)
    assert "cut off" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_broken_chunk_cannot_be_taken_for_whole(site, passing):
    whole = b"".join(chunked(b"half of it", headers=(CLOSE,), end=False))
    site.answer = whole + b"zz\r\n"
    reply = ask(passing)
    # What came in one piece with the head is looked at before the head goes on.
    assert reply.status == 502 or not reply.is_whole


def test_a_body_that_stops_coming_cannot_be_taken_for_whole(site, hurried):
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)

    def answer(heard):
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        ours.recv(1)

    site.answer = answer
    reply = ask(hurried)
    theirs.close()
    assert (reply.status, reply.body, reply.is_whole) == (200, b"half", False)


def test_a_proxy_recovers_when_the_site_does(site, passing):
    site.answer = response(b"half", CLOSE, length=20)
    ask(passing)
    site.answer = response(b"whole")
    assert ask(passing).body == b"whole"


OLD = b"HTTP/1.0 200 OK\r\n%b\r\n"


def test_a_page_without_a_length_that_is_reset_is_a_502_page(site, swapping):
    site.answer = lambda heard: iter([OLD % f"{HTML}\r\n".encode() + PAGE[:-20], RESET])
    reply = ask(swapping, "/", *BROWSER)
    assert (reply.status, reply.is_whole) == (502, True)
    assert b"+7" not in reply.body


def test_a_body_without_a_length_that_is_reset_cannot_be_taken_for_whole(site, passing):
    received = threading.Event()

    def answer(heard):
        yield OLD % b"Content-Type: text/plain\r\n" + b"half of it"
        assert received.wait(PATIENCE)
        yield RESET

    site.answer = answer
    with dial(passing) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: okna.example\r\nConnection: close\r\n\r\n")
        data = b""
        while b"half of it" not in data:
            data += client.recv(4096)
        received.set()
        reply = read_reply(data + hear_all(client))
    assert (reply.status, reply.body, reply.is_whole) == (200, b"half of it", False)


def test_a_body_with_a_length_is_whole_although_its_connection_is_reset(site, passing):
    received = threading.Event()

    def answer(heard):
        yield response(b"all of it")
        assert received.wait(PATIENCE)
        yield RESET

    site.answer = answer
    assert ask(passing).body == b"all of it"
    received.set()


@pytest.mark.parametrize("is_in_one", [True, False], ids=["with the head", "behind the head"])
@pytest.mark.parametrize("length", [b"Content-Length: 6\r\n", b""], ids=["length", "no length"])
def test_a_body_that_must_not_be_there_is_left_with_its_connection(
    site, passing, is_in_one, length
):
    head = b"HTTP/1.1 200 OK\r\n" + length + b"X-A: 1\r\n\r\n"
    pieces = [head + b"secret"] if is_in_one else [head, b"secret"]
    site.answer = lambda heard: iter(pieces)
    reply = ask(passing, method="HEAD")
    assert (reply.status, reply.one("x-a"), reply.body) == (200, "1", b"")
    assert reply.one("content-length") == ("6" if length else None)
    site.answer = response(b"whole")
    assert ask(passing).body == b"whole"


@pytest.mark.parametrize(
    "answer",
    [
        b"<p>8 916 000-00-01 Anna\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n8 916 000-00-01 Anna\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8 916 000-00-01 Anna\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 8 916 000-00-01 Anna\r\n\r\n",
    ],
    ids=["no status line", "no field", "no chunk", "no length"],
)
def test_what_the_site_said_stays_out_of_the_log(site, passing, caplog, answer):
    site.answer = answer
    with caplog.at_level(logging.DEBUG):
        reply = ask(passing)
    assert reply.status == 502 or not reply.is_whole
    assert "916" not in caplog.text and "Anna" not in caplog.text
    lines = [each.getMessage() for each in caplog.records if each.name == "callgraft_proxy.gate"]
    assert len(lines) == 1
    assert lines[0].startswith("GET okna.example/: ")
    assert lines[0].endswith(
        (
            ": the answer is no HTTP that can be understood",
            ": the answer broke off",
        )
    )
