"""Calls come in as events, signed or with a token, and are listed page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from callgraft.client.wire import load
from callgraft.server.issuing import Scope
from callgraft.server.settings import ServerSettings
from callgraft.stores import open_store
from callgraft.telephony.generic import signed_event
from callgraft.telephony.signature import new_secret
from callgraft.tracking.values import Call, CallState
from tests.core.served import served
from tests.core.server.api import DOCUMENT, Api, slug
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALLER = "+74991239999"
HOOK = "/v1/sites/okna/calls/generic"


def serving(environ: dict[str, str]) -> Iterator[Api]:
    settings = ServerSettings(environ=environ)
    with served(open_store("memory:"), clock=lambda: NOON, settings=settings) as running:
        api = Api(running.url, running.token(Scope.ADMIN))
        api.publish()
        yield api


@pytest.fixture
def api() -> Iterator[Api]:
    """A server whose environment has the provider's secret."""
    yield from serving({"CALLGRAFT_WEBHOOK_SECRET": SECRET})


def send(api: Api, *, secret: str = SECRET, path: str = HOOK, at=NOON, **changed):
    data = {"call": "42", "number": FIRST, "caller": CALLER} | changed
    headers, body = signed_event(secret, event_id="e1", type="call.ringing", data=data, at=at)
    return Api(api.url)("POST", path, headers=dict(headers), body=body)


def listed(api: Api, query: str = "") -> list[str]:
    return [each["call"] for each in api.get(f"/v1/sites/okna/calls{query}").json()["items"]]


def ring_often(api: Api, count: int, *, since=NOON, name: str = "call") -> None:
    for place in range(count):
        at = since + place * MINUTE
        event = rings(FIRST, at, call=f"{name}-{place}", caller=CALLER)
        assert api("POST", "/v1/call-events", body=event).status_code == 200


def test_a_signed_event_is_taken_without_a_token_and_finds_its_visitor(api: Api) -> None:
    api.show(view("a"))
    taken = send(api)
    assert taken.status_code == 200
    assert taken.json()["state"] == "ringing"
    call = load(Call, api.get(f"/v1/sites/okna/calls/{taken.json()['call']}").content)
    assert (call.number, call.caller, call.attribution.session) == (FIRST, CALLER, "a")


def test_a_repeated_event_is_one_call_and_another_with_its_id_is_refused(api: Api) -> None:
    assert send(api).json() == send(api).json()
    refused = send(api, call="43")
    assert (refused.status_code, slug(refused)) == (409, "repeated-event")
    assert refused.json()["event_id"] == "e1"
    assert listed(api) == ["42"]


@pytest.mark.parametrize(
    ("change", "status", "problem"),
    [
        ({"secret": new_secret()}, 401, "bad-signature"),
        ({"at": NOON - timedelta(hours=1)}, 401, "bad-signature"),
        ({"number": "no number"}, 400, "bad-event"),
        ({"path": "/v1/sites/dveri/calls/generic"}, 404, "not-published"),
    ],
)
def test_an_event_that_cannot_be_taken_is_told_why(api: Api, change, status, problem) -> None:
    refused = send(api, **change)
    assert (refused.status_code, slug(refused)) == (status, problem)
    assert CALLER not in refused.text
    assert listed(api) == []


@pytest.mark.parametrize("known", [{}, {"CALLGRAFT_WEBHOOK_SECRET": "not one"}])
def test_where_the_secret_is_not_known_no_event_is_taken_and_all_else_works(known) -> None:
    for api in serving(known):
        assert slug(send(api)) == "bad-signature"
        assert api.numbers_shown("a") == [FIRST]


def test_a_new_document_s_secret_counts_at_once(api: Api) -> None:
    other = new_secret()
    assert slug(send(api, secret=other)) == "bad-signature"
    api.publish(DOCUMENT.replace("env:CALLGRAFT_WEBHOOK_SECRET", other))
    assert send(api, secret=other).status_code == 200


def test_calls_are_listed_the_newest_first_page_by_page(api: Api) -> None:
    ring_often(api, 5)
    first = api.get("/v1/sites/okna/calls?limit=2").json()
    assert [each["call"] for each in first["items"]] == ["call-4", "call-3"]
    second = api.get(f"/v1/sites/okna/calls?limit=2&cursor={first['next']}").json()
    third = api.get(f"/v1/sites/okna/calls?limit=2&cursor={second['next']}").json()
    assert [each["call"] for each in second["items"]] == ["call-2", "call-1"]
    assert [each["call"] for each in third["items"]] == ["call-0"]
    assert third["next"] is None


def test_a_page_that_is_just_full_has_none_behind_it(api: Api) -> None:
    ring_often(api, 2)
    assert api.get("/v1/sites/okna/calls?limit=2").json()["next"] is None


def test_new_calls_move_nothing_on_the_pages_behind(api: Api) -> None:
    ring_often(api, 4)
    cursor = api.get("/v1/sites/okna/calls?limit=2").json()["next"]
    ring_often(api, 3, since=NOON + timedelta(hours=1), name="new")
    assert listed(api, f"?limit=2&cursor={cursor}") == ["call-1", "call-0"]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=MTph%00", "limit=0", "limit=501", "limit=x"])
def test_a_page_that_is_none_is_refused(api: Api, query: str) -> None:
    refused = api.get(f"/v1/sites/okna/calls?{query}")
    assert (refused.status_code, slug(refused)) == (422, "invalid")


def test_calls_that_a_reader_knows_are_not_sent_again(api: Api) -> None:
    ring_often(api, 1)
    tag = api.get("/v1/sites/okna/calls").headers["ETag"]
    same = api.get("/v1/sites/okna/calls", If_None_Match=tag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    ended = rings(FIRST, NOON + MINUTE, call="call-0", state=CallState.ENDED)
    api("POST", "/v1/call-events", body=ended)
    assert api.get("/v1/sites/okna/calls", If_None_Match=tag).status_code == 200


def test_a_call_of_another_site_is_not_found(api: Api) -> None:
    ring_often(api, 1)
    [call] = api.get("/v1/sites/okna/calls").json()["items"]
    assert slug(api.get(f"/v1/sites/dveri/calls/{call['id']}")) == "not-found"
