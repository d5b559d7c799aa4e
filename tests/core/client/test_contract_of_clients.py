"""The tracking engine behaves the same in this process and across the network."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft import read_site
from callgraft.client import TrackingClient
from callgraft.errors import NotPublished, RepeatedEvent, SiteError, StoreUnavailable, UnknownCall
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import (
    Call,
    CallState,
    LeaseState,
    PageView,
    Proof,
    ProofKind,
    SessionSign,
    Shown,
)
from tests.core.client.serving import CHANGED, DOCUMENT, SITE
from tests.core.tracked import FIRST, MINUTE, NOON, OVERFLOW, SECOND, rings, view


def without_numbers(page: PageView) -> PageView:
    return replace(page, wanted=())


def numbers(client: TrackingClient, *sessions: str) -> list[str | None]:
    return [client.page_view(view(each))[0].number for each in sessions]


def test_two_sessions_get_two_numbers_and_the_third_the_overflow_number(
    either: TrackingClient,
) -> None:
    assert numbers(either, "a", "b", "c", "a") == [FIRST, SECOND, OVERFLOW, FIRST]


def test_an_assignment_tells_its_lease(either: TrackingClient) -> None:
    [assigned] = either.page_view(view("a"))
    assert assigned.shown is Shown.LEASE
    assert assigned.lease is not None
    assert (assigned.lease.session, assigned.lease.state) == ("a", LeaseState.HELD)
    assert assigned.lease.held_until == NOON + 30 * MINUTE
    assert either.number_history("okna", FIRST) == [assigned.lease]


def test_page_views_go_in_one_batch_and_in_their_order(either: TrackingClient) -> None:
    batch = [view("b"), without_numbers(view("c")), view("a"), view("b", path="/2")]
    shown = either.page_views(batch)
    assert [[each.number for each in assigned] for assigned in shown] == [
        [FIRST],
        [],
        [SECOND],
        [FIRST],
    ]


def test_a_page_view_of_a_site_that_nobody_published_says_so(either: TrackingClient) -> None:
    with pytest.raises(NotPublished) as unknown:
        either.page_view(replace(view("a"), site="dveri"))
    assert unknown.value.site == "dveri"


def test_a_page_view_whose_deadline_has_passed_leases_nothing(either: TrackingClient) -> None:
    with pytest.raises(StoreUnavailable):
        either.page_view(view("a"), deadline=time.monotonic() - 1)
    assert either.number_history("okna", FIRST) == []


def test_a_page_view_without_numbers_is_part_of_the_visit(either: TrackingClient) -> None:
    assert either.page_view(without_numbers(view("a", path="/landing", visitor="anna"))) == ()
    either.page_view(view("a", NOON + MINUTE, path="/contacts", visitor="anna"))
    record = either.visitor_record("okna", "anna")
    assert record is not None
    assert [each.path for each in record.sessions[0].visits] == ["/landing", "/contacts"]


def test_a_sign_makes_a_provisional_lease_held(either: TrackingClient) -> None:
    either.page_view(view("a", pages=1))
    [provisional] = either.number_history("okna", FIRST)
    assert provisional.state is LeaseState.PROVISIONAL
    sign = SessionSign(site="okna", session="a", at=NOON + MINUTE, kind=SignKind.ACTIVE)
    either.take_signs([sign, sign])
    [held] = either.number_history("okna", FIRST)
    assert (held.state, held.seen_at) == (LeaseState.HELD, NOON + MINUTE)


def test_a_session_that_is_over_gives_its_numbers_back(either: TrackingClient) -> None:
    numbers(either, "a")
    assert either.release("okna", "a", at=NOON + MINUTE) == 1
    assert either.release("okna", "a", at=NOON + MINUTE) == 0
    [lease] = either.number_history("okna", FIRST)
    assert lease.released_at == NOON + MINUTE


def test_a_call_finds_its_session_and_repetitions_change_nothing(either: TrackingClient) -> None:
    numbers(either, "a")
    call = either.take_call(rings(FIRST, NOON, raw=b"\xff{}", talk=timedelta(seconds=1.5)))
    assert (call.attribution.session, call.attribution.campaign) == ("a", "okna")
    assert either.take_call(rings(FIRST, NOON, raw=b"\xff{}", talk=timedelta(seconds=1.5))) == call
    assert either.calls("okna") == [call]


def test_another_event_of_the_same_id_is_refused(either: TrackingClient) -> None:
    either.take_call(rings(FIRST, NOON, raw=b"1"))
    with pytest.raises(RepeatedEvent) as refused:
        either.take_call(rings(FIRST, NOON, raw=b"2"))
    assert refused.value.event_id == "call-1 ringing"


def test_calls_are_listed_newest_first_and_from_any_of_them_on(either: TrackingClient) -> None:
    for minute in range(4):
        either.take_call(rings(FIRST, NOON + minute * MINUTE, call=f"call-{minute}"))
    calls = either.calls("okna")
    assert [each.call for each in calls] == ["call-3", "call-2", "call-1", "call-0"]
    assert [each.call for each in either.calls("okna", limit=2)] == ["call-3", "call-2"]
    assert either.calls("okna", after=calls[1].id) == calls[2:]
    assert either.calls("okna", after=calls[0].id, limit=1) == calls[1:2]


def test_a_call_goes_on(either: TrackingClient) -> None:
    either.take_call(rings(FIRST, NOON))
    ended = rings(FIRST, NOON + MINUTE, state=CallState.ENDED, talk=timedelta(seconds=50))
    call = either.take_call(ended)
    assert (call.state, call.rang_at, call.talk) == (CallState.ENDED, NOON, timedelta(seconds=50))


def test_pools_tell_their_occupancy(either: TrackingClient) -> None:
    numbers(either, "a")
    [state] = either.pool_states(SITE, at=NOON)
    assert (state.pool, state.total, state.held, state.free) == ("direct", 2, 1, 1)
    assert [each.session for each in state.leases] == ["a"]


def test_documents_are_published_listed_and_brought_back(either: TrackingClient) -> None:
    either.publish(CHANGED, at=NOON, by="Ирина")
    published = either.published("okna")
    assert published is not None
    assert (published.document, published.by) == (CHANGED.document, "Ирина")
    assert either.sites() == {"okna": CHANGED.version}
    assert [each.version for each in either.editions("okna")] == [CHANGED.version, SITE.version]
    back = either.restore("okna", 1, at=NOON, by="Пётр")
    assert (back.version, back.edition, back.by) == (SITE.version, 3, "Пётр")


def test_publishing_the_version_in_force_changes_nothing(either: TrackingClient) -> None:
    either.publish(SITE, at=NOON)
    assert len(either.editions("okna")) == 1


def test_a_site_that_nobody_published_has_no_document(either: TrackingClient) -> None:
    assert either.published("dveri") is None
    assert either.editions("dveri") == []
    with pytest.raises(NotPublished):
        either.restore("okna", 7, at=NOON)


def test_a_known_version_is_not_told_again(either: TrackingClient) -> None:
    assert either.published("okna", other_than=SITE.version) is None
    wait = timedelta(milliseconds=50)
    assert either.published("okna", other_than=SITE.version, wait=wait) is None
    found = either.published("okna", other_than="another", wait=wait)
    assert found is not None
    assert found.version == SITE.version


def test_two_sites_with_one_number_are_refused_with_key_and_cure(either: TrackingClient) -> None:
    other = read_site(DOCUMENT.replace('key = "okna"', 'key = "dveri"'))
    with pytest.raises(SiteError) as refused:
        either.publish(other, at=NOON)
    assert refused.value.key.startswith("pools.direct.numbers")
    assert refused.value.cure


def test_a_visitor_can_be_told_and_forgotten(either: TrackingClient) -> None:
    either.page_view(view("a", visitor="anna"))
    record = either.visitor_record("okna", "anna")
    assert record is not None
    assert [each.session for each in record.sessions] == ["a"]
    assert either.forget("okna", visitor="anna", at=NOON).sessions == 1
    assert either.visitor_record("okna", "anna") is None


def test_a_caller_can_be_forgotten(either: TrackingClient) -> None:
    either.take_call(rings(FIRST, NOON, caller="+442079460001"))
    assert either.forget("okna", caller="+442079460001", at=NOON).calls == 1
    assert either.calls("okna")[0].caller == ""


def test_the_secret_stays_the_same(either: TrackingClient) -> None:
    assert either.secret() == either.secret()
    assert len(either.secret()) == 32


def proof(call: Call, kind: ProofKind = ProofKind.PROMO_CODE, **named: str) -> Proof:
    return Proof(site="okna", call=call.id, kind=kind, at=NOON + MINUTE, **named)


def test_a_proof_names_who_made_the_call(either: TrackingClient) -> None:
    numbers(either, "a", "b")
    call = either.take_call(rings(FIRST, NOON + MINUTE))
    assert call.attribution.session == "a"
    proved = either.prove(proof(call, session="b")).attribution
    assert (proved.method, proved.session, proved.visitor) == ("proof", "b", "visitor of b")
    assert proved.probability == 0.99
    assert [each.attribution for each in either.calls("okna")] == [proved]


def test_the_same_proof_again_changes_nothing(either: TrackingClient) -> None:
    numbers(either, "a", "b")
    told = proof(either.take_call(rings(FIRST, NOON + MINUTE)), session="b")
    assert either.prove(told) == either.prove(told)


def test_a_proof_of_a_call_that_is_not_there_says_so(either: TrackingClient) -> None:
    with pytest.raises(UnknownCall) as unknown:
        either.prove(Proof(site="okna", call="42", kind=ProofKind.CRM, at=NOON, source="ads"))
    assert (unknown.value.site, unknown.value.call) == ("okna", "42")


def test_calls_are_attributed_anew_on_request(either: TrackingClient) -> None:
    numbers(either, "a", "b")
    call = either.take_call(rings(FIRST, NOON + MINUTE))
    [rehearsed] = either.rescore("okna", [call.id, "42"], at=NOON, is_dry=True)
    assert (rehearsed.before, rehearsed.after) == (call, call)
    assert either.rescore("okna", [call.id], at=NOON) == [rehearsed]
    assert not rehearsed.is_changed
    assert either.rescore("okna", [], at=NOON) == []


def test_nothing_is_due_where_nothing_came_to_light(either: TrackingClient) -> None:
    assert either.rescore_due(at=NOON) == 0
