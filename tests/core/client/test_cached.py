"""A client that remembers: which page views ask the store, and what it never gets wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from callgraft.client import EmbeddedClient, open_client
from callgraft.client.cached import CachedClient
from callgraft.errors import StoreUnavailable
from callgraft.source import UNKNOWN
from callgraft.stores import open_store
from callgraft.stores.memory import MemoryStore
from callgraft.stores.protocol import Store, Transaction
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import LeaseState, SessionSign, Shown
from tests.core.tracked import (
    FIRST,
    HOLD,
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

Result = TypeVar("Result")
SECONDS = timedelta(seconds=1)
ONE = pool(numbers=(FIRST,))
WANTED = wanted(ONE)


class Counting(MemoryStore):
    """A store that counts how often it was written to."""

    writes = 0

    def write(self, work: Callable[[Transaction], Result], *, for_good: bool = False) -> Result:
        self.writes += 1
        return super().write(work, for_good=for_good)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def client(store: Counting) -> Iterator[CachedClient]:
    with closing(cached(store)) as client:
        client.publish(site(ONE), at=NOON)
        yield client


def cached(store: Store) -> CachedClient:
    return CachedClient(EmbeddedClient(store, clock=lambda: NOON))


def shown(client: CachedClient, session: str, after: timedelta, **more: object) -> str | None:
    """The number that the session is shown so long after noon."""
    [assigned] = client.page_view(view(session, NOON + after, WANTED, **more))  # type: ignore[arg-type]
    return assigned.number


def visits(store: Store, session: str) -> list[timedelta]:
    """When the session loaded pages, as far as the store knows."""
    stays = store.read(lambda transaction: transaction.stays("okna", [session]))
    return [sign.at - NOON for sign in stays[session].log] if session in stays else []


def writes_of(store: Counting, work: Callable[[], object]) -> int:
    before = store.writes
    work()
    return store.writes - before


def test_inside_a_lease_no_store_is_asked(client, store):
    assert shown(client, "a", 0 * SECONDS) == FIRST
    at_once = [lambda s=s: shown(client, "a", s * SECONDS) for s in range(1, 60)]
    assert [writes_of(store, each) for each in at_once] == [0] * 59
    assert writes_of(store, lambda: shown(client, "a", 60 * SECONDS)) == 1


@pytest.mark.parametrize(
    ("hold", "moment"),
    [(30 * MINUTE, 60), (10 * MINUTE, 60), (3 * MINUTE, 18), (10 * SECONDS, 1)],
)
def test_a_renewal_is_left_out_for_a_tenth_of_the_hold_and_a_minute_at_most(store, hold, moment):
    terms = replace(ONE, hold=hold)
    with closing(cached(store)) as client:
        client.publish(site(terms), at=NOON)

        def look(after: float) -> int:
            page = view("a", NOON + after * SECONDS, wanted(terms))
            return writes_of(store, lambda: client.page_view(page))

        assert [look(0), look(moment - 0.1), look(moment)] == [1, 0, 1]
        lease = client.number_history("okna", FIRST)[0]
        assert lease.held_until == NOON + moment * SECONDS + hold


def test_what_is_remembered_is_what_the_store_answered(client):
    first = client.page_view(view("a", NOON, WANTED))
    assert client.page_view(view("a", NOON + SECONDS, WANTED)) == first


def test_a_second_page_view_holds_the_lease_at_once(client, store):
    shown(client, "a", 0 * SECONDS, pages=1)
    assert writes_of(store, lambda: shown(client, "a", SECONDS, pages=1)) == 0
    assert writes_of(store, lambda: shown(client, "a", 2 * SECONDS, pages=2)) == 1
    assert client.number_history("okna", FIRST)[0].state is LeaseState.HELD
    assert writes_of(store, lambda: shown(client, "a", 3 * SECONDS, pages=2)) == 0


def test_an_overflow_number_is_not_remembered(client):
    shown(client, "a", 0 * SECONDS)
    assert shown(client, "b", SECONDS) == OVERFLOW
    client.release("okna", "a", at=NOON + SECONDS)
    assert shown(client, "b", 61 * SECONDS) == FIRST


def test_other_terms_of_the_pool_ask_the_store(client, store):
    shown(client, "a", 0 * SECONDS)
    longer = view("a", NOON + SECONDS, replace(WANTED, hold=2 * HOLD))
    assert writes_of(store, lambda: client.page_view(longer)) == 1
    elsewhere = view("a", NOON + 2 * SECONDS, replace(WANTED, target="other"))
    assert writes_of(store, lambda: client.page_view(elsewhere)) == 1
    both = view("a", NOON + 3 * SECONDS, replace(WANTED, hold=2 * HOLD), WANTED)
    assert writes_of(store, lambda: client.page_view(both)) == 1


@pytest.mark.parametrize("step", [-60 * MINUTE, -SECONDS, 60 * MINUTE])
def test_when_the_clock_steps_the_store_is_asked(client, store, step):
    shown(client, "a", 0 * SECONDS)
    assert writes_of(store, lambda: shown(client, "a", step)) == 1


def test_page_views_that_are_remembered_are_logged_within_a_second(client, store):
    shown(client, "a", 0 * SECONDS)
    shown(client, "a", SECONDS)
    client.page_view(replace(view("b", NOON), wanted=()))
    until = time.monotonic() + 5
    while len(visits(store, "a")) + len(visits(store, "b")) < 3 and time.monotonic() < until:
        time.sleep(0.01)  # between two looks at what another thread does
    assert visits(store, "a") == [0 * SECONDS, SECONDS]
    assert visits(store, "b") == [0 * SECONDS]


def test_what_a_page_loads_besides_itself_is_no_visit(client, store):
    shown(client, "a", 0 * SECONDS)
    client.page_view(replace(view("a", NOON + SECONDS, WANTED), is_load=False))
    client.close()
    assert visits(store, "a") == [0 * SECONDS]


def test_a_call_is_attributed_by_pages_of_this_very_moment(client):
    shown(client, "a", 0 * SECONDS)
    client.publish(site(ONE, version="2"), at=NOON + SECONDS)
    shown(client, "b", HOLD)
    client.page_view(replace(view("a", NOON + HOLD, WANTED, is_contact=True), wanted=()))
    told = client.take_call(rings(FIRST, NOON + HOLD + SECONDS)).attribution
    because = {each.session: each.because for each in told.candidates}
    assert "contact page" in because["a"]


def test_signs_are_written_after_the_page_views_that_they_follow(client, store):
    client.page_view(replace(view("a", NOON), wanted=()))
    kinds = [SignKind.HELPER, SignKind.VISIBLE]
    client.take_signs(
        [SessionSign(site="okna", session="a", at=NOON + SECONDS, kind=kind) for kind in kinds]
    )
    assert visits(store, "a") == []
    client.close()
    assert visits(store, "a") == [0 * SECONDS, SECONDS, SECONDS]


def test_a_number_that_another_process_retires_is_not_shown_once_the_change_is_known(store):
    after = pool(numbers=(SECOND,))
    with closing(cached(store)) as here, closing(cached(store)) as there:
        here.publish(site(ONE), at=NOON)
        assert shown(here, "a", 0 * SECONDS) == FIRST
        there.publish(site(after, version="2"), at=NOON + SECONDS)
        for look in (here.sites, lambda: here.published("okna")):
            look()
            assert shown(here, "a", 2 * SECONDS) == SECOND


def test_looking_for_changes_forgets_nothing_while_there_are_none(client, store):
    shown(client, "a", 0 * SECONDS)
    client.sites()
    client.published("okna")
    assert writes_of(store, lambda: shown(client, "a", SECONDS)) == 0


def test_what_was_asked_before_a_change_is_not_remembered_after_it(store):
    """The answer comes in when the document has changed already."""

    class Late(EmbeddedClient):
        def page_view(self, page, *, deadline=None):
            answer = super().page_view(page, deadline=deadline)
            outer.publish(site(pool(numbers=(SECOND,)), version="2"), at=NOON)
            return answer

    with closing(CachedClient(Late(store, clock=lambda: NOON))) as outer:
        outer.publish(site(ONE), at=NOON)
        assert shown(outer, "a", 0 * SECONDS) == FIRST
        assert shown(outer, "a", SECONDS) == SECOND


def test_a_session_that_is_over_is_not_remembered(client):
    shown(client, "a", 0 * SECONDS)
    assert client.release("okna", "a", at=NOON + SECONDS) == 1
    assert client.recall(view("a", NOON + 2 * SECONDS, WANTED)) is None


def test_who_is_forgotten_does_not_come_back_from_what_waits(client, store):
    shown(client, "a", 0 * SECONDS)
    shown(client, "a", SECONDS)
    client.forget("okna", visitor="visitor of a", at=NOON + 2 * SECONDS)
    client.close()
    assert visits(store, "a") == []


def test_what_waits_is_told_to_the_visitor_who_asks(client):
    shown(client, "a", 0 * SECONDS)
    shown(client, "a", SECONDS)
    record = client.visitor_record("okna", "visitor of a")
    assert [len(session.visits) for session in record.sessions] == [2]


def test_several_page_views_at_once_are_remembered_too(client, store):
    client.page_views([view("a", NOON, WANTED), view("b", NOON, WANTED)])
    assert writes_of(store, lambda: shown(client, "a", SECONDS)) == 0
    assert writes_of(store, lambda: shown(client, "b", SECONDS)) == 1


class Files:
    """A SQLite store whose file can be taken away and put back, as in an outage."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "callgraft.db"
        self.url = f"sqlite:///{self.file}"

    def take_away(self) -> None:
        self.file.rename(self.file.with_suffix(".away"))

    def put_back(self) -> None:
        self.file.with_suffix(".away").rename(self.file)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_in_an_outage_visitors_keep_what_is_theirs_and_others_see_overflow_numbers(files):
    with closing(CachedClient(open_client(files.url))) as client:
        client.publish(site(ONE), at=NOON)
        shown(client, "a", 0 * SECONDS)
        files.take_away()
        with pytest.raises(StoreUnavailable):
            shown(client, "a", 5 * MINUTE)

        def in_need(session: str, after: timedelta, terms=WANTED) -> tuple[Shown, str | None]:
            [assigned] = client.in_need(view(session, NOON + after, terms))
            return assigned.shown, assigned.number

        assert in_need("a", 5 * MINUTE) == (Shown.LEASE, FIRST)
        assert in_need("a", HOLD - SECONDS) == (Shown.LEASE, FIRST)
        assert in_need("a", HOLD) == (Shown.OVERFLOW, OVERFLOW)
        assert in_need("b", SECONDS) == (Shown.OVERFLOW, OVERFLOW)
        bare = replace(WANTED, overflow=None)
        assert in_need("b", SECONDS, bare) == (Shown.ORIGINAL, None)
        files.put_back()
        assert client.take_call(rings(FIRST, NOON + MINUTE)).attribution.session == "a"
    with closing(open_store(files.url)) as store:
        assert visits(store, "a") == [0 * SECONDS, 5 * MINUTE, HOLD - SECONDS, HOLD]
        assert visits(store, "b") == [SECONDS]


def test_what_cannot_be_written_now_waits_and_is_written_once(files, caplog):
    with closing(CachedClient(open_client(files.url))) as client:
        client.publish(site(ONE), at=NOON)
        shown(client, "a", 0 * SECONDS)
        files.take_away()
        for second in range(1, 31):
            shown(client, "a", second * SECONDS)
        with pytest.raises(StoreUnavailable):
            client.take_call(rings())
        files.put_back()
        client.take_call(rings())
    with closing(open_store(files.url)) as store:
        assert visits(store, "a") == [second * SECONDS for second in range(31)]
    assert "30 entries of the log wait for the store" in caplog.text


class Picky(EmbeddedClient):
    """A client that fails in a way that nobody thought of, over one visitor."""

    def page_views(self, views):
        if any(each.identity.session == "odd" for each in views):
            raise ZeroDivisionError
        return super().page_views(views)


def test_one_page_view_that_cannot_be_written_stops_no_other(store):
    client = CachedClient(Picky(store, clock=lambda: NOON))
    client.publish(site(ONE), at=NOON)
    sessions = [f"s{number}" for number in range(60)]
    for session in [*sessions[:30], "odd", *sessions[30:]]:
        client.page_view(replace(view(session), wanted=()))
    failures = 0
    while True:
        try:
            client.take_call(rings())
        except ZeroDivisionError:
            failures += 1
        else:
            break
    client.close()
    assert [session for session in sessions if not visits(store, session)] == []
    assert failures < 10


def test_a_forked_process_writes_its_own_and_leaves_its_parents(files):
    client = CachedClient(open_client(files.url))
    client.publish(site(ONE), at=NOON)
    client.page_view(replace(view("parent"), wanted=()))
    client._later._writing.acquire()  # as when another thread of the parent writes just then
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        client.page_view(replace(view("child"), wanted=()))
        client.take_call(rings())
        os._exit(0)
    client._later._writing.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with closing(open_store(files.url)) as store:
        assert visits(store, "child") == [0 * SECONDS]
        client.close()
        assert visits(store, "parent") == [0 * SECONDS]


def test_a_process_that_ends_without_a_word_writes_what_waits(files):
    script = f"""
        from dataclasses import replace
        from callgraft.client import open_client
        from callgraft.client.cached import CachedClient
        from tests.core.tracked import NOON, site, view
        client = CachedClient(open_client({files.url!r}))
        client.publish(site(), at=NOON)
        client.page_view(replace(view("a"), wanted=()))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=30)
    with closing(open_store(files.url)) as store:
        assert visits(store, "a") == [0 * SECONDS]


def test_the_oldest_sessions_are_forgotten_before_memory_fills(client, monkeypatch):
    monkeypatch.setattr("callgraft.client.remembered._MOST", 10)
    many = pool(numbers=tuple(f"+7499000{number:04}" for number in range(1, 41)))
    client.publish(site(many, version="2"), at=NOON)
    for number in range(40):
        client.page_view(view(f"s{number}", NOON, wanted(many), touch=UNKNOWN))
    remembered = [
        number
        for number in range(40)
        if client.recall(view(f"s{number}", NOON + SECONDS, wanted(many))) is not None
    ]
    assert remembered[-10:] == list(range(30, 40))
    assert len(remembered) <= 20
