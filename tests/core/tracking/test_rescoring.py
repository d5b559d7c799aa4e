"""Calls are attributed again by late evidence, and say what was told of them before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.geo import Location
from callgraft.source import Touch
from callgraft.stores import open_store
from callgraft.tracking.learned import text_of
from callgraft.tracking.rescoring import KEPT, LOG_WAIT
from callgraft.tracking.states import SignKind
from callgraft.tracking.tables import DEFAULT
from callgraft.tracking.values import Call, CallMark, CallState, Proof, ProofKind, SessionSign
from tests.core.tracked import (
    FIRST,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    pool,
    rings,
    site,
    view,
    wanted,
)

SECOND_OF_TIME = timedelta(seconds=1)
CALLER = "+74991230000"
ONE = replace(pool(numbers=(FIRST,)), when_full="share")
GOOGLE = Touch(source="google", medium="organic", channel="organic search")
RANG_AT = NOON + 10 * MINUTE


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store():
    return open_store("memory:")


@pytest.fixture
def client(store, clock: Clock) -> EmbeddedClient:
    """A site with one number, which everybody shares."""
    client = EmbeddedClient(store, clock=clock)
    client.publish(site(ONE), at=NOON)
    return client


def shown(client: EmbeddedClient, *sessions: str, at: datetime = NOON) -> None:
    for place, session in enumerate(sessions):
        touch = GOOGLE if place % 2 else view(session).identity.touch
        page = view(session, at + place * MINUTE, wanted(ONE), touch=touch)
        client.page_view(page)


def sign(session: str, at: datetime, kind: SignKind = SignKind.TEL_PRESSED) -> SessionSign:
    return SessionSign(site="okna", session=session, at=at, kind=kind)


def proof(
    call: Call, kind: ProofKind = ProofKind.PROMO_CODE, at: datetime = NOON, **named: str
) -> Proof:
    return Proof(site="okna", call=call.id, kind=kind, at=at, **named)


def settle(client: EmbeddedClient, at: datetime) -> int:
    """Attribute all that is due again, however much becomes due by that."""
    done = 0
    while count := client.rescore_due(at=at):
        done += count
        at += LOG_WAIT
    return done


def test_a_proof_takes_the_call_over_and_the_record_says_what_was_told_before(
    client: EmbeddedClient, clock: Clock
) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    before = call.attribution
    clock.now = NOON + 30 * MINUTE
    after = client.prove(proof(call, session="a"))
    found = after.attribution
    assert (found.method, found.session, found.source) == ("proof", "a", "yandex")
    assert (found.probability, found.source_probability) == (0.99, pytest.approx(0.99, abs=1e-2))
    assert found.because.startswith("The caller told a promo code. Matched with 99 %")
    assert after.rescored_at == clock.now
    [earlier] = after.earlier
    assert (earlier.until, earlier.why) == (clock.now, "a promo code")
    assert (earlier.method, earlier.session) == ("posterior", before.session)
    assert earlier.probability == round(before.probability, 2)


def test_whoever_was_not_proved_shares_the_last_hundredth_as_before(client: EmbeddedClient) -> None:
    shown(client, "a", "b", "c")
    call = client.take_call(rings(at=RANG_AT))
    before = {each.session: each.probability for each in call.attribution.candidates}
    found = client.prove(proof(call, session="a")).attribution
    after = {each.session: each.probability for each in found.candidates}
    assert sum(after.values()) + found.stray == pytest.approx(1)
    assert after["b"] / after["c"] == pytest.approx(before["b"] / before["c"])


def test_a_proof_of_a_visitor_finds_the_session_that_saw_the_number(client: EmbeddedClient) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    found = client.prove(proof(call, visitor="visitor of b")).attribution
    assert (found.session, found.source) == ("b", "google")


def test_a_proof_of_a_source_leaves_open_who_it_was(client: EmbeddedClient) -> None:
    shown(client, "a", "b", "c")
    call = client.take_call(rings(at=RANG_AT))
    found = client.prove(proof(call, ProofKind.CRM, source="yandex")).attribution
    assert found.source == "yandex"
    assert found.source_probability == pytest.approx(0.99)
    assert sum(each.probability for each in found.candidates if each.source == "yandex") == (
        pytest.approx(0.99)
    )
    other = client.prove(proof(call, ProofKind.FORM, source="billboard")).attribution
    assert (other.source, other.source_probability) == ("billboard", 0.99)
    assert (other.visitor, other.session, other.probability) == ("", "", 0.0)


def test_a_proof_names_a_visitor_on_an_overflow_number_too(client: EmbeddedClient) -> None:
    shown(client, "a")
    call = client.take_call(rings(OVERFLOW, RANG_AT))
    assert call.attribution.method == "source_only"
    found = client.prove(proof(call, session="a")).attribution
    assert (found.method, found.session, found.visitor) == ("proof", "a", "visitor of a")


def test_of_proofs_that_contradict_each_other_the_surest_kind_counts(
    client: EmbeddedClient,
) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    client.prove(proof(call, ProofKind.PROMO_CODE, session="a"))
    later = proof(call, ProofKind.CRM, at=NOON + MINUTE, session="b")
    assert client.prove(later).attribution.session == "a"
    again = proof(call, ProofKind.PROMO_CODE, at=NOON + MINUTE, session="b")
    assert client.prove(again).attribution.session == "b"


def test_a_proof_of_somebody_unknown_is_none(client: EmbeddedClient) -> None:
    shown(client, "a")
    call = client.take_call(rings(at=RANG_AT))
    after = client.prove(proof(call, session="nobody's"))
    assert after == call


def test_a_test_call_is_the_firm_s_own(client: EmbeddedClient) -> None:
    shown(client, "a")
    call = client.take_call(rings(at=RANG_AT, caller=CALLER))
    assert call.marks == (CallMark.FIRST,)
    assert client.prove(proof(call, ProofKind.TEST_CALL, session="a")).marks == (CallMark.SERVICE,)
    next_one = client.take_call(rings(at=RANG_AT + MINUTE, call="call-2", caller=CALLER))
    assert CallMark.FIRST in next_one.marks


def test_a_proof_of_a_call_counts_for_the_next_call_of_the_phone(client: EmbeddedClient) -> None:
    shown(client, "a", "b")
    first = client.take_call(rings(at=RANG_AT, caller=CALLER))
    client.take_call(rings(at=RANG_AT + MINUTE, call="call-2", caller=CALLER))
    client.prove(proof(first, session="a"))
    assert settle(client, RANG_AT + 2 * MINUTE) > 0
    second = client.calls("okna")[0]
    assert (second.attribution.method, second.attribution.visitor) == (
        "known_phone",
        "visitor of a",
    )
    assert second.attribution.probability == 0.99
    assert second.earlier[-1].why == "an earlier call"


def test_a_sign_that_comes_within_two_seconds_is_waited_for(
    client: EmbeddedClient, clock: Clock
) -> None:
    shown(client, "a", "b")
    clock.now = RANG_AT
    client.take_call(rings(at=RANG_AT))
    clock.now = RANG_AT + SECOND_OF_TIME
    client.take_signs([sign("a", RANG_AT - 5 * SECOND_OF_TIME)])
    assert client.rescore_due(at=RANG_AT + 2 * SECOND_OF_TIME) == 0
    assert settle(client, clock.now + LOG_WAIT) == 1
    [call] = client.calls("okna")
    assert call.attribution.session == "a"
    assert call.attribution.probability > 0.95
    assert [each.why for each in call.earlier] == ["signs that came late"]
    assert settle(client, RANG_AT + MINUTE) == 0


def test_a_sign_that_comes_hours_late_counts_all_the_same(
    client: EmbeddedClient, clock: Clock
) -> None:
    shown(client, "a", "b")
    clock.now = RANG_AT + MINUTE
    client.take_call(rings(at=RANG_AT))
    assert settle(client, clock.now) == 0
    clock.now = RANG_AT + timedelta(hours=3)
    client.take_signs([sign("a", RANG_AT - 5 * SECOND_OF_TIME)])
    assert settle(client, clock.now + LOG_WAIT) == 1
    [call] = client.calls("okna")
    assert (call.attribution.session, call.rescored_at) == ("a", clock.now + LOG_WAIT)


def test_a_page_view_that_comes_late_brings_its_session_into_the_call(
    client: EmbeddedClient, clock: Clock
) -> None:
    shown(client, "a")
    clock.now = RANG_AT + MINUTE
    client.take_call(rings(at=RANG_AT))
    client.page_views([view("b", RANG_AT - 5 * SECOND_OF_TIME, wanted(ONE), is_contact=True)])
    assert settle(client, clock.now + LOG_WAIT) == 1
    [call] = client.calls("okna")
    assert [each.session for each in call.attribution.candidates] == ["b", "a"]


def test_a_sign_from_after_the_ring_makes_nothing_due(client: EmbeddedClient, clock: Clock) -> None:
    shown(client, "a")
    clock.now = RANG_AT + MINUTE
    client.take_call(rings(at=RANG_AT))
    client.take_signs([sign("a", RANG_AT + SECOND_OF_TIME)])
    client.take_signs([sign("a", clock.now)])
    assert settle(client, clock.now + MINUTE) == 0


def test_a_corrected_ring_is_attributed_again_and_says_so(
    client: EmbeddedClient, clock: Clock
) -> None:
    shown(client, "a")
    shown(client, "b", at=RANG_AT - MINUTE)
    clock.now = RANG_AT + MINUTE
    client.take_call(rings(at=RANG_AT))
    ringing = rings(at=NOON + SECOND_OF_TIME, event_id="again")
    call = client.take_call(ringing)
    assert [each.session for each in call.attribution.candidates] == ["a"]
    assert [(each.why, each.until) for each in call.earlier] == [
        ("what the provider told later", clock.now)
    ]


def test_a_call_that_is_told_of_late_counts_for_those_that_rang_after_it(
    client: EmbeddedClient,
) -> None:
    shown(client, "a", "b")
    for minute in (10, 5):
        client.take_call(rings(at=NOON + minute * MINUTE, call=f"call-{minute}"))
    before = {each.call: each.attribution for each in client.calls("okna")}
    assert settle(client, NOON + 60 * MINUTE) > 0
    after = {each.call: each.attribution for each in client.calls("okna")}
    assert after["call-5"] == before["call-5"]
    assert after["call-10"] != before["call-10"]
    assert "an earlier call was given to it" in after["call-10"].candidates[0].because


def test_what_goes_on_with_a_call_keeps_its_history(client: EmbeddedClient) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    proved = client.prove(proof(call, session="a"))
    ended = rings(at=RANG_AT + MINUTE, state=CallState.ENDED, talk=MINUTE)
    after = client.take_call(ended)
    assert (after.attribution, after.earlier) == (proved.attribution, proved.earlier)


def test_other_weights_in_force_are_no_evidence_but_can_be_asked_for(
    client: EmbeddedClient, store
) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    new = replace(DEFAULT, version="learned-1", src={"google": 50.0})
    store.write(lambda transaction: transaction.put_tables("okna", "learned-1", text_of(new)))
    proved = client.prove(proof(call, ProofKind.CRM, source="yandex"))
    assert proved.attribution.tables == "default-1"
    [rehearsed] = client.rescore("okna", [call.id], at=RANG_AT, is_dry=True)
    assert client.calls("okna") == [proved]
    [done] = client.rescore("okna", [call.id, "42"], at=RANG_AT)
    assert done == rehearsed
    assert done.after.attribution.tables == "learned-1"
    assert client.calls("okna") == [done.after]


def test_a_call_of_a_forgotten_visitor_keeps_its_source(client: EmbeddedClient) -> None:
    shown(client, "a")
    call = client.take_call(rings(at=NOON + MINUTE))
    client.prove(proof(call, session="a"))
    client.forget("okna", visitor="visitor of a", at=NOON)
    [forgotten] = client.calls("okna")
    assert "visitor of a" not in str(forgotten)
    [done] = client.rescore("okna", [call.id], at=NOON)
    assert done.after.attribution == forgotten.attribution
    assert done.after.attribution.source == "yandex"


def test_a_call_of_a_forgotten_phone_keeps_what_the_phone_told(client: EmbeddedClient) -> None:
    shown(client, "a", "b")
    first = client.take_call(rings(at=NOON + MINUTE, caller=CALLER))
    client.prove(proof(first, session="a"))
    known = client.take_call(rings(at=RANG_AT, call="call-2", caller=CALLER))
    assert known.attribution.method == "known_phone"
    client.forget("okna", caller=CALLER, at=RANG_AT)
    [done] = client.rescore("okna", [known.id], at=RANG_AT)
    assert done.after.attribution == known.attribution
    assert done.after.marks == (CallMark.REPEAT,)
    assert (done.after.caller, done.after.region) == ("", "RU-MOW")


def test_the_caller_s_region_tells_two_visitors_apart(client: EmbeddedClient) -> None:
    for session, region in (("a", "RU-SPE"), ("b", "RU-MOW")):
        page = view(session, NOON, wanted(ONE))
        client.page_view(replace(page, location=Location(country="RU", region=region)))
    from_moscow = client.take_call(rings(at=NOON + MINUTE, caller=CALLER))
    hidden = client.take_call(rings(SECOND, at=NOON + MINUTE, call="call-2"))
    assert (from_moscow.region, hidden.region) == ("RU-MOW", "")
    best, other = from_moscow.attribution.candidates
    assert best.session == "b"
    assert best.probability / other.probability == pytest.approx((0.5 * 0.05 + 0.5) / (0.5 * 0.05))
    assert best.because.endswith("caller from the same region")


def test_only_the_newest_of_many_verdicts_are_kept(client: EmbeddedClient) -> None:
    shown(client, "a", "b")
    call = client.take_call(rings(at=RANG_AT))
    for count in range(KEPT + 3):
        named = proof(call, at=NOON + count * MINUTE, session="ab"[count % 2])
        call = client.prove(named)
    assert len(call.earlier) == KEPT


_PRESSES = st.builds(
    sign,
    st.sampled_from("abcd"),
    st.integers(0, 24).map(lambda half: NOON + half * MINUTE / 2),
    st.sampled_from([SignKind.TEL_PRESSED, SignKind.ACTIVE, SignKind.NUMBER_TOUCHED]),
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_same_evidence_in_any_order_gives_the_same_calls(data: st.DataObject) -> None:
    signs = data.draw(st.lists(_PRESSES, max_size=5))
    callers = data.draw(st.lists(st.sampled_from(["", CALLER]), min_size=1, max_size=4))
    events = [
        rings(at=NOON + 3 * place * MINUTE, call=f"call-{place}", caller=caller)
        for place, caller in enumerate(callers)
    ]
    proofs = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(range(len(events))),
                st.sampled_from(ProofKind),
                st.sampled_from(["a", "b", "nobody's"]),
            ),
            max_size=3,
        )
    )
    evidence = [*signs, *events, *proofs]
    shuffled = data.draw(st.permutations(evidence))
    assert _told(shuffled) == _told(evidence)


def _told(evidence: Iterable[object]) -> Sequence[Call]:
    """The calls after all that, in this order; proofs of calls wait for the calls."""
    client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON + 60 * MINUTE)
    client.publish(site(ONE), at=NOON)
    shown(client, "a", "b", "c", "d")
    waiting = []
    for each in evidence:
        if isinstance(each, SessionSign):
            client.take_signs([each])
        elif isinstance(each, tuple):
            waiting.append(each)
        else:
            client.take_call(each)
        known = {call.call: call for call in client.calls("okna")}
        for told in list(waiting):
            place, kind, session = told
            if call := known.get(f"call-{place}"):
                client.prove(proof(call, kind, session=session))
                waiting.remove(told)
    settle(client, NOON + 120 * MINUTE)
    return [replace(call, rescored_at=None, earlier=()) for call in client.calls("okna")]
