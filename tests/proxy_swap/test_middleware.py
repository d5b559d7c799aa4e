"""The middleware around any ASGI app, whatever way the app has of sending its answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft_proxy import CallgraftMiddleware
from callgraft_proxy.translate import visit_of
from tests.proxy_swap.okna import BROWSER, PAGE, number_in, okna_engine

HTML = [(b"content-type", b"text/html; charset=utf-8")]


@pytest.fixture(scope="module")
def engine():
    engine = okna_engine()
    yield engine
    engine.close()


def scope_of(path="/", method="GET", **more):
    pairs = [line.split(": ", 1) for line in ("host: okna.example", *BROWSER)]
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in pairs],
        "client": ("203.0.113.9", 40000),
        "server": ("10.0.0.1", 80),
        **more,
    }


def answered_by(app, engine, scope, *, requests=({"type": "http.request"},)):
    """Every message that the middleware sends on for one request."""
    messages = []
    waiting = list(requests)

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        messages.append(message)

    asyncio.run(CallgraftMiddleware(app, engine)(scope, receive, send))
    return messages


def saying(*pieces, headers=HTML, status=200, end=True):
    """An app that sends its body in these pieces."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for place, piece in enumerate(pieces):
            more = not end or place + 1 < len(pieces)
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    return app


def body_of(messages):
    return b"".join(message.get("body", b"") for message in messages[1:])


@pytest.mark.parametrize("cut", range(len(PAGE) + 1))
def test_every_cut_gives_the_same_page(engine, cut):
    messages = answered_by(saying(PAGE[:cut], PAGE[cut:]), engine, scope_of())
    number_in(body_of(messages))
    assert [message["type"] for message in messages] == [
        "http.response.start",
        "http.response.body",
    ]


@given(cuts=st.lists(st.integers(0, len(PAGE)), max_size=8), has_empty_end=st.booleans())
def test_any_pieces_give_the_same_page(engine, cuts, has_empty_end):
    edges = [0, *sorted(cuts), len(PAGE)]
    pieces = [PAGE[start:end] for start, end in pairwise(edges)]
    if has_empty_end:
        pieces.append(b"")
    number_in(body_of(answered_by(saying(*pieces), engine, scope_of())))


@given(pieces=st.lists(st.binary(max_size=40), max_size=6), length=st.integers(0, 120))
def test_any_bytes_of_a_page_without_a_target_stay(engine, pieces, length):
    pieces = [*pieces, b" " * length]
    messages = answered_by(saying(*pieces), engine, scope_of())
    assert body_of(messages) == b"".join(pieces)


def test_a_body_message_may_leave_everything_out(engine):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": HTML})
        await send({"type": "http.response.body", "body": PAGE, "more_body": True})
        await send({"type": "http.response.body"})

    number_in(body_of(answered_by(app, engine, scope_of())))


def test_what_is_no_page_passes_message_by_message(engine):
    plain = [(b"content-type", b"text/plain")]
    messages = answered_by(saying(b"a", b"b", b"", headers=plain), engine, scope_of())
    assert messages == [
        {"type": "http.response.start", "status": 200, "headers": plain},
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"b", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]


def test_a_page_that_turns_out_large_goes_on_in_order():
    engine = okna_engine(max_body=100)
    pieces = [PAGE[:60], PAGE[60:90], PAGE[90:130], PAGE[130:]]
    messages = answered_by(saying(*pieces), engine, scope_of())
    engine.close()
    assert [message.get("body") for message in messages] == [None, PAGE[:130], PAGE[130:]]
    assert [message.get("more_body") for message in messages] == [None, True, False]
    assert messages[0]["headers"] == HTML


def test_a_body_shorter_than_promised_is_not_made_whole(engine):
    promised = [*HTML, (b"content-length", str(len(PAGE) + 5).encode())]
    messages = answered_by(saying(PAGE, headers=promised), engine, scope_of())
    assert messages[0]["headers"] == promised
    assert body_of(messages) == PAGE


def test_an_app_that_breaks_off_has_sent_nothing(engine):
    assert answered_by(saying(PAGE[:50], end=False), engine, scope_of()) == []


def test_an_error_in_the_app_goes_up_to_the_server(engine):
    async def app(scope, receive, send):
        await saying(PAGE[:50], end=False)(scope, receive, send)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answered_by(app, engine, scope_of())


def test_a_head_request_passes(engine):
    length = [*HTML, (b"content-length", b"184")]
    messages = answered_by(saying(b"", headers=length), engine, scope_of(method="HEAD"))
    assert messages[0]["headers"] == length


def test_other_scopes_go_to_the_app_as_they_are(engine):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, receive, send))

    scope, receive, send = {"type": "websocket"}, object(), object()
    asyncio.run(CallgraftMiddleware(app, engine)(scope, receive, send))
    assert seen == [(scope, receive, send)]


def test_the_app_is_not_offered_ways_around_us(engine):
    offered = {"http.response.pathsend": {}, "http.response.zerocopysend": {}, "tls": {"v": 1}}
    scope = scope_of(extensions={**offered, "http.response.trailers": {}})
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["extensions"])
        await saying(PAGE)(scope, receive, send)

    answered_by(app, engine, scope)
    assert seen == [{"tls": {"v": 1}}]
    assert len(scope["extensions"]) == 4


def test_two_responses_at_one_time_do_not_mix(engine):
    gate = asyncio.Event()

    async def app(scope, receive, send):
        page = PAGE.replace("Окна".encode(), scope["path"].encode())
        await send({"type": "http.response.start", "status": 200, "headers": HTML})
        await send({"type": "http.response.body", "body": page[:80], "more_body": True})
        if scope["path"] == "/a":
            await gate.wait()
        else:
            gate.set()
        await send({"type": "http.response.body", "body": page[80:], "more_body": False})

    middleware = CallgraftMiddleware(app, engine)

    async def visit(path):
        messages = []

        async def send(message):
            messages.append(message)

        await middleware(scope_of(path), None, send)
        return body_of(messages)

    async def both():
        return await asyncio.gather(visit("/a"), visit("/b"))

    for path, body in zip((b"/a", b"/b"), asyncio.run(both()), strict=True):
        number_in(body, PAGE.replace("Окна".encode(), path))


def test_a_client_that_leaves_in_mid_event_is_not_answered(engine):
    scope = scope_of("/.callgraft/calls/generic", "POST")
    begun = {"type": "http.request", "body": b"{", "more_body": True}
    assert answered_by(saying(b""), engine, scope, requests=[begun]) == []


NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, "http://okna.example/"),
        ({"scheme": "https"}, "https://okna.example/"),
        (
            {"query_string": b"utm_source=yandex&q=%CF"},
            "http://okna.example/?utm_source=yandex&q=%CF",
        ),
        ({"path": "/о/б", "raw_path": b"/%D0%BE%2F%D0%B1"}, "http://okna.example/%D0%BE%2F%D0%B1"),
        ({"path": "/окна", "raw_path": None}, "http://okna.example/%D0%BE%D0%BA%D0%BD%D0%B0"),
        ({"raw_path": b"//x//y"}, "http://okna.example//x//y"),
        ({"root_path": "/shop", "raw_path": b"/shop/a"}, "http://okna.example/shop/a"),
        ({"root_path": "/shop", "raw_path": b"/a"}, "http://okna.example/shop/a"),
        ({"root_path": "/shop/", "raw_path": b"/shop/a"}, "http://okna.example/shop/a"),
        ({"root_path": "/shop", "raw_path": b"/shopping"}, "http://okna.example/shop/shopping"),
        ({"raw_path": b"/\xcf"}, "http://okna.example/%CF"),
        ({"headers": [(b"host", b"okna.example:8443")]}, "http://okna.example:8443/"),
        ({"headers": []}, "http://10.0.0.1:80/"),
    ],
)
def test_the_address_is_what_the_browser_shows(more, url):
    assert visit_of(scope_of(**more), at=NOW).url == url


@pytest.mark.parametrize(
    ("root", "path", "status"),
    [
        ("", "/.callgraft/health", 200),
        ("/.callgraft", "/health", 200),
        ("/.callgraft", "/.callgraft/health", 200),
        ("/shop", "/.callgraft/health", 418),
        ("/shop", "/shop/.callgraft/health", 418),
    ],
)
def test_our_paths_are_at_the_root_of_the_host(engine, root, path, status):
    messages = answered_by(saying(b"", status=418), engine, scope_of(path, root_path=root))
    assert messages[0]["status"] == status


def test_an_event_that_is_too_large_is_not_read_to_its_end(engine):
    piece = {"type": "http.request", "body": bytes(40_000), "more_body": True}
    asked = [piece, piece, {"type": "never"}]
    scope = scope_of("/.callgraft/calls/generic", "POST")
    messages = answered_by(saying(b""), engine, scope, requests=asked)
    assert messages[0]["status"] == 413


def test_a_visit_says_who_asks_when_and_with_which_fields():
    scope = scope_of(headers=[(b"cookie", b"a=1"), (b"cookie", b"b=\xcf")])
    visit = visit_of(scope, at=NOW)
    assert (visit.peer, visit.received_at, visit.method) == ("203.0.113.9", NOW, "GET")
    assert visit.headers == (("cookie", "a=1"), ("cookie", "b=\xcf"))
    assert visit_of(scope_of(client=None), at=NOW).peer == ""
