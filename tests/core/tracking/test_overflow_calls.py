"""A call on an overflow number is never tied to a session, whatever happened before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.stores import open_store
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import SessionSign
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, OVERFLOW, pool, rings, site, view, wanted

FIXED = "+74990000077"
ALONE = pool(numbers=(FIRST,))
SESSIONS = st.sampled_from("abcd")
PHONES = st.sampled_from(("", "+79160000001", "+79160000002"))

STEPS = st.one_of(
    st.tuples(st.just("view"), SESSIONS, st.booleans()),
    st.tuples(st.just("press"), SESSIONS, st.none()),
    st.tuples(st.just("release"), SESSIONS, st.none()),
    st.tuples(st.just("call"), PHONES, st.sampled_from((FIRST, OVERFLOW, OVERFLOW, FIXED))),
    st.tuples(st.just("again"), st.none(), st.integers(-30, 30)),
    st.tuples(st.just("publish"), st.booleans(), st.none()),
    st.tuples(st.just("wait"), st.none(), st.integers(1, 90)),
)


@settings(deadline=None, max_examples=120)
@given(st.lists(STEPS, min_size=1, max_size=40))
def test_a_call_on_an_overflow_number_is_never_tied_to_a_session(
    steps: list[tuple[str, object, object]],
) -> None:
    client = EmbeddedClient(open_store("memory:"), clock=lambda: NOON)
    client.publish(site(ALONE), at=NOON)
    at, told = NOON, []
    for count, (what, who, more) in enumerate(steps):
        at += timedelta(seconds=5)
        if what == "view":
            page = view(str(who), at, wanted(ALONE))
            client.page_view(replace(page, is_contact=bool(more)))
        elif what == "press":
            kind = SignKind.TEL_PRESSED
            client.take_signs([SessionSign(site="okna", session=str(who), at=at, kind=kind)])
        elif what == "release":
            client.release("okna", str(who), at=at)
        elif what == "call":
            event = rings(str(more), at, call=f"call {count}", caller=str(who))
            told.append(event)
            client.take_call(event)
        elif what == "again" and told:
            # The provider corrects the moment of the ring.
            corrected = told[-1].at + timedelta(seconds=int(str(more)))
            client.take_call(replace(told[-1], at=corrected, event_id=f"again {count}"))
        elif what == "publish":
            numbers = ALONE if who else replace(ALONE, hold=HOLD / 3)
            client.publish(site(numbers, version=str(count + 2)), at=at)
        elif what == "wait":
            at += int(str(more)) * MINUTE
    for call in client.calls("okna", limit=100):
        if call.number in (OVERFLOW, FIXED):
            found = call.attribution
            assert found.session == ""
            assert {each.session for each in found.candidates} <= {""}
            assert found.method in ("source_only", "known_phone")
            assert found.source == ("yandex" if call.number == OVERFLOW else "billboard")
            assert found.source_probability == 1.0
            if found.visitor:
                assert found.method == "known_phone"
                assert call.caller
