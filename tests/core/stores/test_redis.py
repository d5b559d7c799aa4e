"""Leases in Redis: whatever Redis forgets, SQL knows, and nobody gets a number that is held."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import event

from callgraft.client import EmbeddedClient
from callgraft.errors import StoreUnavailable
from callgraft.stores import Store, open_store
from callgraft.stores.hybrid import HybridStore
from callgraft.stores.lease_book import Rested
from callgraft.stores.redis_book import RedisBook
from callgraft.tracking.values import Lease, LeaseState
from tests.certificates import certificate
from tests.core.backends import SQL, Backend, fresh
from tests.core.tracked import (
    FIRST,
    HOLD,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)
from tests.servers import Redis, free_port, redis, uses_redis

SOON = timedelta(seconds=50)
"""Within what SQL's copy of a lease may be behind: a minute, with a hold of half an hour."""

KINDS = [f"{kind}+redis" for kind in SQL if uses_redis()]


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    with fresh(request.param, tmp_path) as backend:
        yield backend


@pytest.fixture
def store(backend: Backend) -> Iterator[Store]:
    with closing(backend.open_store()) as store:
        yield store


@pytest.fixture
def in_sql(backend: Backend) -> Iterator[EmbeddedClient]:
    """What SQL knows alone."""
    with closing(open_store(backend.url)) as store:
        yield EmbeddedClient(store, clock=lambda: NOON)


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    with closing(Redis("--save", "", "--dbfilename", "dump.rdb")) as server:
        yield server


def _beside(backend: Backend, server: Redis) -> EmbeddedClient:
    client = EmbeddedClient(open_store(backend.url, leases=server.url), clock=lambda: NOON)
    client.publish(site(), at=NOON)
    return client


def test_an_emptied_redis_is_filled_from_sql(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    redis().tell("FLUSHALL")
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [SECOND]
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]
    redis().tell("FLUSHALL")
    assert numbers_shown(client, view("c", NOON + 2 * MINUTE)) == [OVERFLOW]


def test_scripts_that_redis_forgot_are_told_again(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    redis().tell("SCRIPT", "FLUSH")
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_a_renewal_that_only_moves_the_end_of_the_hold_stays_in_redis(
    client: EmbeddedClient, in_sql: EmbeddedClient
) -> None:
    for seconds in (0, 10, 20, 50):
        client.page_view(view("a", NOON + timedelta(seconds=seconds)))
    [known], [told] = (each.number_history("okna", FIRST) for each in (client, in_sql))
    assert known.held_until == NOON + SOON + HOLD
    # SQL was told of the first page view; the others were near enough.
    assert told.held_until == NOON + HOLD
    client.page_view(view("a", NOON + timedelta(seconds=61)))
    client.number_history("okna", FIRST)
    [told] = in_sql.number_history("okna", FIRST)
    assert told.seen_at == NOON + timedelta(seconds=61)


def test_sql_is_told_what_a_person_did(client: EmbeddedClient, in_sql: EmbeddedClient) -> None:
    client.page_view(view("a", pages=1))
    client.page_view(view("a", NOON + timedelta(seconds=1), pages=1))
    client.page_view(view("a", NOON + timedelta(seconds=2), pages=2))
    client.number_history("okna", FIRST)
    [told] = in_sql.number_history("okna", FIRST)
    assert told.state is LeaseState.HELD


def test_a_renewal_that_was_lost_with_redis_breaks_no_hold(client: EmbeddedClient) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    for seconds in (0, 10, 50):
        client.page_view(view("a", NOON + timedelta(seconds=seconds)))
    redis().tell("FLUSHALL")
    before_the_end = NOON + SOON + HOLD - timedelta(seconds=1)
    assert numbers_shown(client, view("b", before_the_end)) == [OVERFLOW]
    # So much longer it may be held, and no longer.
    after = NOON + HOLD + MINUTE
    assert numbers_shown(client, view("b", after)) == [FIRST]


def test_a_redis_with_an_old_memory_is_not_believed(backend: Backend, own_redis: Redis) -> None:
    client = _beside(backend, own_redis)
    for session in "ab":
        client.page_view(view(session))
    assert own_redis.tell("SAVE").startswith(b"+OK")
    client.publish(site(pool(numbers=(FIRST, SECOND, THIRD)), version="2"), at=NOON)
    own_redis.restart()
    # What it has from its disk knows of no free number.
    assert own_redis.tell("DBSIZE") != b":0\r\n"
    assert numbers_shown(client, view("c", NOON + MINUTE)) == [THIRD]
    client.close()


def test_a_lease_of_an_old_memory_is_none(backend: Backend, own_redis: Redis) -> None:
    client = _beside(backend, own_redis)
    client.page_view(view("a"))
    assert own_redis.tell("SAVE").startswith(b"+OK")
    later = NOON + HOLD + MINUTE
    client.page_view(view("b", later))
    assert numbers_shown(client, view("c", later)) == [FIRST]
    own_redis.restart()
    assert numbers_shown(client, view("a", later + MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("c", later + MINUTE)) == [FIRST]
    client.close()


def test_whatever_somebody_did_to_the_keys_is_mended(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a"))
    keys = _book(store)._of("okna")
    redis().tell("ZADD", keys.free("direct"), "0", f"00000000 {FIRST}")
    redis().tell("DEL", keys.places)
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [SECOND]
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_without_redis_leases_are_unavailable_and_calls_are_taken(
    backend: Backend, own_redis: Redis
) -> None:
    client = _beside(backend, own_redis)
    client.page_view(view("a"))
    own_redis.stop()
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1"):
        client.page_view(view("a", NOON + MINUTE))
    call = client.take_call(rings(FIRST, NOON + MINUTE))
    assert call.attribution.session == "a"
    assert [lease.session for lease in client.number_history("okna", FIRST)] == ["a"]
    own_redis.start()
    assert numbers_shown(client, view("a", NOON + 2 * MINUTE)) == [FIRST]
    assert numbers_shown(client, view("b", NOON + 2 * MINUTE)) == [SECOND]
    client.close()


def test_a_page_view_that_redis_did_not_answer_is_recorded_nowhere(
    backend: Backend, own_redis: Redis
) -> None:
    client = _beside(backend, own_redis)
    own_redis.stop()
    with pytest.raises(StoreUnavailable):
        client.page_view(view("a"))
    with closing(open_store(backend.url)) as store:
        assert store.read(lambda journal: journal.stays("okna", ["a"])) == {}
    client.close()


def _book(store: Store) -> RedisBook:
    """What a transaction does in Redis, without the SQL beside it: as if it crashed then."""
    assert isinstance(store, HybridStore)
    return RedisBook(store._server, store._name)


def _crashed_long_ago(book: RedisBook) -> None:
    """The process that had this book's one number in view."""
    [claim] = book._claims.values()
    told = redis().tell("ZADD", book._of("okna").claims, "XX", "0", claim.text)
    assert told == b":0\r\n"


def _lease(session: str, number: str, at: datetime) -> Lease:
    return Lease(
        id=f"of {session}", site="okna", pool="direct", target="main", number=number,
        visitor=f"visitor of {session}", session=session, state=LeaseState.HELD,
        shown_at=at, seen_at=at, held_until=at + HOLD, hold=HOLD,
    )  # fmt: skip


def test_a_lease_that_sql_does_not_know_is_none(client: EmbeddedClient, store: Store) -> None:
    _book(store).add(_lease("a", FIRST, NOON))
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]
    [lease] = client.number_history("okna", FIRST)
    assert (lease.id != "of a", lease.shown_at) == (True, NOON + MINUTE)


def test_a_number_on_a_lease_that_sql_does_not_know_comes_back(
    client: EmbeddedClient, store: Store
) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    _book(store).add(_lease("a", FIRST, NOON))
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("b", NOON + HOLD)) == [FIRST]


def test_a_lease_that_only_redis_ended_is_held(client: EmbeddedClient, store: Store) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    [shown] = client.page_view(view("a"))
    assert shown.lease is not None
    client.number_history("okna", FIRST)  # SQL has the lease
    book = _book(store)
    book.release(shown.lease, NOON)
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [OVERFLOW]
    _crashed_long_ago(book)
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [OVERFLOW]
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_a_renewal_that_did_not_get_as_far_as_sql_is_told_again(
    client: EmbeddedClient, store: Store, in_sql: EmbeddedClient
) -> None:
    [shown] = client.page_view(view("a", pages=1))
    assert shown.lease is not None
    _book(store).renew(replace(shown.lease, state=LeaseState.HELD))
    client.page_view(view("a", NOON + timedelta(seconds=1), pages=1))
    [told] = in_sql.number_history("okna", FIRST)
    assert told.state is LeaseState.HELD


def test_a_number_that_a_crashed_transaction_had_in_view_comes_back(
    client: EmbeddedClient, store: Store
) -> None:
    client.publish(site(pool(numbers=(FIRST,)), version="2"), at=NOON)
    book = _book(store)
    assert book.take_idle("okna", "direct", Rested(since=NOON, beyond=NOON + 10 * HOLD)) == FIRST
    assert numbers_shown(client, view("a")) == [OVERFLOW]
    _crashed_long_ago(book)
    assert numbers_shown(client, view("a", NOON + MINUTE)) == [FIRST]


def test_two_installations_share_a_redis_and_no_number(
    client: EmbeddedClient, backend: Backend, tmp_path: Path
) -> None:
    client.page_view(view("a"))
    with fresh("sqlite", tmp_path) as other:
        there = EmbeddedClient(open_store(other.url, leases=backend.leases), clock=lambda: NOON)
        there.publish(site(), at=NOON)
        assert numbers_shown(there, view("b")) == [FIRST]
        there.close()
    assert numbers_shown(client, view("b")) == [SECOND]


def test_forked_processes_share_the_leases_of_their_parent(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    with get_context("fork").Pool(4, initializer=_inherit, initargs=(client,)) as forks:
        shown = forks.map(_view_in_fork, ["a", "b", "a", "b"] * 5)
    assert shown == [[FIRST], [SECOND], [FIRST], [SECOND]] * 5
    assert numbers_shown(client, view("b")) == [SECOND]


_inherited: list[EmbeddedClient] = []


def _inherit(client: EmbeddedClient) -> None:
    _inherited.append(client)


def _view_in_fork(session: str) -> list[str | None]:
    return numbers_shown(_inherited[0], view(session))


def test_strange_sessions_have_no_leases_of_others(client: EmbeddedClient) -> None:
    client.page_view(view("a"))
    for strange in ("a\x1fdirect", 'a"', "a\x1fdirect\x1fmain", ""):
        assert client.page_view(view(strange, NOON))[0].number != FIRST


@pytest.mark.skipif(not uses_redis(), reason="needs redis-server; CI has it")
def test_redis_cluster_takes_the_leases_as_it_is(tmp_path: Path) -> None:
    main, piter = pool(), pool("piter", ("+78120000001",), overflow="+78120000099")
    both = [wanted(main), wanted(piter, "branch")]
    with closing(_cluster()) as cluster, fresh("sqlite", tmp_path) as backend:
        client = _beside(backend, cluster)
        client.publish(site(main, piter, version="2"), at=NOON)
        assert numbers_shown(client, view("a", NOON, *both)) == [FIRST, "+78120000001"]
        later = NOON + HOLD
        assert numbers_shown(client, view("b", later, *both)) == [SECOND, "+78120000001"]
        assert numbers_shown(client, view("a", later, *both)) == [FIRST, "+78120000099"]
        cluster.tell("FLUSHALL")
        assert numbers_shown(client, view("b", later, *both)) == [SECOND, "+78120000001"]
        client.close()


def _cluster() -> Redis:
    """One node that has all slots: it refuses keys of two slots in one step as any cluster does."""
    bus = str(free_port())
    cluster = Redis("--cluster-enabled", "yes", "--cluster-port", bus, "--save", "")
    cluster.tell("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    while b"cluster_state:ok" not in cluster.tell("CLUSTER", "INFO"):
        pass
    return cluster


def test_a_redis_that_throws_keys_away_is_warned_of(
    backend: Backend, own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    own_redis.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    _beside(backend, own_redis).close()
    assert "set noeviction" in caplog.text


def test_a_redis_that_hangs_costs_no_more_than_its_timeout(
    backend: Backend, own_redis: Redis
) -> None:
    client = _beside(backend, own_redis)
    own_redis.tell("CLIENT", "PAUSE", "3000", "ALL")
    with pytest.raises(StoreUnavailable, match=r"[Tt]imeout"):
        client.page_view(view("a"))
    client.close()


def test_redis_is_reached_with_tls(backend: Backend) -> None:
    port = free_port()
    with TemporaryDirectory(prefix="callgraft-tls-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for whoever Redis runs as
        cert, key = certificate(folder)
        files = ("--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert)
        options = (*map(str, files), "--tls-port", str(port), "--tls-auth-clients", "no")
        with closing(Redis(*options, "--save", "")):
            leases = f"rediss://127.0.0.1:{port}/0"
            with closing(open_store(backend.url, leases=f"{leases}?ssl_ca_certs={cert}")) as store:
                client = EmbeddedClient(store, clock=lambda: NOON)
                client.publish(site(), at=NOON)
                assert numbers_shown(client, view("a")) == [FIRST]
            with pytest.raises(StoreUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
                open_store(backend.url, leases=leases)


def test_redis_is_reached_by_a_unix_socket(backend: Backend) -> None:
    options = ("--unixsocket", "redis.sock", "--unixsocketperm", "777", "--save", "")
    with closing(Redis(*options)) as server:
        leases = f"unix://{server.folder / 'redis.sock'}"
        with closing(open_store(backend.url, leases=leases)) as store:
            client = EmbeddedClient(store, clock=lambda: NOON)
            client.publish(site(), at=NOON)
            assert numbers_shown(client, view("a")) == [FIRST]


def test_a_number_that_redis_gave_away_and_lost_is_given_to_nobody_else(
    backend: Backend, own_redis: Redis
) -> None:
    first, second = (_beside(backend, own_redis) for _ in range(2))
    assert numbers_shown(first, view("a")) == [FIRST]
    own_redis.tell("FLUSHALL")  # before the database was told
    assert numbers_shown(second, view("b")) == [SECOND]
    assert numbers_shown(first, view("a", NOON + MINUTE)) == [FIRST]
    for client in (first, second):
        client.close()


def test_a_call_is_attributed_by_what_another_process_gave_away_just_now(
    backend: Backend, own_redis: Redis
) -> None:
    door, phone = (_beside(backend, own_redis) for _ in range(2))
    door.page_view(view("a"))
    call = phone.take_call(rings(FIRST, NOON + timedelta(seconds=1)))
    assert (call.attribution.session, call.attribution.source) == ("a", "yandex")
    for client in (door, phone):
        client.close()


def test_the_database_is_told_of_what_redis_gave_away_by_itself(
    client: EmbeddedClient, in_sql: EmbeddedClient
) -> None:
    client.page_view(view("a"))
    deadline = time.monotonic() + 10
    while not in_sql.number_history("okna", FIRST):
        assert time.monotonic() < deadline
    [told] = in_sql.number_history("okna", FIRST)
    assert (told.session, told.held_until) == ("a", NOON + HOLD)


def test_a_page_view_that_needs_no_thought_takes_one_step_of_redis_and_none_of_sql(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a"))
    assert isinstance(store, HybridStore)
    store.catch_up("okna")
    statements: list[str] = []
    engine = store._database._engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    before = _scripts_run()
    given = store.at_once(view("a", NOON + MINUTE), costs=lambda wanted: None, check=lambda: None)
    assert given is not None
    assert _scripts_run() - before == 1
    assert statements == []


def _scripts_run() -> int:
    told = redis().tell("INFO", "commandstats").decode()
    [line] = [each for each in told.splitlines() if each.startswith("cmdstat_evalsha:")]
    return int(line.partition("calls=")[2].partition(",")[0])
