"""A phone that rang before is known, as long as nothing speaks against it; on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callgraft.client import EmbeddedClient
from callgraft.source import Touch
from callgraft.tracking.caller_memory import link_of
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Attribution, Call, SessionSign
from tests.core.tracked import (
    DIRECT,
    FIRST,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    pool,
    rings,
    site,
    view,
)

PHONE, OFFICE = "+74991230000", "+74991230001"
HOUR = 60 * MINUTE
DAY = 24 * HOUR
GOOGLE = Touch(source="google", medium="organic", channel="organic search")
PRESSED = timedelta(seconds=5)
SECOND_OF_TIME = timedelta(seconds=1)


@pytest.fixture
def alone(client: EmbeddedClient) -> EmbeddedClient:
    """A client of the site with one number, which ``a`` saw, and rang."""
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    client.page_view(view("a", visitor="anna", path="/kontakty", is_contact=True))
    taken(client, "call-1", NOON + MINUTE)
    return client


def taken(client: EmbeddedClient, call: str, at, number: str = FIRST, caller: str = PHONE) -> Call:
    return client.take_call(rings(number, at, call=call, caller=caller))


def press(client: EmbeddedClient, session: str, at) -> None:
    client.take_signs([SessionSign(site="okna", session=session, at=at, kind=SignKind.TEL_PRESSED)])


def test_a_known_phone_is_its_visitors_when_the_visitor_is_long_gone(
    alone: EmbeddedClient,
) -> None:
    first = alone.calls("okna")[0].attribution
    found = taken(alone, "call-2", NOON + 9 * DAY).attribution
    assert (found.method, found.visitor, found.session) == ("known_phone", "anna", "a")
    assert found.probability == first.probability
    assert (found.source, found.keyword) == (DIRECT.source, DIRECT.keyword)
    assert found.because.startswith("Known phone: it rang before, and is this visitor's with 99 %.")


def test_another_phone_or_a_hidden_one_is_not_known(alone: EmbeddedClient) -> None:
    for call, caller in (("call-2", OFFICE), ("call-3", "")):
        found = taken(alone, call, NOON + 9 * DAY, caller=caller).attribution
        assert (found.method, found.visitor) == ("posterior", "")


def test_the_visitor_who_is_back_on_the_site_rings_from_the_new_session(
    alone: EmbeddedClient,
) -> None:
    alone.page_view(view("b", NOON + DAY, visitor="anna", touch=GOOGLE))
    found = taken(alone, "call-2", NOON + DAY + MINUTE).attribution
    assert (found.method, found.visitor, found.session) == ("known_phone", "anna", "b")
    assert found.source == "google"


def test_somebody_else_who_is_likelier_now_does_not_get_a_known_phones_call(
    alone: EmbeddedClient,
) -> None:
    alone.page_view(view("b", NOON + DAY, visitor="boris", is_contact=True))
    found = taken(alone, "call-2", NOON + DAY + MINUTE).attribution
    assert (found.visitor, found.session) == ("anna", "a")
    stranger = taken(alone, "call-3", NOON + DAY + 2 * MINUTE, caller=OFFICE).attribution
    assert (stranger.method, stranger.session) == ("posterior", "b")
    before = [each for each in stranger.candidates if each.visitor == "boris"]
    assert "an earlier call" not in before[0].because


def test_a_press_of_somebody_else_unlinks_the_phone_and_links_it_anew(
    alone: EmbeddedClient,
) -> None:
    alone.page_view(view("b", NOON + DAY, visitor="boris", is_contact=True))
    press(alone, "b", NOON + DAY + MINUTE)
    found = taken(alone, "call-2", NOON + DAY + MINUTE + PRESSED).attribution
    assert (found.method, found.session) == ("posterior", "b")
    again = taken(alone, "call-3", NOON + 9 * DAY).attribution
    assert (again.method, again.visitor, again.session) == ("known_phone", "boris", "b")


def test_a_press_of_somebody_else_beside_the_visitor_s_own_makes_the_link_weaker(
    alone: EmbeddedClient,
) -> None:
    before = alone.calls("okna")[0].attribution.candidates[0].probability
    at = NOON + DAY
    alone.page_view(view("b", at - HOUR, visitor="boris"))
    alone.page_view(view("c", at, visitor="anna", is_contact=True))
    press(alone, "b", at + SECOND_OF_TIME)
    press(alone, "c", at + 50 * SECOND_OF_TIME)
    found = taken(alone, "call-2", at + MINUTE).attribution
    assert (found.method, found.visitor) == ("known_phone", "anna")
    assert 0.5 < found.probability < before
    again = taken(alone, "call-3", NOON + 9 * DAY).attribution
    assert (again.visitor, again.probability) == ("anna", found.probability)


def test_two_tabs_of_one_visitor_are_one_candidate(alone: EmbeddedClient) -> None:
    at = NOON + DAY
    for second in range(4):  # now in this tab, now in that one
        path = "/kontakty" if second % 2 else "/"
        alone.page_view(view("b", at + second * SECOND_OF_TIME, visitor="boris", path=path))
    found = taken(alone, "call-2", at + MINUTE, caller=OFFICE).attribution
    assert [each.visitor for each in found.candidates].count("boris") == 1
    assert len(alone.number_history("okna", FIRST)) == 2


def test_a_known_phone_on_a_number_that_its_visitor_was_not_shown_has_no_session(
    client: EmbeddedClient,
) -> None:
    client.page_view(view("a", visitor="anna", is_contact=True))
    client.page_view(view("b", visitor="boris", touch=GOOGLE))
    taken(client, "call-1", NOON + MINUTE)
    found = taken(client, "call-2", NOON + 2 * MINUTE, SECOND).attribution
    assert (found.method, found.visitor, found.session) == ("known_phone", "anna", "")
    assert found.source == "google"


def test_a_known_phone_names_the_visitor_on_an_overflow_number_and_no_session(
    alone: EmbeddedClient,
) -> None:
    found = taken(alone, "call-2", NOON + DAY, OVERFLOW).attribution
    assert (found.method, found.visitor, found.session) == ("known_phone", "anna", "")
    assert (found.source, found.source_probability) == ("yandex", 1.0)
    assert [each.session for each in found.candidates] == [""]


def test_what_was_forgotten_links_nobody(alone: EmbeddedClient) -> None:
    alone.forget("okna", visitor="anna", at=NOON + HOUR)
    assert taken(alone, "call-2", NOON + DAY).attribution.method == "posterior"


def test_a_weak_guess_is_no_link() -> None:
    weak = Call(
        id="1", site="okna", provider="generic", account="main", call="1", number=FIRST,
        caller=PHONE, state="ended", rang_at=NOON,
        attribution=Attribution(method="posterior"),
    )  # fmt: skip
    assert link_of([weak]) is None
    assert link_of([]) is None
