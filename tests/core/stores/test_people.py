"""People's data on every store: told, forgotten for good, thrown away when its time is over."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from callgraft.privacy import Privacy
from callgraft.tracking.people import BATCH
from callgraft.tracking.records import FORGOTTEN, Forgotten, PageLoad, Purged
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import CallState, SessionSign
from tests.core.tracked import (
    DIRECT,
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)

CALLER, OTHER = "+79160001234", "+79160005678"
DAY = timedelta(days=1)
RANG_AT = NOON + timedelta(minutes=2, seconds=20)


def sign(session, at):
    return SessionSign(site="okna", session=session, at=at, kind=SignKind.ACTIVE)


def visited(client, session="a", at=NOON, **more):
    """Two pages of a session, with a number and a sign of life."""
    client.page_view(replace(view(session, at, **more), network="203.0.113.0"))
    later = replace(view(session, at, **more, path="/contacts", is_contact=True), at=at + MINUTE)
    client.page_view(later)
    client.take_signs([sign(session, at + 2 * MINUTE)])


def everything(store):
    """All that the store keeps, as one text."""

    def read(transaction):
        people = [
            transaction.sessions_of("okna", visitor)
            for _, visitor in transaction.old_sessions("okna", before=NOON + 9999 * DAY, limit=99)
        ]
        leases = [transaction.leases_on("okna", each, limit=99) for each in (FIRST, SECOND)]
        calls = transaction.calls("okna", limit=99)
        events = [transaction.events_of(rings(call=each.call)) for each in calls]
        told = [asdict(event) for each in events for event in each]  # their repr hides callers
        return str((people, leases, [asdict(each) for each in calls], told))

    return store.read(read) + str(
        [call.caller for call in store.read(lambda t: t.calls("okna", limit=99))]
    )


def test_all_that_is_known_of_a_visitor_is_told(client):
    visited(client)
    client.take_call(rings(at=RANG_AT, caller=CALLER))
    record = client.visitor_record("okna", "visitor of a")
    [session] = record.sessions
    assert (session.session, session.started_at, session.touch) == ("a", NOON, DIRECT)
    assert session.network == "203.0.113.0"
    assert session.visits == (
        PageLoad(at=NOON, path="/"),
        PageLoad(at=NOON + MINUTE, path="/contacts", is_contact=True),
    )
    assert session.signs == (sign("a", NOON + 2 * MINUTE),)
    assert [lease.number for lease in record.leases] == [FIRST]
    assert [call.attribution.visitor for call in record.calls] == ["visitor of a"]


def test_what_a_visitor_is_told_holds_nothing_of_anybody_else(client):
    one = pool(numbers=(FIRST,))
    client.publish(site(one, version="2"), at=NOON)
    client.page_view(view("a", NOON, wanted(one)))
    at = NOON + HOLD + MINUTE
    client.page_view(view("b", at, wanted(one)))
    client.take_call(rings(at=at + MINUTE / 6, caller=CALLER))
    [call] = client.calls("okna")
    assert call.attribution.visitor == "visitor of b"
    for name, named in (("a", ""), ("b", "visitor of b")):
        record = client.visitor_record("okna", f"visitor of {name}")
        [told] = record.calls
        assert told.attribution.visitor == named
        assert [each.session for each in told.attribution.candidates] == [name]
        assert CALLER not in str(asdict(record))


def test_of_a_stranger_nothing_is_known(client):
    visited(client)
    assert client.visitor_record("okna", "visitor of b") is None
    assert client.visitor_record("pvc", "visitor of a") is None


def test_a_forgotten_visitor_stands_nowhere_any_more(client, store):
    visited(client)
    visited(client, "b", NOON + MINUTE)
    client.take_call(rings(at=RANG_AT, caller=CALLER))
    forgotten = client.forget("okna", visitor="visitor of a", at=NOON + 4 * MINUTE)
    assert forgotten == Forgotten(sessions=1, visits=2, signs=1, leases=1, calls=1)
    assert client.visitor_record("okna", "visitor of a") is None
    assert "visitor of a" not in everything(store)
    assert "203.0.113.0" not in str(client.number_history("okna", FIRST))
    assert client.visitor_record("okna", "visitor of b") is not None


def test_a_call_of_a_forgotten_visitor_keeps_its_source(client):
    visited(client)
    client.take_call(rings(at=RANG_AT, caller=CALLER))
    client.forget("okna", visitor="visitor of a", at=NOON + 4 * MINUTE)
    [call] = client.calls("okna")
    found = call.attribution
    assert (found.visitor, found.session, found.source) == ("", "", "yandex")
    assert {(each.visitor, each.session) for each in found.candidates} == {("", "")}
    assert call.caller == CALLER  # whose it is was only likely


def test_the_number_of_a_forgotten_visitor_is_nobody_elses_before_its_hold_is_over(client):
    visited(client)
    client.forget("okna", visitor="visitor of a", at=NOON + 3 * MINUTE)
    at = NOON + 4 * MINUTE
    assert numbers_shown(client, view("b", at)) == [SECOND]
    assert numbers_shown(client, view("c", at)) == [OVERFLOW]
    later = [numbers_shown(client, view(each, NOON + 2 * HOLD)) for each in "de"]
    assert sorted(later) == [[FIRST], [SECOND]]


def test_a_forgotten_visitor_who_comes_back_is_somebody_new(client):
    visited(client)
    client.forget("okna", visitor="visitor of a", at=NOON + 3 * MINUTE)
    later = replace(view("a"), at=NOON + 4 * MINUTE)
    assert numbers_shown(client, later) == [SECOND]
    [session] = client.visitor_record("okna", "visitor of a").sessions
    assert len(session.visits) == 1


def test_a_number_that_a_forgotten_visitor_saw_too_makes_nobody_surer(client):
    """Two were shown the number: forgetting one must not give the call to the other."""
    one = pool(numbers=(FIRST,))
    client.publish(site(one, version="2"), at=NOON)
    client.page_view(view("a", NOON, wanted(one)))
    at = NOON + HOLD + MINUTE
    client.page_view(view("b", at, wanted(one)))
    client.forget("okna", visitor="visitor of a", at=at)
    call = client.take_call(rings(at=at + MINUTE))
    assert len(call.attribution.candidates) == 2
    assert call.attribution.probability < 1


def test_forgetting_a_visitor_twice_finds_nothing_the_second_time(client):
    visited(client)
    client.forget("okna", visitor="visitor of a", at=NOON)
    assert client.forget("okna", visitor="visitor of a", at=NOON) == Forgotten()


def test_a_forgotten_caller_is_in_no_call_and_no_event(client, store):
    raw = json.dumps({"caller": CALLER}).encode()
    client.take_call(rings(caller=CALLER, raw=raw))
    client.take_call(rings(caller=CALLER, raw=raw, call="call-2", at=NOON + MINUTE))
    client.take_call(rings(caller=OTHER, raw=b"other", call="call-3", at=NOON + 2 * MINUTE))
    assert client.forget("okna", caller=CALLER, at=NOON) == Forgotten(calls=2, events=2)
    assert CALLER not in everything(store)
    assert [call.caller for call in client.calls("okna")] == [OTHER, "", ""]
    assert OTHER in everything(store)


def test_what_is_told_again_of_a_forgotten_caller_brings_nobody_back(client, store):
    raw = json.dumps({"caller": CALLER}).encode()
    client.take_call(rings(caller=CALLER, raw=raw))
    client.forget("okna", caller=CALLER, at=NOON)
    assert client.take_call(rings(caller=CALLER, raw=raw)).caller == ""  # a repetition
    ended = rings(state=CallState.ENDED, at=NOON + MINUTE, caller=CALLER, raw=raw)
    call = client.take_call(ended)
    assert (call.state, call.caller) == (CallState.ENDED, "")
    assert CALLER not in everything(store)


def kept(client):
    """Visitors whose sessions are kept, and the callers of calls."""
    records = {name: client.visitor_record("okna", f"visitor of {name}") for name in "abc"}
    who = [name for name, record in records.items() if record and record.sessions]
    return who, [call.caller for call in client.calls("okna")]


def keeping(visits=400, calls=1100, callers=400):
    privacy = Privacy(keep_visits=visits * DAY, keep_calls=calls * DAY, keep_callers=callers * DAY)
    return replace(site(), privacy=privacy)


def test_what_is_older_than_the_document_allows_is_thrown_away(client, store):
    visited(client, "a")
    visited(client, "b", NOON + 5 * DAY)
    client.take_call(rings(at=NOON + 3 * MINUTE, caller=CALLER, raw=b"body one"))
    client.take_call(rings(SECOND, NOON + 5 * DAY, call="call-2", caller=OTHER, raw=b"second"))
    terms = keeping(visits=10, calls=30, callers=20)

    def purged(days):
        return client.purge(terms, at=NOON + days * DAY)

    assert purged(10) == Purged()
    assert purged(11) == Purged(sessions=1)
    assert kept(client) == (["b"], [OTHER, CALLER])
    assert purged(21) == Purged(sessions=1, callers=1)
    assert kept(client) == ([], [OTHER, ""])
    assert "body one" not in everything(store)
    assert purged(31) == Purged(calls=1, callers=1)
    assert [call.call for call in client.calls("okna")] == ["call-2"]
    assert purged(99) == Purged(calls=1)
    assert client.calls("okna") == []


def test_a_hidden_callers_events_lose_their_text_too(client, store):
    client.take_call(rings(raw=b"body of the event"))
    assert client.purge(keeping(), at=NOON + 401 * DAY) == Purged(callers=1)
    assert client.purge(keeping(), at=NOON + 401 * DAY) == Purged()
    [event] = store.read(lambda each: each.events_of(rings()))
    assert event.raw == FORGOTTEN


def test_a_lease_that_nobody_needed_ends_with_its_session_and_frees_the_number(client):
    visited(client)
    client.purge(keeping(visits=1), at=NOON + 2 * DAY)
    [state] = client.pool_states(site(), at=NOON + 2 * DAY)
    assert (state.free, state.leases) == (2, ())
    assert client.number_history("okna", FIRST) == []
    # Idle since its hold ended, not for ever: the other one was never issued.
    assert numbers_shown(client, view("b", NOON + 2 * DAY)) == [SECOND]


def test_a_session_that_goes_on_is_kept_however_long_ago_it_began(client):
    visited(client)
    client.page_view(replace(view("a", path="/later"), at=NOON + 5 * DAY))
    assert client.purge(keeping(visits=3), at=NOON + 6 * DAY) == Purged()
    assert client.purge(keeping(visits=3), at=NOON + 9 * DAY) == Purged(sessions=1)


def test_only_one_of_many_throws_away_within_the_hour(client):
    hour = timedelta(hours=1)
    assert client.purge(keeping(), at=NOON, every=hour) == Purged()
    assert client.purge(keeping(), at=NOON + 59 * MINUTE, every=hour) is None
    assert client.purge(keeping(), at=NOON + hour, every=hour) == Purged()
    # A clock that was set back by a day must not stop it for as long.
    assert client.purge(keeping(), at=NOON - DAY, every=hour) == Purged()


def test_more_than_a_batch_is_thrown_away_in_one_go(client):
    views = [view(f"s{place}", NOON + place * MINUTE / 60) for place in range(BATCH + 5)]
    client.page_views(views)
    assert client.purge(keeping(), at=NOON + 401 * DAY) == Purged(sessions=BATCH + 5)


@pytest.mark.parametrize("visitor", ["visitor_of%", 'visitor "of" a', "посетитель"])
def test_a_visitor_of_any_name_is_found_in_the_calls(client, visitor):
    client.page_view(view("a", visitor=visitor))
    client.take_call(rings(at=NOON + MINUTE))
    assert len(client.visitor_record("okna", visitor).calls) == 1
    assert client.visitor_record("okna", "visitor%") is None
