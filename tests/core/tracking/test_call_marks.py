"""What calls count as, by the document and by the other calls of their phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from callgraft.call_terms import CallTerms
from callgraft.client import EmbeddedClient
from callgraft.errors import SiteErrors
from callgraft.site_toml import read_site
from callgraft.stores import open_store
from callgraft.tracking.values import CallEvent, CallState
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

PHONE, STAFF, CLIENT = "+74991230000", "+79160000001", "+79160000002"
DOCUMENT = """
    [site]
    key = "okna"
    region = "RU"
    [targets.main]
    number = "+7 495 123-45-67"
    [pools.direct]
    numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]
    """
TERMS = """
    [calls]
    target_talk = "90s"
    service = ["+7 916 000-00-01"]
    clients = ["8 (916) 000-00-02"]
    """


@pytest.fixture
def told(client: EmbeddedClient) -> EmbeddedClient:
    """A client of a site whose document says what calls count as."""
    client.publish(read_site(DOCUMENT + TERMS), at=NOON)
    client.page_view(view("a", NOON, is_contact=True))
    return client


def ended(call: str, minute: int, caller: str = PHONE, talk: int = 10, **more: object) -> CallEvent:
    return rings(
        FIRST, NOON + minute * MINUTE, call=call, caller=caller, state=CallState.ENDED,
        talk=timedelta(seconds=talk), **more,
    )  # fmt: skip


def marks(client: EmbeddedClient) -> dict[str, Sequence[str]]:
    return {call.call: call.marks for call in client.calls("okna")}


def test_a_phones_calls_are_first_and_repeat(told: EmbeddedClient) -> None:
    assert told.take_call(ended("1", 1)).marks == ("first",)
    assert told.take_call(ended("2", 2)).marks == ("repeat",)
    assert told.take_call(ended("3", 3, caller="+74991230001")).marks == ("first",)
    assert told.take_call(ended("4", 4, caller="")).marks == ()


def test_in_whatever_order_events_come_the_earliest_call_is_the_first() -> None:
    for order in permutations([ended("1", 1), ended("2", 2), ended("3", 3)]):
        client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
        client.publish(read_site(DOCUMENT), at=NOON)
        for event in order:
            client.take_call(event)
        assert marks(client) == {"1": ("first",), "2": ("repeat",), "3": ("repeat",)}


def test_a_talk_as_long_as_the_document_asks_for_is_a_target_call(told: EmbeddedClient) -> None:
    assert told.take_call(ended("1", 1, talk=90)).marks == ("first", "target")
    assert told.take_call(ended("2", 2, talk=89)).marks == ("repeat",)
    assert told.take_call(ended("3", 3, talk=0, missed=True)).marks == ("repeat", "missed")


def test_calls_of_the_firms_own_phones_are_attributed_and_not_counted(
    told: EmbeddedClient,
) -> None:
    for call in ("1", "2"):
        found = told.take_call(ended(call, int(call), caller=STAFF, talk=100))
        assert (found.marks, found.attribution.method) == (("service",), "posterior")


def test_a_clients_call_is_no_visitors_and_no_first_call(told: EmbeddedClient) -> None:
    found = told.take_call(ended("1", 1, caller=CLIENT, talk=100))
    assert found.marks == ("target", "client")
    assert (found.attribution.method, found.attribution.session) == ("client", "")
    assert found.attribution.candidates == ()


def test_a_document_says_nothing_of_calls_or_everything() -> None:
    assert read_site(DOCUMENT).calls == CallTerms()
    assert read_site(DOCUMENT + TERMS).calls == CallTerms(
        target_talk=timedelta(seconds=90),
        service=frozenset([STAFF]),
        clients=frozenset([CLIENT]),
    )


def test_a_phone_is_the_firms_or_a_clients() -> None:
    both = '[calls]\nservice = ["+7 916 000-00-01"]\nclients = ["+7 916 000-00-01"]'
    with pytest.raises(SiteErrors, match=r"calls\.clients.*stands in service too"):
        read_site(DOCUMENT + both)


def test_callers_phones_do_not_stand_in_what_is_logged_of_a_document() -> None:
    assert STAFF not in repr(read_site(DOCUMENT + TERMS).calls)
