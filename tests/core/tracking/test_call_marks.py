"""What calls count as, by the document and by the other calls of their phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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

SECOND = timedelta(seconds=1)
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


def test_a_stranger_who_rings_off_at_once_is_spam(told: EmbeddedClient) -> None:
    nobody_was_shown_it = "+74990000002"
    ringing = rings(nobody_was_shown_it, NOON + MINUTE, call="1")
    assert told.take_call(ringing).marks == ()
    end = replace(ringing, state=CallState.ENDED, event_id="end", at=NOON + MINUTE + 4 * SECOND)
    assert told.take_call(end).marks == ("spam",)
    assert len(told.calls("okna")) == 1


@pytest.mark.parametrize(
    ("number", "caller", "talk"),
    [
        ("+74990000002", PHONE, 5),  # long enough to say something
        ("+74990000001", PHONE, 4),  # somebody may have seen the number
        ("+74990000002", STAFF, 4),  # the firm's own
    ],
)
def test_other_short_calls_are_no_spam(
    told: EmbeddedClient, number: str, caller: str, talk: int
) -> None:
    end = ended("1", 1, caller=caller, talk=talk)
    assert "spam" not in told.take_call(replace(end, number=number)).marks


IN_ENVIRONMENT = DOCUMENT + '[calls]\nservice = ["+7 495 123-45-68", "env:OKNA_STAFF"]'


def test_the_staff_s_phones_may_stand_in_the_environment(
    client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKNA_STAFF", "8 916 000-00-01, +7 916 000-00-03")
    environ = {"OKNA_STAFF": "+79160000001,+79160000003"}
    assert read_site(IN_ENVIRONMENT, environ=environ).calls.service == {
        "+74951234568",
        STAFF,
        "+79160000003",
    }
    assert read_site(IN_ENVIRONMENT, environ=None).calls.service == {"+74951234568"}
    client.publish(read_site(IN_ENVIRONMENT, environ=environ), at=NOON)
    assert client.take_call(ended("1", 1, caller=STAFF)).marks == ("service",)


def test_what_is_wrong_with_phones_in_the_environment_is_told_without_them() -> None:
    with pytest.raises(SiteErrors, match="the environment has no such variable") as missing:
        read_site(IN_ENVIRONMENT, environ={})
    assert missing.value.key == "calls.service[1]"
    with pytest.raises(SiteErrors, match=r"no\. 2 is no phone") as wrong:
        read_site(IN_ENVIRONMENT, environ={"OKNA_STAFF": "+79160000001, 9160"})
    assert "9160" not in str(wrong.value)
