"""What an operator writes down becomes an engine, or a sentence that says what is wrong with it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Head, Page, SetupError, Visit, open_engine

DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[fixed.search]
number = "+7 499 000-00-70"
source = "search"

[[rules]]
name = "Search"
target = "main"
when = { channel = "organic search" }
fixed = "search"
"""
AGENT = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


def shown(engine, referrer):
    visit = Visit(
        url="https://okna.example/",
        received_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        headers=(AGENT, ("Referer", referrer)),
        peer="203.0.113.7",
    )
    head = Head(headers=(("Content-Type", "text/html"),))
    return engine.swap(visit, Page(head=head, body=b"8 (495) 123-45-67")).body


def test_a_list_of_referrers_is_put_over_the_known_ones(document, tmp_path):
    path = tmp_path / "referrers.json"
    path.write_text(json.dumps({"search": [["newfind", ["newfind.example"], ["q"]]]}))
    with closing(open_engine(document, backend="memory:", strict=True)) as engine:
        assert shown(engine, "https://www.google.com/") == b"8 (499) 000-00-70"
        assert shown(engine, "https://newfind.example/?q=okna") == b"8 (495) 123-45-67"
    with closing(open_engine(document, backend="memory:", referrers=path, strict=True)) as engine:
        assert shown(engine, "https://www.google.com/") == b"8 (499) 000-00-70"
        assert shown(engine, "https://newfind.example/?q=okna") == b"8 (499) 000-00-70"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("backend", 5, "backend = 5: is no URL."),
        ("backend", "mysql://localhost/x", "mysql"),
        ("budget", 50, "budget = 50: is no length of time."),
        ("budget", timedelta(0), "is no length of time"),
        ("max_body", "8MB", "max_body = '8MB': is no size."),
        ("trusted_proxies", "10.0.0.0/8", "trusted_proxies = '10.0.0.0/8': is no list."),
        ("trusted_proxies", ["10.0.0.0/99"], "10.0.0.0/99"),
        ("geo", "nowhere.mmdb", "nowhere.mmdb"),
        ("referrers", "nowhere.json", "nowhere.json"),
    ],
)
def test_what_is_set_up_wrongly_is_named_with_key_and_value(document, option, value, words):
    options = {"backend": "memory:", option: value}
    with pytest.raises(SetupError) as caught:
        open_engine(document, **options)
    assert words in str(caught.value)
    assert caught.value.key.startswith(option)
    assert caught.value.cure


def test_a_faulty_document_is_refused_at_the_start(document):
    document.write_text(DOCUMENT.replace("fixed = ", "fxed = "), encoding="utf-8")
    with pytest.raises(SetupError, match="fxed"):
        open_engine(document, backend="memory:")


def test_a_secret_that_is_too_short_is_refused_by_its_name(document):
    environ = {"CALLGRAFT_SECRET": "short"}
    with pytest.raises(SetupError, match="CALLGRAFT_SECRET: has only 5 bytes"):
        open_engine(document, backend="memory:", environ=environ)
