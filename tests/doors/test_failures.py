"""Whatever goes wrong behind a door, the visitor reads the page that the site wrote."""

import logging
import threading
import time
from contextlib import closing

import pytest

from callgraft import StoreUnavailable
from callgraft.client import open_client
from tests.doors.client import Browser, Reply
from tests.doors.every_door import DOORS
from tests.doors.journey import OURS, PRIVATE, VARY
from tests.doors.origin import HTML, answer
from tests.doors.sites import engine_of

PATH = "/cached"
BUDGET = 0.05
FAR_LESS_THAN_THE_STORE_TAKES = 1.0


class FailingClient:
    """Tracking that works, but for page views."""

    def __init__(self, fail) -> None:
        self._works = open_client("memory:")
        self.page_view = fail

    def __getattr__(self, name: str):
        return getattr(self._works, name)


def unavailable(view, *, deadline):
    raise StoreUnavailable("The disk is full.")


def buggy(view, *, deadline):
    return view.no_such_attribute


class Hanging:
    """Answers after two seconds, or when it is told to."""

    def __init__(self) -> None:
        self._released = threading.Event()

    def __call__(self, view, *, deadline):
        self._released.wait(2)
        return ()

    def release(self) -> None:
        self._released.set()


@pytest.fixture
def complaints(caplog):
    caplog.set_level(logging.WARNING, logger="callgraft")
    return lambda: [each for each in caplog.records if each.name.startswith("callgraft.")]


def fetch(door: str, fail, times: int = 1) -> tuple[list[Reply], float]:
    """Fetch the page through a door whose store fails: the replies, and the seconds they took."""
    with (
        closing(engine_of(FailingClient(fail), budget=BUDGET)) as engine,
        DOORS[door](engine) as url,
    ):
        started = time.monotonic()
        replies = [Browser(url).ask(PATH) for _ in range(times)]
        took = time.monotonic() - started
        if isinstance(fail, Hanging):
            fail.release()
        return replies, took


def as_the_site_wrote_it() -> Reply:
    sent = answer("GET", PATH, {}, b"")
    return Reply.of(sent.status, sent.fields, sent.body)


def without_a_number() -> Reply:
    """
    The site's own bytes, and a head for one visitor.

    The cookie keeps how the visitor came, and no cache keeps the original for everyone else.
    """
    body = answer("GET", PATH, {}, b"").body
    length = ("Content-Length", str(len(body)))
    return Reply.of(200, [HTML, VARY, PRIVATE, OURS, length], body)


@pytest.mark.parametrize("door", DOORS)
def test_a_store_that_does_not_answer_costs_the_budget_and_no_page(door, complaints):
    replies, took = fetch(door, Hanging())
    assert replies == [without_a_number()]
    assert took < FAR_LESS_THAN_THE_STORE_TAKES
    assert [each.getMessage() for each in complaints()] == [
        "okna.example/cached goes on without the store: "
        "The tracking store did not answer within 50 ms."
    ]


@pytest.mark.parametrize("door", DOORS)
def test_a_store_that_did_not_answer_is_not_waited_for_by_everyone(door, complaints):
    replies, took = fetch(door, Hanging(), times=10)
    assert replies == [without_a_number()] * 10
    assert took < FAR_LESS_THAN_THE_STORE_TAKES
    assert len(complaints()) < len(replies)  # the last ones were not told, and did not wait


@pytest.mark.parametrize("door", DOORS)
def test_a_store_that_is_down_is_named_in_the_log(door, complaints):
    replies, _ = fetch(door, unavailable)
    assert replies == [without_a_number()]
    assert [each.getMessage() for each in complaints()] == [
        "okna.example/cached goes on without the store: The disk is full."
    ]


@pytest.mark.parametrize("door", DOORS)
def test_a_bug_of_ours_is_told_with_its_traceback(door, complaints):
    replies, _ = fetch(door, buggy)
    assert replies == [as_the_site_wrote_it()]
    (told,) = complaints()
    assert told.getMessage() == "okna.example/cached goes out unchanged."
    assert told.exc_info[0] is AttributeError
