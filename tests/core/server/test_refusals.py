"""What cannot be taken is refused in problem details that tell nothing of anybody else."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callgraft.server.checking import check
from callgraft.server.issuing import Scope
from callgraft.server.refusal import Refused
from callgraft.stores import open_store
from tests.core.served import served
from tests.core.server.api import JSON, Api, slug
from tests.core.tracked import NOON, rings, view, wanted

VIEW = view("a")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """One server for all that it refuses."""
    with served(open_store("memory:"), clock=lambda: NOON) as running:
        admin = Api(running.url, running.token(Scope.ADMIN))
        admin.publish()
        yield admin


def problems(response) -> dict[str, str]:
    return {each["key"]: each["problem"] for each in response.json()["problems"]}


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/sites/", "/v1/page-views/", "/v1/sites/a b/pools", "/.env"]
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    missing = api.get(path)
    assert (missing.status_code, slug(missing)) == (404, "not-found")


def test_a_wrong_method_is_told_the_right_ones(api: Api) -> None:
    refused = api("DELETE", "/v1/sites/okna/document")
    assert (refused.status_code, slug(refused)) == (405, "wrong-method")
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "PUT"}


def test_head_is_answered_as_get_without_the_body(api: Api) -> None:
    told = api("HEAD", "/v1/sites/okna/document")
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["ETag"] == api.get("/v1/sites/okna/document").headers["ETag"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, JSON | {"Content-Encoding": "gzip"}],
)
def test_a_body_of_another_kind_is_refused(api: Api, headers: dict[str, str]) -> None:
    refused = api("POST", "/v1/page-views", headers=headers, body=b'{"views": []}')
    assert (refused.status_code, slug(refused)) == (415, "unsupported-type")


def test_a_type_with_a_charset_is_the_same_type(api: Api) -> None:
    typed = {"Content-Type": "Application/JSON; charset=utf-8"}
    taken = api("POST", "/v1/page-views", headers=typed, body=b'{"views": []}')
    assert taken.json() == {"assignments": []}


def test_a_body_that_is_too_large_is_refused_told_or_not(api: Api) -> None:
    told = api("POST", "/v1/page-views", headers=JSON, body=b" " * (2**20 + 1))
    assert (told.status_code, slug(told)) == (413, "too-large")
    untold = api.session.post(
        f"{api.url}/v1/page-views",
        data=iter([b" " * 2**20, b" "]),
        headers=JSON | {"Authorization": f"Bearer {api.secret}"},
        timeout=30,
    )
    assert (untold.status_code, slug(untold)) == (413, "too-large")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"views": 1}', b"1e999999"])
def test_what_is_no_value_of_ours_is_refused(api: Api, body: bytes) -> None:
    refused = api("POST", "/v1/page-views", headers=JSON, body=body)
    assert (refused.status_code, slug(refused)) == (422, "invalid")


def test_every_field_that_is_wrong_is_told_without_its_value(api: Api) -> None:
    caller = "+7 499 123 secret"
    event = {"site": "okna", "at": "yesterday", "caller": caller, "state": "sleeping"}
    refused = api("POST", "/v1/call-events", body=event)
    assert {"at", "state", "provider", "call", "number"} <= set(problems(refused))
    assert "secret" not in refused.text
    assert "yesterday" not in refused.text


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"at": NOON.replace(tzinfo=None)}, "views[0].at"),
        ({"at": NOON.replace(year=1900)}, "views[0].at"),
        ({"at": datetime.max}, "views[0].at"),
        ({"site": "o\0kna"}, "views[0].site"),
        ({"site": "o" * 257}, "views[0].site"),
        ({"path": "/" * 8193}, "views[0].path"),
        ({"identity": replace(VIEW.identity, pages=-1)}, "views[0].identity.pages"),
        ({"wanted": (replace(wanted(), hold=timedelta(-1)),)}, "views[0].wanted[0].hold"),
        ({"wanted": (replace(wanted(), overflow="0"),)}, "views[0].wanted[0].overflow"),
        ({"wanted": (wanted(),) * 501}, "views[0].wanted"),
    ],
)
def test_what_no_honest_door_sends_is_refused(api: Api, change, key: str) -> None:
    refused = api.show(replace(VIEW, **change))
    assert refused.status_code == 422
    assert list(problems(refused)) == [key]


def test_what_a_visitor_can_do_to_an_address_is_taken(api: Api) -> None:
    strange = replace(VIEW, path="/\0 " + "я" * 3000)
    assert api.show(strange).status_code == 200


@pytest.mark.parametrize("number", ["74990000001", "+٧٤٩٩٠٠٠٠٠٠١", "+7 499 000-00-01", "+1" * 9])
def test_an_event_s_numbers_are_e164(number: str) -> None:
    with pytest.raises(Refused):
        check(rings(number))
    with pytest.raises(Refused):
        check(rings(caller=number))


def test_a_hidden_caller_is_none() -> None:
    check(rings(caller=""))


class Broken:
    """A store with a fault in it."""

    def __init__(self, store) -> None:
        self._store = store

    def write(self, work, *, for_good: bool = False):
        if not for_good:
            raise RuntimeError("the password is hunter2")
        return self._store.write(work, for_good=for_good)

    def __getattr__(self, name: str):
        return getattr(self._store, name)


def test_a_fault_of_the_server_is_told_without_its_insides(caplog) -> None:
    with served(Broken(open_store("memory:")), clock=lambda: NOON) as running:
        api = Api(running.url, running.token(Scope.ADMIN))
        api.publish()
        fault = api.show(VIEW)
        assert (fault.status_code, slug(fault)) == (500, "fault")
        assert "hunter2" not in fault.text
        assert "Traceback" not in fault.text
        assert api.get("/v1/sites").status_code == 200
        counted = 'callgraft_requests_total{method="POST",route="/v1/page-views",status="500"} 1.0'
        assert counted in api.get("/metrics").text
    assert "hunter2" in caplog.text


def test_the_log_has_no_secret_no_address_and_no_caller(api: Api, caplog) -> None:
    caplog.set_level(logging.DEBUG, logger="callgraft")
    api.show(VIEW, headers={"Callgraft-Budget": "0"})
    api("POST", "/v1/call-events", body=rings(caller="+74991239999"))
    api.get("/v1/sites/okna/visitors/somebody")
    text = caplog.text
    assert "POST /v1/page-views 503" in text
    assert "POST /v1/call-events 200" in text
    assert "/v1/sites/{site}/visitors/{visitor} 404" in text
    for secret in (api.secret, "127.0.0.1", "+74991239999", "somebody"):
        assert secret not in text


def test_who_hangs_up_in_the_middle_leaves_the_server_as_it_was(api: Api, caplog) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = (
            "POST /v1/page-views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {api.secret}\r\nContent-Length: 1000\r\n\r\n"
        )
        connection.sendall(head.encode() + b"{")
    assert api.get("/v1/sites").status_code == 200
    assert "Traceback" not in caplog.text
