"""Events become calls, each once and attributed, on every store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.errors import RepeatedEvent
from callgraft.site_toml import read_site
from callgraft.source import Touch
from callgraft.stores import Store, open_store
from callgraft.tracking.values import Call, CallEvent, CallState, Wanted
from tests.core.tracked import (
    DIRECT,
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    pool,
    rings,
    site,
    view,
)

SECOND_OF_TIME = timedelta(seconds=1)
RANG = NOON + MINUTE
RINGING = rings(FIRST, RANG, caller="+74991230000")
ANSWERED = rings(FIRST, RANG + 8 * SECOND_OF_TIME, state=CallState.ANSWERED)
ENDED = rings(
    FIRST,
    RANG + 2 * MINUTE,
    state=CallState.ENDED,
    talk=timedelta(seconds=112),
    missed=False,
)
EVENTS = (RINGING, ANSWERED, ENDED)


def test_a_call_finds_its_visit_with_source_campaign_and_keyword(client: EmbeddedClient) -> None:
    client.page_view(view("a", path="/kontakty", is_contact=True))
    found = client.take_call(RINGING).attribution
    assert (found.method, found.session, found.visitor) == ("posterior", "a", "visitor of a")
    assert (found.source, found.medium) == (DIRECT.source, DIRECT.medium)
    assert (found.campaign, found.keyword) == (DIRECT.campaign, DIRECT.keyword)
    assert found.probability > 0.95


def test_a_call_tells_all_that_its_events_told(client: EmbeddedClient) -> None:
    for event in EVENTS:
        call = client.take_call(event)
    assert (call.state, call.number, call.caller) == (CallState.ENDED, FIRST, "+74991230000")
    assert (call.rang_at, call.answered_at, call.ended_at) == (
        RANG,
        RANG + 8 * SECOND_OF_TIME,
        RANG + 2 * MINUTE,
    )
    assert (call.talk, call.missed) == (timedelta(seconds=112), False)
    assert client.calls("okna") == [call]


def test_a_repeated_event_changes_nothing(client: EmbeddedClient) -> None:
    before = client.take_call(RINGING)
    client.page_view(view("late"))
    assert client.take_call(RINGING) == before
    assert len(client.calls("okna")) == 1


def test_a_state_never_goes_back(client: EmbeddedClient) -> None:
    client.take_call(ENDED)
    assert client.take_call(RINGING).state is CallState.ENDED


def test_an_event_before_the_ringing_one_sets_the_ring_for_the_time_being(
    client: EmbeddedClient,
) -> None:
    assert client.take_call(ENDED).rang_at == ENDED.at
    assert client.take_call(ANSWERED).rang_at == ANSWERED.at
    assert client.take_call(RINGING).rang_at == RANG


def test_a_corrected_ring_is_attributed_again(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    client.page_view(view("early"))
    client.page_view(view("late", NOON + HOLD))
    late = rings(FIRST, NOON + HOLD + MINUTE, state=CallState.ENDED)
    assert client.take_call(late).attribution.session == "late"
    assert client.take_call(rings(FIRST, RANG)).attribution.session == "early"


def test_who_saw_the_number_after_the_ring_did_not_call(client: EmbeddedClient) -> None:
    client.page_view(view("a", NOON + 2 * MINUTE))
    found = client.take_call(RINGING).attribution
    assert (found.method, found.session, found.candidates) == ("posterior", "", ())


def test_a_session_that_called_already_is_the_less_likely_one(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    client.page_view(view("a"))
    client.page_view(view("b", NOON + HOLD))
    at = NOON + HOLD + MINUTE
    first = client.take_call(rings(FIRST, at)).attribution
    second = client.take_call(rings(FIRST, at + MINUTE, call="call-2")).attribution
    assert first.session == "b"
    chances = {each.session: each.probability for each in first.candidates}
    later = {each.session: each.probability for each in second.candidates}
    assert later["a"] > chances["a"]


def test_calls_of_other_numbers_and_sites_are_no_hint(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    alone = client.take_call(rings(FIRST, RANG)).attribution
    client.take_call(rings(SECOND, NOON + SECOND_OF_TIME, call="call-2"))
    again = client.take_call(rings(FIRST, RANG, state=CallState.ANSWERED)).attribution
    assert again == alone


def test_a_call_to_the_overflow_number_names_its_source_and_no_visitor(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("a"))
    found = client.take_call(rings(OVERFLOW, RANG)).attribution
    assert (found.method, found.source, found.medium) == ("source_only", "yandex", "cpc")
    assert (found.source_probability, found.visitor, found.session) == (1.0, "", "")
    assert found.candidates == ()


def test_a_call_to_a_fixed_number_names_its_source(client: EmbeddedClient) -> None:
    found = client.take_call(rings("+74990000077", RANG)).attribution
    assert (found.method, found.source, found.medium) == ("source_only", "billboard", "offline")


@pytest.mark.parametrize("number", ["+74951234567", "+74957654321"])
def test_a_call_to_a_target_or_an_unknown_number_is_nobodys(
    client: EmbeddedClient, number: str
) -> None:
    client.page_view(view("a"))
    found = client.take_call(rings(number, RANG)).attribution
    assert (found.method, found.source, found.session) == ("none", "", "")
    assert found.because != ""


def test_calls_come_newest_first_and_as_many_as_asked_for(client: EmbeddedClient) -> None:
    for minute in (2, 3, 1):
        client.take_call(rings(FIRST, NOON + minute * MINUTE, call=f"call-{minute}"))
    assert [call.call for call in client.calls("okna", limit=2)] == ["call-3", "call-2"]
    assert client.calls("dveri") == []


def test_two_providers_may_call_two_calls_alike(client: EmbeddedClient) -> None:
    client.take_call(RINGING)
    other = CallEvent(
        site="okna",
        provider="other",
        account="main",
        event_id=RINGING.event_id,
        call=RINGING.call,
        state=CallState.RINGING,
        number=FIRST,
        at=RANG,
    )
    client.take_call(other)
    assert len({call.id for call in client.calls("okna")}) == 2


def test_an_event_is_kept_as_it_came(client: EmbeddedClient, store: Store) -> None:
    raw = b'{"state": "ringing", \xff}'
    event = rings(FIRST, RANG, raw=raw)
    client.take_call(event)
    kept = store.read(lambda tx: tx.events_of(event))
    assert list(kept) == [event]


def test_the_published_document_tells_another_process_what_a_number_is(sql_url: str) -> None:
    document = """
        [site]
        key = "okna"
        hosts = ["okna.example"]
        region = "RU"
        [targets.main]
        number = "+7 495 123-45-67"
        [fixed.billboard]
        number = "+7 499 000-00-77"
        source = "billboard"
        medium = "offline"
        """
    here = EmbeddedClient(open_store(sql_url), clock=lambda: NOON)
    there = EmbeddedClient(open_store(sql_url), clock=lambda: NOON)
    here.publish(read_site(document), at=NOON)
    found = there.take_call(rings("+74990000077", RANG)).attribution
    assert (found.method, found.source) == ("source_only", "billboard")
    here.close()
    there.close()


LATE_EVENTS = st.lists(st.sampled_from(EVENTS), max_size=6)


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(EVENTS), repeats=LATE_EVENTS)
def test_any_order_with_any_repeats_gives_one_and_the_same_call(
    order: Sequence[CallEvent], repeats: Sequence[CallEvent]
) -> None:
    expected = _taken(EVENTS)
    assert _taken([*order, *repeats]) == expected
    assert len(expected) == 1


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_order_of_any_events_gives_one_and_the_same_call(data: st.DataObject) -> None:
    event = st.builds(
        rings,
        number=st.sampled_from([FIRST, SECOND]),
        at=st.integers(0, 90).map(lambda second: NOON + second * SECOND_OF_TIME),
        state=st.sampled_from(CallState),
        event_id=st.uuids().map(str),
        caller=st.sampled_from(["", "+74991230000", "+74991230001"]),
        missed=st.sampled_from([None, False, True]),
        talk=st.sampled_from([None, timedelta(0), MINUTE]),
    )
    events = data.draw(st.lists(event, min_size=1, max_size=5))
    shuffled = data.draw(st.permutations(events))
    assert _taken(shuffled) == _taken(events)


def _taken(events: Sequence[CallEvent]) -> Sequence[Call]:
    """The calls that a site with two visitors knows after these events, but for what it took."""
    client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
    client.publish(site(), at=NOON)
    other = Touch(source="google", medium="organic", channel="organic search")
    terms = Wanted(target="main", pool="direct", overflow=None, hold=MINUTE / 2)
    for second, session in enumerate("abcd"):
        at = NOON + 20 * second * SECOND_OF_TIME
        client.page_view(view(session, at, terms, touch=other if second % 2 else DIRECT))
    for event in events:
        client.take_call(event)
    return [replace(call, rescored_at=None, earlier=()) for call in client.calls("okna")]


def of_dveri(event: CallEvent, number: str) -> CallEvent:
    """The same event under all its keys, told by the provider of another site."""
    return replace(event, site="dveri", number=number, caller="+74991239999")


def test_two_sites_whose_providers_use_the_same_keys_keep_their_calls_apart(
    client: EmbeddedClient,
) -> None:
    theirs = [of_dveri(event, "+74990000501") for event in EVENTS]
    first = client.take_call(RINGING)
    assert client.calls("dveri") == []
    second = client.take_call(theirs[0])
    client.take_call(theirs[2])
    assert client.take_call(ANSWERED).id == first.id
    [ours], [other] = client.calls("okna"), client.calls("dveri")
    assert (ours.id, ours.state, ours.number) == (first.id, CallState.ANSWERED, FIRST)
    assert (other.id, other.state, other.number) == (second.id, CallState.ENDED, "+74990000501")
    assert (ours.caller, other.caller) == ("+74991230000", "+74991239999")
    assert first.id != second.id


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(RINGING, call="call-2"), id="another call"),
        pytest.param(replace(ENDED, event_id=RINGING.event_id), id="another state of the call"),
        pytest.param(replace(RINGING, raw=b"{}"), id="another body"),
    ],
)
def test_another_event_under_a_known_id_is_refused_and_changes_nothing(
    client: EmbeddedClient, other: CallEvent
) -> None:
    before = client.take_call(RINGING)
    with pytest.raises(
        RepeatedEvent, match=r"webhook-id = 'call-1 ringing'.*an id of its own"
    ) as no:
        client.take_call(other)
    assert no.value.status == 409
    assert client.calls("okna") == [before]


def test_a_body_that_is_sent_again_is_the_same_event_however_it_is_read(
    client: EmbeddedClient,
) -> None:
    before = client.take_call(replace(RINGING, raw=b"{}"))
    assert client.take_call(replace(RINGING, raw=b"{}", caller="")) == before
