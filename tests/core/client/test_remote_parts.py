"""The remote client's parts: its breaker, its spool, its address and its state folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callgraft.budget import StoreResting
from callgraft.client import open_client
from callgraft.client.remote.address import read_address
from callgraft.client.remote.breaker import Breaker, TrackerResting
from callgraft.client.remote.sender import Delivery, Sender
from callgraft.client.remote.spool import Item, Spool
from callgraft.client.remote.state import StateFolder
from callgraft.errors import (
    BackendError,
    CallgraftError,
    SetupError,
    StoreUnavailable,
    TrackerUnavailable,
)
from callgraft.stores.protocol import Published
from tests.core.tracked import NOON

URL = "https://tracker.example"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(URL, clock=clock)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool.db", largest=200_000)) as spool:
        yield spool


def item(key: object, kind: str = "view", site: str = "okna", body: bytes = b"{}") -> Item:
    return Item(kind=kind, site=site, key=str(key), body=body)


def admits(breaker: Breaker) -> bool:
    try:
        breaker.admit()
    except TrackerResting:
        return False
    return True


def test_a_server_rests_after_three_refusals_in_a_row(breaker: Breaker) -> None:
    for _ in range(2):
        breaker.refused("down")
    breaker.answered()
    for _ in range(2):
        breaker.refused("down")
        assert admits(breaker)
    breaker.refused("down")
    assert not admits(breaker)


def test_one_request_tries_a_server_that_has_rested(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.refused("down")
    clock.now += 0.13
    assert [admits(breaker) for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert [admits(breaker) for _ in range(3)] == [True, True, True]


def test_rests_grow_longer_but_not_above_six_seconds(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.refused("down")
    rests = []
    for _ in range(10):
        began = clock.now
        while not admits(breaker):
            clock.now += 0.01
        rests.append(clock.now - began)
        breaker.refused("down")
    assert rests[0] < rests[2] < rests[4]
    assert 3.9 < max(rests) < 6.1


def test_requests_from_before_the_rest_make_it_no_longer(breaker: Breaker, clock: Clock) -> None:
    for _ in range(20):
        breaker.refused("down")
        clock.now += 0.01
    assert admits(breaker)


def test_a_try_that_nobody_heard_of_is_followed_by_another(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        breaker.refused("down")
    clock.now += 0.13
    assert admits(breaker)
    assert not admits(breaker)
    clock.now += 0.13
    assert admits(breaker)


def test_a_server_is_left_alone_as_long_as_it_asks(breaker: Breaker, clock: Clock) -> None:
    breaker.refused("busy", retry_after=10)
    clock.now += 9.9
    assert not admits(breaker)
    clock.now += 0.2
    assert admits(breaker)


def test_nobody_is_left_alone_for_longer_than_a_minute(breaker: Breaker, clock: Clock) -> None:
    breaker.refused("busy", retry_after=1e9)
    clock.now += 61
    assert admits(breaker)


def test_an_outage_is_told_twice_when_it_begins_and_when_it_ends(
    breaker: Breaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        breaker.refused("no connection")
    assert [admits(breaker) for _ in range(5)] == [False] * 5
    clock.now += 0.13
    breaker.admit()
    breaker.answered()
    breaker.answered()
    assert caplog.messages == [
        f"{URL} is left alone for a while: no connection",
        f"{URL} answers again; 5 requests did without.",
    ]


def test_a_resting_server_is_told_of_as_a_resting_store_is() -> None:
    assert issubclass(TrackerResting, StoreResting)
    assert issubclass(TrackerResting, TrackerUnavailable)


def test_a_spool_gives_back_the_oldest_first_and_each_once(spool: Spool) -> None:
    spool.put([item(1), item(2)])
    spool.put([item(2), item(3, kind="sign")])
    first, second, third = spool.oldest(10)
    assert [each.key for each in (first, second, third)] == ["1", "2", "3"]
    spool.done([first, third])
    assert spool.oldest(10) == [second]
    assert spool.oldest(10, but=[("okna", "view")]) == []
    assert spool.oldest(10, but=[("okna", "call"), ("pvc", "view")]) == [second]


def test_a_full_spool_makes_room_by_its_oldest_page_views_and_keeps_calls(spool: Spool) -> None:
    spool.put([item("call", kind="call")], for_good=True)
    for number in range(3000):
        spool.put([item(number, body=bytes(500))])
    kept = [each.key for each in spool.oldest(10_000)]
    assert kept[0] == "call"
    assert kept[-1] == "2999"
    assert "0" not in kept
    assert len(kept) < 1500


def test_a_spool_full_of_calls_takes_no_more_and_loses_none(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool.db", largest=50_000, room_for_calls=50_000)) as spool:
        kept = 0
        with pytest.raises(StoreUnavailable, match="full"):
            while True:
                spool.put([item(kept, kind="call", body=bytes(5000))], for_good=True)
                kept += 1
        assert len(spool.oldest(1000)) == kept > 10
        with pytest.raises(StoreUnavailable):
            spool.put([item("view")])


def test_who_is_forgotten_is_in_a_spool_no_more_and_no_call_is_lost(spool: Spool) -> None:
    told, other = b'{"visitor":"anna"}', b'{"visitor":"annabel"}'
    spool.put([item(1, body=told), item(2, body=other), item(3, site="pvc", body=told)])
    spool.put([item(4, body=told), item(5, "call", body=b'{"caller":"+79160000001"}')])
    spool.refuse(spool.oldest(10)[3], "Nobody takes it.")
    assert spool.forget("okna", "anna") == 0
    assert spool.forget("okna", "+79160000001") == 1
    left = [(each.site, each.body) for each in spool.oldest(10)]
    assert left == [("okna", other), ("pvc", told), ("okna", b'{"caller":"+79160000001"}')]


def test_a_spool_that_somebody_deleted_is_made_anew(spool: Spool, tmp_path: Path) -> None:
    spool.put([item(1)])
    for path in tmp_path.iterdir():
        path.unlink()
    spool.put([item(2)])
    assert [each.key for each in spool.oldest(10)] == ["2"]


def test_a_spool_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"no database " * 100)
    with closing(Spool(tmp_path / "spool.db")) as spool, pytest.raises(StoreUnavailable):
        spool.put([item(1)], for_good=True)


def test_one_process_at_a_time_forwards_a_spool(spool: Spool, tmp_path: Path) -> None:
    spool.put([item(1)])
    with closing(Spool(tmp_path / "spool.db")) as other, spool.forwarding() as is_ours:
        assert is_ours
        with other.forwarding() as is_theirs:
            assert not is_theirs
    with other.forwarding() as is_theirs:
        assert is_theirs


def test_items_that_are_never_taken_are_put_aside_and_the_others_sent(spool: Spool) -> None:
    sent: list[str] = []

    def send(items: list[Item]) -> None:
        if any(each.key == "bad" for each in items):
            raise CallgraftError("no")
        sent.extend(each.key for each in items)

    delivery = Delivery(send, spool)  # type: ignore[arg-type]  # a list is a Sequence
    batch = [item(1), item("bad"), item(2), item(3)]
    assert delivery.left_of(batch) == []
    assert sent == ["1", "2", "3"]


def test_page_views_go_before_signs_of_the_sessions_that_they_begin(spool: Spool) -> None:
    sent: list[tuple[str, str]] = []
    delivery = Delivery(lambda items: sent.extend((e.site, e.kind) for e in items), spool)
    delivery.left_of([item(1, "sign"), item(2), item(3, "sign", "pvc"), item(4)])
    assert sent == [("okna", "view"), ("okna", "view"), ("okna", "sign"), ("pvc", "sign")]


def test_what_comes_behind_what_waits_waits_too(spool: Spool) -> None:
    def away(items: object) -> None:
        raise StoreUnavailable("away")

    sender = Sender(spool, away)
    sender.put([item(1)])
    sender.flush(wait=5)
    sender.put([item(2)])
    sender.close(wait=5)
    assert [each.key for each in spool.oldest(10)] == ["1", "2"]


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://tracker.example:port",
        "https://user:hunter2@tracker.example",
        "https://hunter2@tracker.example",
        "https://tracker.example/?token=hunter2",
        "https://tracker.example/#x",
        "https://tracker.example /x",
        "https://tracker.example/\r\nX: 1",
    ],
)
def test_a_url_that_is_no_servers_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(BackendError) as refused:
        open_client(url, token="cg_1")
    assert refused.value.key == "backend"
    assert "hunter2" not in f"{refused.value!r}{refused.value}"
    assert "https://tracker.example" in refused.value.cure


@pytest.mark.parametrize("token", ["", "two words", "cg_\r\nX: 1", "cg_ё"])
def test_a_token_that_can_be_none_is_refused_and_not_told(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLGRAFT_TOKEN", raising=False)
    with pytest.raises(SetupError) as refused:
        open_client(URL, token=token)
    assert refused.value.key == "token"
    assert not token or token not in str(refused.value)


def test_the_token_may_stand_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLGRAFT_TOKEN", "cg_1")
    open_client(URL, state=tmp_path).close()


def test_a_token_that_goes_out_in_clear_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    read_address("http://127.0.0.1:8700", "cg_1")
    read_address("https://tracker.example", "cg_1")
    assert caplog.messages == []
    read_address("http://tracker.example", "cg_1")
    assert "in clear" in caplog.text
    assert "cg_1" not in caplog.text


def test_an_address_does_not_show_its_token() -> None:
    assert "cg_1" not in repr(read_address(URL + "/", "cg_1"))


def test_a_document_of_any_key_is_kept_under_a_name_of_its_own(tmp_path: Path) -> None:
    state = StateFolder(tmp_path, URL)
    kept = [
        Published(site=key, version="1", document="", published_at=NOON)
        for key in ("okna", "../okna", "Okna/x")
    ]
    for each in kept:
        state.keep_published(each)
    assert [state.published(each.site) for each in kept] == kept
    assert sorted(each.site for each in state.all_published()) == ["../okna", "Okna/x", "okna"]
    assert {path.parent for path in tmp_path.rglob("*.json")} == {state.path}


def test_a_broken_file_is_as_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state = StateFolder(tmp_path, URL)
    state.make()
    (state.path / "site-okna.json").write_bytes(b'{"site": "okn')
    assert state.published("okna") is None
    assert "site-okna.json is broken" in caplog.text


def test_a_folder_that_cannot_be_written_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file")
    state = StateFolder(tmp_path / "state", URL)
    state.keep_secret(b"1" * 32)
    state.keep_secret(b"2" * 32)
    assert state.secret() is None
    assert caplog.text.count("CALLGRAFT_STATE") == 1
