"""Doors on other machines get numbers for their visitors."""

from __future__ import annotations

from dataclasses import replace

from callgraft.server.issuing import Scope
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import SessionSign
from tests.core.served import Served
from tests.core.server.api import Api, slug
from tests.core.tracked import FIRST, MINUTE, NOON, OVERFLOW, SECOND, view


def test_each_session_gets_a_number_of_its_own_and_keeps_it(api: Api) -> None:
    assert api.numbers_shown("a") == [FIRST]
    assert api.numbers_shown("b") == [SECOND]
    assert api.numbers_shown("c") == [OVERFLOW]
    assert api.numbers_shown("a", NOON + MINUTE) == [FIRST]


def test_a_batch_is_answered_in_its_order(api: Api) -> None:
    answered = api.show(view("a"), view("b"), view("a", NOON + MINUTE))
    shown = [each[0]["number"] for each in answered.json()["assignments"]]
    assert shown == [FIRST, SECOND, FIRST]


def test_an_address_that_a_door_sends_whole_is_truncated_before_it_is_stored(api: Api) -> None:
    for session, address in (("a", "203.0.113.77"), ("b", "2001:db8:1:2::7")):
        api.show(replace(view(session), network=address))
    leases = [
        api.get(f"/v1/sites/okna/numbers/{number}/leases").json()["items"][0]
        for number in (FIRST, SECOND)
    ]
    assert [lease["network"] for lease in leases] == ["203.0.113.0", "2001:db8:1::"]


def test_after_its_time_a_page_view_leaves_nothing(api: Api) -> None:
    late = api.show(view("a"), headers={"Callgraft-Budget": "0"})
    assert (late.status_code, slug(late)) == (503, "store-unavailable")
    assert late.headers["Retry-After"] == "1"
    assert api.get("/v1/sites/okna/pools").json()["items"][0]["free"] == 2
    assert api.show(view("a"), headers={"Callgraft-Budget": "60000"}).status_code == 200


def test_a_late_batch_leaves_nothing_either(api: Api) -> None:
    late = api.show(view("a"), view("b"), headers={"Callgraft-Budget": "0"})
    assert slug(late) == "store-unavailable"
    assert api.get("/v1/sites/okna/pools").json()["items"][0]["free"] == 2


def test_a_site_that_nobody_published_has_no_numbers_to_give(api: Api) -> None:
    refused = api.show(replace(view("a"), site="dveri"))
    assert (refused.status_code, slug(refused)) == (404, "not-published")
    assert refused.json()["site"] == "dveri"


def test_a_sign_of_life_holds_a_provisional_lease(api: Api) -> None:
    api.show(view("a", pages=1))
    sign = SessionSign(site="okna", session="a", at=NOON + MINUTE, kind=SignKind.ACTIVE)
    taken = api("POST", "/v1/signs", body={"signs": [sign, sign, replace(sign, session="none")]})
    assert (taken.status_code, taken.content) == (204, b"")
    [lease] = api.get(f"/v1/sites/okna/numbers/{FIRST}/leases").json()["items"]
    assert (lease["state"], lease["seen_at"]) == ("held", "2025-06-02T12:01:00Z")


def test_a_session_that_is_over_gives_its_numbers_back(api: Api) -> None:
    api.show(view("a"))
    path = "/v1/sites/okna/sessions/a/release"
    assert api("POST", path, body={"at": NOON + MINUTE}).json() == {"released": 1}
    assert api("POST", path, body={"at": NOON + MINUTE}).json() == {"released": 0}
    [lease] = api.get(f"/v1/sites/okna/numbers/{FIRST}/leases").json()["items"]
    assert lease["released_at"] == "2025-06-02T12:01:00Z"


def test_the_secret_of_cookies_is_told_and_stays_in_no_cache(api: Api, server: Served) -> None:
    door = Api(server.url, server.token(Scope.DOOR))
    first, second = door.get("/v1/secret"), api.get("/v1/secret")
    assert first.json() == second.json()
    assert len(first.json()["secret"]) >= 43
    assert first.headers["Cache-Control"] == "no-store"
