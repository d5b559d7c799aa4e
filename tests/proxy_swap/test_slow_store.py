"""A store that hangs costs a page its number, and not the visitor's time."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest

from callgraft import Engine, read_site
from callgraft.client import open_client
from callgraft.config import Settings
from callgraft.errors import StoreUnavailable
from callgraft.sites import FixedSites
from callgraft_proxy.testing import proxy_serving
from tests.proxy_swap.okna import BROWSER, DOCUMENT, HTML, PAGE, number_in
from tests.proxy_swap.origin import response
from tests.proxy_swap.wire import ask

# What a whole request may take on a busy machine: far less than the store takes.
GENEROUS = 1.0


class Faulty:
    """A real store in memory that is out of order in one way: ``fault`` runs before each view."""

    def __init__(self, fault):
        self._client = open_client("memory:")
        self._fault = fault

    def __getattr__(self, name):
        return getattr(self._client, name)

    def page_view(self, view, *, deadline):
        self._fault()
        return self._client.page_view(view, deadline=deadline)


def engine_with(fault, budget=timedelta(seconds=10)) -> Engine:
    return Engine(FixedSites(read_site(DOCUMENT)), Faulty(fault), settings=Settings(budget=budget))


@pytest.fixture
def hanging(site):
    """The URL of a proxy whose store takes 2 seconds for everything, or until the test is over."""
    over = threading.Event()
    engine = engine_with(lambda: over.wait(2.0), budget=timedelta(milliseconds=50))
    with proxy_serving(site.url, engine) as url:
        yield url
    over.set()
    engine.close()


def test_a_hanging_store_costs_the_page_its_number_and_the_budget(site, hanging, caplog):
    site.answer = response(PAGE, HTML, 'ETag: "1"')
    with caplog.at_level(logging.WARNING, "callgraft"):
        began = time.monotonic()
        reply = ask(hanging, "/kontakty", *BROWSER)
        took = time.monotonic() - began
    assert (reply.status, reply.body, reply.one("etag")) == (200, PAGE, None)
    assert reply.one("cache-control") == "private, no-cache"
    assert (reply.one("set-cookie") or "").startswith("callgraft=")
    assert took < GENEROUS
    assert (
        "okna.example/kontakty goes on without the store: "
        "The tracking store did not answer within 50 ms." in caplog.messages
    )


def test_while_the_store_rests_pages_do_not_wait_at_all(site, hanging):
    site.answer = response(PAGE, HTML)
    began = time.monotonic()
    for _ in range(8):
        assert ask(hanging, "/", *BROWSER).body == PAGE
    assert time.monotonic() - began < GENEROUS


def test_a_store_that_fails_costs_the_page_its_number(site, caplog):
    def fail():
        raise StoreUnavailable("The disk is full.")

    engine = engine_with(fail)
    site.answer = response(PAGE, HTML)
    with proxy_serving(site.url, engine) as url, caplog.at_level(logging.WARNING, "callgraft"):
        assert ask(url, "/", *BROWSER).body == PAGE
    engine.close()
    assert "okna.example/ goes on without the store: The disk is full." in caplog.messages


def test_a_bug_of_ours_leaves_the_page_unchanged_and_says_where(site, caplog):
    def fail():
        raise ZeroDivisionError

    engine = engine_with(fail)
    site.answer = response(PAGE, HTML)
    with proxy_serving(site.url, engine) as url, caplog.at_level(logging.WARNING, "callgraft"):
        assert ask(url, "/", *BROWSER).body == PAGE
    engine.close()
    assert "ZeroDivisionError" in caplog.text


def test_a_store_that_is_well_again_gives_numbers(site):
    faults = [1]

    def fail_once():
        if faults:
            faults.pop()
            raise StoreUnavailable("The disk is full.")

    engine = engine_with(fail_once)
    site.answer = response(PAGE, HTML)
    with proxy_serving(site.url, engine) as url:
        assert ask(url, "/", *BROWSER).body == PAGE
        number_in(ask(url, "/", *BROWSER).body)
    engine.close()
