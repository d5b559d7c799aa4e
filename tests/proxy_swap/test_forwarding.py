"""The fields of a request on its way up, and of a response on its way down."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from callgraft_proxy.forwarding import request_fields, response_fields

PROXY = "10.0.0.7"
TRUSTED = (ip_network("10.0.0.0/8"),)


def sent(*headers: tuple[str, str], peer: str = "203.0.113.9") -> dict[str, list[str]]:
    """What the site gets, by name, for a request from ``peer``."""
    pairs = [("host", "okna.example"), *headers]
    scope = {
        "scheme": "http",
        "client": (peer, 40000),
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }
    named: dict[str, list[str]] = {}
    for name, value in request_fields(scope, trusted=TRUSTED):
        named.setdefault(name, []).append(value)
    return named


def test_the_site_learns_who_asks_and_for_what():
    fields = sent()
    assert fields["x-forwarded-for"] == ["203.0.113.9"]
    assert fields["x-forwarded-proto"] == ["http"]
    assert fields["x-forwarded-host"] == ["okna.example"]
    assert fields["forwarded"] == ['for=203.0.113.9;host="okna.example";proto=http']


def test_an_ipv6_client_is_quoted_as_rfc_7239_wants():
    assert sent(peer="2001:db8::1")["forwarded"] == [
        'for="[2001:db8::1]";host="okna.example";proto=http'
    ]


@pytest.mark.parametrize(
    "name",
    [
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-real-ip",
        "forwarded",
    ],
)
def test_a_stranger_cannot_say_who_it_is(name):
    for value in sent((name, "198.51.100.66"), (name, "198.51.100.67")).get(name, []):
        assert "198.51.100" not in value


@pytest.mark.parametrize("peer", ["203.0.113.9", PROXY])
@pytest.mark.parametrize(
    "name",
    ["x_forwarded_for", "x-forwarded_for", "x_forwarded_proto", "x_real_ip", "x.forwarded.for"],
)
def test_nobody_can_say_who_it_is_in_a_name_that_the_site_takes_for_another(name, peer):
    fields = sent((name, "198.51.100.66"), ("x_requested_with", "1"), peer=peer)
    assert name not in fields
    assert "198.51.100" not in str(fields)
    assert fields["x_requested_with"] == ["1"]


def test_a_listed_proxy_is_believed_and_its_address_appended():
    fields = sent(
        ("x-forwarded-for", "198.51.100.66"),
        ("x-forwarded-for", "198.51.100.67"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "198.51.100.66"),
        peer=PROXY,
    )
    assert fields["x-forwarded-for"] == ["198.51.100.66, 198.51.100.67, 10.0.0.7"]
    assert fields["x-forwarded-proto"] == ["https"]
    assert fields["x-real-ip"] == ["198.51.100.66"]


def test_a_chain_that_a_listed_proxy_did_not_write_is_not_begun():
    # A Forwarded that starts with the proxy would say that the proxy is the visitor.
    assert "forwarded" not in sent(("x-forwarded-for", "198.51.100.66"), peer=PROXY)
    assert "x-forwarded-for" not in sent(("forwarded", "for=198.51.100.66"), peer=PROXY)


def test_a_listed_proxy_that_says_nothing_is_the_client():
    assert sent(peer=PROXY)["x-forwarded-for"] == [PROXY]


def test_a_listed_proxy_is_known_by_its_mapped_address_too():
    fields = sent(("x-forwarded-for", "198.51.100.66"), peer="::ffff:10.0.0.7")
    assert fields["x-forwarded-for"] == ["198.51.100.66, ::ffff:10.0.0.7"]


def test_hop_by_hop_fields_end_here():
    fields = sent(
        ("connection", "close, X-Secret"),
        ("connection", "x-other"),
        ("x-secret", "1"),
        ("x-other", "2"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers"),
        ("trailer", "expires"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("x-kept", "3"),
    )
    gone = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
    assert not (gone | {"proxy-connection", "x-secret", "x-other"}) & set(fields)
    assert fields["x-kept"] == ["3"]


def test_connection_cannot_take_away_what_gives_a_message_its_meaning():
    fields = sent(("connection", "host, content-length, x-forwarded-for"), ("content-length", "5"))
    assert fields["host"] == ["okna.example"]
    assert fields["content-length"] == ["5"]
    assert fields["x-forwarded-for"] == ["203.0.113.9"]


def test_repeated_fields_keep_their_order():
    assert sent(("cookie", "a=1"), ("cookie", "b=2"))["cookie"] == ["a=1", "b=2"]


def test_fields_in_utf_8_pass_as_they_are():
    assert sent(("referer", "http://okna.example/окна"))["referer"] == ["http://okna.example/окна"]


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
        ("gzip;q=0.5, dcb, br;q=1.0, compress", "gzip;q=0.5, br;q=1.0"),
        ("GZIP, x-gzip", "GZIP, x-gzip"),
        ("compress, dcz", "identity"),
        ("*", "identity"),
        ("", "identity"),
        ("identity;q=0, gzip", "identity;q=0, gzip"),
    ],
)
def test_the_site_may_use_only_codings_that_can_be_undone(asked, passed):
    assert sent(("accept-encoding", asked))["accept-encoding"] == [passed]


def test_a_client_that_names_no_coding_is_not_given_one():
    assert "accept-encoding" not in sent()


def response(*headers: tuple[bytes, bytes], status: int = 200) -> list[tuple[bytes, bytes]]:
    return response_fields(headers, status=status)


def test_every_cookie_that_the_site_sets_comes_through_in_order():
    cookies = [(b"Set-Cookie", b"a=1"), (b"X", b"y"), (b"Set-Cookie", b"b=\xd0\xc0")]
    assert response(*cookies) == [
        (b"set-cookie", b"a=1"),
        (b"x", b"y"),
        (b"set-cookie", b"b=\xd0\xc0"),
    ]


def test_hop_by_hop_fields_of_the_site_end_here():
    assert response((b"Connection", b"X-Inner"), (b"X-Inner", b"1"), (b"Keep-Alive", b"5")) == []


def test_a_length_beside_chunks_means_nothing():
    assert response((b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")) == []


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_promises_none(status):
    fields = response((b"Content-Length", b"5"), (b"ETag", b'"1"'), status=status)
    assert fields == [(b"etag", b'"1"')]
