"""What is no page streams in both directions, no faster than the slower side takes it."""

from __future__ import annotations

import socket
import threading

from callgraft_proxy.gate import Gate
from callgraft_proxy.testing import serving
from callgraft_proxy.upstream import Upstream
from tests.proxy_swap.origin import PATIENCE, chunked, response
from tests.proxy_swap.wire import ask, dial, hear_all, read_reply

GET = b"GET / HTTP/1.1\r\nHost: okna.example\r\nConnection: close\r\n\r\n"
MEGABYTE = bytes(2**20)


def test_each_piece_comes_down_when_it_is_there(site, passing):
    received = threading.Event()

    def answer(heard):
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
        assert received.wait(PATIENCE)
        yield b"6\r\nsecond\r\n0\r\n\r\n"

    site.answer = answer
    with dial(passing) as client:
        client.sendall(GET)
        data = b""
        while b"first" not in data:
            data += client.recv(4096)
        received.set()
        data += hear_all(client)
    assert read_reply(data).body == b"firstsecond"


def test_each_piece_of_an_upload_goes_up_when_it_is_there():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 11\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        upstream = Upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with serving(Gate(upstream)) as url, dial(url) as client:
            client.sendall(head + b"first")
            site, _ = listener.accept()
            with site:
                site.settimeout(PATIENCE)
                data = b""
                while not data.endswith(b"first"):
                    data += site.recv(4096)
                client.sendall(b"second")
                assert site.recv(4096) == b"second"
                site.sendall(response(b"ok"))
                assert read_reply(hear_all(client)).body == b"ok"


def test_a_large_download_comes_down_whole(site, passing):
    site.answer = lambda heard: chunked(*[MEGABYTE] * 40)
    reply = ask(passing)
    assert (len(reply.body), reply.is_whole) == (40 * 2**20, True)


def test_a_large_upload_goes_up_whole(site, passing):
    site.answer = lambda heard: response(str(len(heard.body)).encode())
    assert ask(passing, method="POST", body=MEGABYTE * 40).body == str(40 * 2**20).encode()


def test_a_client_that_does_not_read_stops_the_site(site, passing):
    progressed = threading.Event()
    pieces = 0

    def answer(heard):
        nonlocal pieces
        yield b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (200 * 2**20)
        for _ in range(200):
            yield MEGABYTE
            pieces += 1
            progressed.set()

    site.answer = answer
    with dial(passing) as client:
        client.sendall(GET)
        while progressed.wait(1.0):
            progressed.clear()
        stopped_at = pieces
        assert len(hear_all(client)) > 200 * 2**20
    # Nobody read, so all of it lay in buffers: the kernel's, and a little of the proxy's.
    assert 0 < stopped_at < 40
    assert pieces == 200


def test_a_download_ends_when_its_client_leaves(site, passing):
    left = threading.Event()

    def answer(heard):
        try:
            yield from chunked(*[MEGABYTE] * 10_000)
        finally:
            left.set()

    site.answer = answer
    with dial(passing) as client:
        client.sendall(GET)
        client.recv(4096)
    assert left.wait(PATIENCE)


def test_a_site_that_is_still_thinking_hears_that_the_client_left():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        upstream = Upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with serving(Gate(upstream)) as url:
            with dial(url) as client:
                client.sendall(GET)
                site, _ = listener.accept()
                site.settimeout(PATIENCE)
                assert site.recv(4096).startswith(b"GET / ")
            with site:
                assert site.recv(4096) == b""


def test_an_upload_that_its_client_leaves_is_not_whole_for_the_site():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        upstream = Upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with serving(Gate(upstream)) as url:
            with dial(url) as client:
                client.sendall(head + b"5\r\nfirst\r\n")
                site, _ = listener.accept()
                site.settimeout(PATIENCE)
                data = b""
                while b"first\r\n" not in data:
                    data += site.recv(4096)
            with site:
                assert hear_all(site) == b""


def test_an_answer_before_the_end_of_the_upload_comes_down():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n"
    refusal = response(b"too much", "Connection: close", status="413 Content Too Large")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        upstream = Upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with serving(Gate(upstream)) as url, dial(url) as client:
            client.sendall(head + b"first")
            site, _ = listener.accept()
            with site:
                site.settimeout(PATIENCE)
                site.recv(4096)
                site.sendall(refusal)
                reply = read_reply(hear_all(client))
    assert (reply.status, reply.body) == (413, b"too much")
