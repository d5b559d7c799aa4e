"""Site documents are read, waited for, published and brought back."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote

import pytest

from callgraft.client.wire import load
from callgraft.server.issuing import Scope
from callgraft.site_toml import read_site
from callgraft.stores import open_store
from callgraft.stores.protocol import Published
from callgraft.tracking.publishing import publish
from tests.core.served import Served, served
from tests.core.server.api import DOCUMENT, OTHER, Api, slug
from tests.core.tracked import FIRST, NOON

PATH = "/v1/sites/okna/document"
VERSION = read_site(DOCUMENT, environ=None).version


def publish_aside(server: Served, document: str = OTHER) -> None:
    """As another server, or a door with the store itself, publishes."""
    site = read_site(document, environ=None)
    server.store.write(lambda transaction: publish(transaction, site, at=NOON, by="aside"))


def editions(api: Api) -> list[tuple[int, str, str]]:
    found = api.get("/v1/sites/okna/editions").json()["items"]
    return [(each["edition"], each["version"], each["by"]) for each in found]


def test_a_document_comes_back_as_it_was_published(api: Api) -> None:
    told = api.get(PATH)
    assert told.content == DOCUMENT.encode()
    assert told.headers["Content-Type"] == "application/toml"
    assert told.headers["ETag"] == f'"{VERSION}"'
    assert told.headers["Callgraft-Edition"] == "1"
    assert told.headers["Callgraft-Published-At"] == "2025-06-02T12:00:00+00:00"
    assert told.headers["Callgraft-By"] == "admin"


def test_it_comes_as_json_for_those_who_ask_for_that(api: Api) -> None:
    told = api.get(PATH, Accept="application/json")
    assert load(Published, told.content) == Published(
        site="okna",
        version=VERSION,
        document=DOCUMENT,
        published_at=NOON,
        by="admin",
        edition=1,
    )


def test_a_known_version_is_not_sent_again(api: Api) -> None:
    for known in (f'"{VERSION}"', f'"x", W/"{VERSION}"', "*"):
        same = api.get(PATH, If_None_Match=known)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["ETag"] == f'"{VERSION}"'
    assert api.get(PATH, If_None_Match='"another"').status_code == 200


def test_the_next_edition_is_told_within_two_seconds(api: Api, server: Served) -> None:
    told: list[tuple[float, bytes]] = []
    waiter = Api(server.url, api.secret)

    def wait() -> None:
        found = waiter.get(f"{PATH}?wait=20", If_None_Match=f'"{VERSION}"')
        told.append((time.monotonic(), found.content))

    thread = threading.Thread(target=wait)
    thread.start()
    published_at = time.monotonic()
    publish_aside(server)
    thread.join()
    [(told_at, document)] = told
    assert document == OTHER.encode()
    assert told_at - published_at < 2


def test_a_wait_ends_when_its_time_is_over(api: Api) -> None:
    begun = time.monotonic()
    same = api.get(f"{PATH}?wait=0.3", If_None_Match=f'"{VERSION}"')
    assert same.status_code == 304
    assert 0.3 <= time.monotonic() - begun < 2


def test_a_first_document_is_waited_for_too(server: Served) -> None:
    api = Api(server.url, server.token(Scope.ADMIN))
    assert slug(api.get(f"{PATH}?wait=0.1")) == "not-published"
    told: list[bytes] = []
    waiter = Api(server.url, api.secret)
    thread = threading.Thread(target=lambda: told.append(waiter.get(f"{PATH}?wait=20").content))
    thread.start()
    publish_aside(server, DOCUMENT)
    thread.join()
    assert told == [DOCUMENT.encode()]


class CountedReads:
    """A store that counts its reads."""

    def __init__(self, store) -> None:
        self._store = store
        self.reads = 0

    def read(self, work):
        self.reads += 1
        return self._store.read(work)

    def __getattr__(self, name: str):
        return getattr(self._store, name)


def test_a_hundred_who_wait_share_their_looks_and_keep_nobody_waiting() -> None:
    store = CountedReads(open_store("memory:"))
    with served(store, clock=lambda: NOON) as running:
        api = Api(running.url, running.token(Scope.ADMIN))
        api.publish()
        before = store.reads
        waiters = [
            threading.Thread(
                target=lambda: Api(api.url, api.secret).get(
                    f"{PATH}?wait=2", If_None_Match=f'"{VERSION}"'
                )
            )
            for _ in range(100)
        ]
        for each in waiters:
            each.start()
        assert api.get("/health").status_code == 200
        assert api.numbers_shown("a") == [FIRST]
        for each in waiters:
            each.join()
    # Each reads the document once; all share two looks a second.
    assert store.reads - before < 120


def test_what_the_others_saw_before_does_not_answer_who_knows_better() -> None:
    store = CountedReads(open_store("memory:"))
    with served(store, clock=lambda: NOON) as running:
        api = Api(running.url, running.token(Scope.ADMIN))
        api.publish()
        poll = f"{PATH}?wait=0.7"
        assert api.get(poll, If_None_Match=f'"{VERSION}"').status_code == 304
        newest = api.publish(OTHER).headers["ETag"]
        before = store.reads
        assert api.get(poll, If_None_Match=newest).status_code == 304
        assert store.reads - before < 8


def test_who_publishes_is_kept(api: Api) -> None:
    assert api.publish(OTHER, Callgraft_By=quote("Анна")).json()["by"] == "Анна"
    assert [by for _, _, by in editions(api)] == ["Анна", "admin"]
    assert api.get(PATH).headers["Callgraft-By"] == quote("Анна")


def test_a_name_that_cannot_be_printed_is_kept_as_far_as_it_can(api: Api) -> None:
    assert api.publish(OTHER, Callgraft_By="A%00n%0Ana%FF").json()["by"] == "Anna\ufffd"
    assert api.publish(DOCUMENT, Callgraft_By="%00").json()["by"] == "admin"


def test_publishing_what_is_in_force_changes_nothing(api: Api) -> None:
    again = api.publish()
    assert (again.status_code, again.json()["edition"]) == (200, 1)
    assert len(editions(api)) == 1


def test_every_mistake_is_told_with_its_key_value_and_cure(api: Api) -> None:
    wrong = DOCUMENT.replace('pool = "direct"', 'pool = "dirct"').replace("+7 495 123-45-67", "1")
    refused = api.publish(wrong)
    assert (refused.status_code, slug(refused)) == (422, "site-errors")
    told = refused.json()["problems"]
    assert [(each["key"], each["value"]) for each in told] == [
        ("targets.main.number", "1"),
        ("rules[0].pool", "dirct"),
    ]
    assert told[1]["cure"] == 'Did you mean "direct"?'
    assert editions(api) == [(1, VERSION, "admin")]


def test_a_document_of_another_site_is_refused(api: Api) -> None:
    refused = api.publish(DOCUMENT.replace('key = "okna"', 'key = "dveri"'))
    assert slug(refused) == "site-errors"
    assert refused.json()["problems"][0]["key"] == "site.key"
    assert "/v1/sites/dveri/document" in refused.json()["problems"][0]["cure"]


def test_a_number_of_another_site_is_refused(api: Api) -> None:
    theirs = DOCUMENT.replace('key = "okna"', 'key = "dveri"')
    refused = api(
        "PUT",
        "/v1/sites/dveri/document",
        headers={"Content-Type": "application/toml"},
        body=theirs.encode(),
    )
    assert (refused.status_code, slug(refused)) == (422, "site-error")


def test_a_document_is_replaced_only_if_it_is_the_one_that_was_read(api: Api) -> None:
    changed = api.publish(OTHER, If_Match='"another"')
    assert (changed.status_code, slug(changed)) == (412, "changed")
    assert "Edition 1" in changed.json()["detail"]
    assert api.publish(OTHER, If_Match=f'"{VERSION}"').status_code == 200
    assert slug(api.publish(DOCUMENT, If_Match=f'"{VERSION}"')) == "changed"


def test_a_secret_that_only_the_doors_know_is_no_mistake_here(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLGRAFT_WEBHOOK_SECRET", raising=False)
    assert api.publish(OTHER).status_code == 200
    assert api.get("/v1/sites/okna/pools").status_code == 200


def test_an_earlier_edition_is_brought_back_as_a_new_one(api: Api) -> None:
    api.publish(OTHER)
    restored = api("POST", "/v1/sites/okna/editions/1/restore")
    assert restored.json()["edition"] == 3
    assert api.get(PATH).content == DOCUMENT.encode()
    assert [edition for edition, _, _ in editions(api)] == [3, 2, 1]
    missing = api("POST", "/v1/sites/okna/editions/9/restore")
    assert (slug(missing), missing.json()["edition"]) == ("not-published", 9)


def test_a_wait_that_is_too_long_is_refused(api: Api) -> None:
    for wait in ("31", "-1", "1e3", "x", ""):
        refused = api.get(f"{PATH}?wait={wait}")
        assert (refused.status_code, slug(refused)) == (422, "invalid")
