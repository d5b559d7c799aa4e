"""A request that is sent twice under one key is carried out once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft.client.wire import dump
from callgraft.server.issuing import Scope
from callgraft.stores import open_store
from callgraft.stores.tokens import Answered
from tests.core.served import Served, served
from tests.core.server.api import Api, slug
from tests.core.stores.racing import in_threads
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

KEY = {"Idempotency-Key": "page-1"}


class Clock:
    now = NOON

    def __call__(self):
        return self.now


def release(api: Api, key: str = "over"):
    body = {"at": NOON + MINUTE}
    path = "/v1/sites/okna/sessions/a/release"
    return api("POST", path, body=body, headers={"Idempotency-Key": key})


def test_the_second_answer_is_the_first_one(api: Api) -> None:
    api.show(view("a"))
    first, second, unkeyed = release(api), release(api), release(api, "another")
    assert (first.json(), second.json()) == ({"released": 1}, {"released": 1})
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Content-Type"] == "application/json"
    assert unkeyed.json() == {"released": 0}


def test_an_answer_without_a_body_is_repeated_as_well(api: Api) -> None:
    sign = {"site": "okna", "session": "a", "at": NOON, "kind": "active"}
    answered = [api("POST", "/v1/signs", body={"signs": [sign]}, headers=KEY) for _ in range(2)]
    assert [(each.status_code, each.content) for each in answered] == [(204, b""), (204, b"")]


def test_another_request_under_the_same_key_is_refused(api: Api) -> None:
    assert api.show(view("a"), headers=KEY).status_code == 200
    other_body = api.show(view("b"), headers=KEY)
    assert (other_body.status_code, slug(other_body)) == (422, "key-reused")
    other_path = api(
        "POST", "/v1/signs", headers=KEY | {"Content-Type": "application/json"},
        body=dump({"views": [view("a")]}),
    )  # fmt: skip
    assert other_path.status_code == 422


def test_two_tokens_may_use_one_key(api: Api, server: Served) -> None:
    other = Api(server.url, server.token(Scope.DOOR))
    assert api.show(view("a"), headers=KEY).status_code == 200
    assert other.show(view("b"), headers=KEY).status_code == 200


def test_a_request_that_came_to_nothing_may_be_sent_again(server: Served) -> None:
    api = Api(server.url, server.token(Scope.ADMIN))
    assert slug(api.show(view("a"), headers=KEY)) == "not-published"
    api.publish()
    shown = api.show(view("a"), headers=KEY)
    assert shown.json()["assignments"][0][0]["number"] == FIRST
    assert "Idempotency-Replayed" not in shown.headers


def test_an_answer_is_kept_for_a_day(server: Served) -> None:
    clock = Clock()
    with served(open_store("memory:"), clock=clock) as running:
        api = Api(running.url, running.token(Scope.ADMIN))
        api.publish()
        api.show(view("a"), headers=KEY)
        clock.now = NOON + timedelta(hours=24)
        assert slug(api.show(view("b"), headers=KEY)) == "key-reused"
        clock.now = NOON + timedelta(hours=24, seconds=1)
        assert api.show(view("b"), headers=KEY).status_code == 200


def test_of_many_at_one_time_one_is_carried_out(api: Api) -> None:
    answered = in_threads(8, lambda _: Api(api.url, api.secret).show(view("a"), headers=KEY))
    assert {each.status_code for each in answered} <= {200, 409}
    firsts = [
        each
        for each in answered
        if each.status_code == 200 and "Idempotency-Replayed" not in each.headers
    ]
    assert len(firsts) == 1
    for each in answered:
        if each.status_code == 409:
            assert slug(each) == "under-way"
            assert each.headers["Retry-After"] == "1"


def test_what_is_under_way_is_waited_for_and_what_was_abandoned_is_done_anew(
    server: Served,
) -> None:
    clock = Clock()
    with served(open_store("memory:"), clock=clock) as running:
        token, secret = running.issue(Scope.ADMIN)
        api = Api(running.url, secret)
        api.publish()
        done = api.show(view("a"), headers={"Idempotency-Key": "other"})
        assert done.status_code == 200
        known = running.store.read(lambda tx: tx.answer(token.token, "other"))
        dead = replace(known, status=0, body=b"")
        running.store.write(lambda tx: tx.put_answer(dead))
        assert slug(api.show(view("a"), headers={"Idempotency-Key": "other"})) == "under-way"
        clock.now = NOON + timedelta(seconds=61)
        assert api.show(view("a"), headers={"Idempotency-Key": "other"}).status_code == 200


def test_old_answers_are_thrown_away(server: Served) -> None:
    old = Answered(
        token="t", key="k", digest="d", status=200, body=b"", at=NOON - timedelta(hours=25)
    )
    store = open_store("memory:")
    store.write(lambda tx: tx.put_answer(old))
    store.write(lambda tx: tx.put_answer(replace(old, key="young", at=NOON)))
    with served(store, clock=lambda: NOON) as running:
        gone = threading.Event()
        while not gone.wait(0.01):
            if running.store.read(lambda tx: tx.answer("t", "k")) is None:
                gone.set()
        assert running.store.read(lambda tx: tx.answer("t", "young")) is not None


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    refused = api.show(view("a"), headers={"Idempotency-Key": key})
    assert (refused.status_code, slug(refused)) == (422, "invalid")


def test_a_call_event_is_known_without_a_key(api: Api) -> None:
    taken = [api("POST", "/v1/call-events", body=rings()).json()["id"] for _ in range(2)]
    assert taken[0] == taken[1]
    assert len(api.get("/v1/sites/okna/calls").json()["items"]) == 1
