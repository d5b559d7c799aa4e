"""PostgreSQL and Redis fail while pages are served: pages go on, and no number is shown twice."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, open_engine, read_site
from callgraft.client import open_client
from tests.core.stores.racing import in_order, overlaps
from tests.servers import PostgreSQL, Redis, uses_postgresql, uses_redis

PATIENCE = 60.0
POOL = [f"+749900000{index:02}" for index in range(1, 31)]
OVERFLOW, TARGET = "+74990000099", "+74951234567"
# So short a hold makes a process remember a lease for a second, and ask the store again then.
SITE = read_site(
    f"""
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "{TARGET}"

[pools.direct]
numbers = {POOL}
overflow = "{OVERFLOW}"
hold = "10s"

[[rules]]
name = "Everybody"
target = "main"
pool = "direct"
"""
)
BROWSER = (
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537.36"
)
HTML = f'<p><a href="tel:{TARGET}">call</a></p>'


class Visitor:
    """Somebody who looks at one page after the other, and what number each of them had."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cookie = ""
        self.shown: list[str] = []

    def look(self) -> str:
        headers = [("User-Agent", BROWSER), ("Cookie", self._cookie)]
        visit = Visit(
            url="https://okna.example/", received_at=datetime.now(UTC), headers=tuple(headers)
        )
        head = Head(headers=(("Content-Type", "text/html; charset=utf-8"),))
        answer = self._engine.swap(visit, Page(head=head, body=HTML.encode()))
        if cookie := answer.head.header("set-cookie"):
            self._cookie = cookie.partition(";")[0]
        found = re.fullmatch(r'<p><a href="tel:(\+\d+)">call</a></p>', answer.body.decode())
        assert found, answer.body
        self.shown.append(found[1])
        return found[1]


class Crowd:
    """Visitors who all look at pages until they are told to stop."""

    def __init__(self, engine: Engine, count: int) -> None:
        self.visitors = [Visitor(engine) for _ in range(count)]
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._browse, args=(visitor,)) for visitor in self.visitors
        ]
        self.failed: list[BaseException] = []

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def look_on(self, pages: int = 5) -> None:
        """Wait until everybody has seen some more pages."""
        wanted = [len(visitor.shown) + pages for visitor in self.visitors]
        _until(
            lambda: all(
                len(each.shown) >= count for each, count in zip(self.visitors, wanted, strict=True)
            )
        )

    def _browse(self, visitor: Visitor) -> None:
        try:
            while not self._stopped.wait(0.02):
                visitor.look()
        except BaseException as error:
            self.failed.append(error)


@contextmanager
def _without(server: PostgreSQL | Redis) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.mark.skipif(
    not (uses_postgresql() and uses_redis()), reason="both servers are needed; CI has them"
)
def test_pages_go_on_while_redis_and_postgresql_fail(caplog: pytest.LogCaptureFixture) -> None:
    with closing(PostgreSQL()) as postgresql, closing(Redis()) as redis:
        budget = timedelta(seconds=1)
        engine = open_engine(SITE, backend=postgresql.url, leases=redis.url, budget=budget)
        with closing(engine), Crowd(engine, 5) as crowd:
            crowd.look_on()
            redis.tell("FLUSHALL")
            crowd.look_on()
            _until(lambda: Visitor(engine).look() in POOL)
            redis.restart()
            crowd.look_on()
            _until(lambda: Visitor(engine).look() in POOL)
            with _without(redis):
                crowd.look_on(60)  # longer than anything is remembered
                assert Visitor(engine).look() in (OVERFLOW, TARGET)
            _until(lambda: Visitor(engine).look() in POOL)
            with _without(postgresql):
                crowd.look_on(60)
                # Redis alone may give a number still; PostgreSQL is told of it when it is back.
                assert Visitor(engine).look() in (*POOL, OVERFLOW, TARGET)
            _until(lambda: Visitor(engine).look() in POOL)
            with _without(postgresql), _without(redis):
                crowd.look_on()
            _until(lambda: Visitor(engine).look() in POOL)
            crowd.look_on()
        _check(crowd, postgresql.url, redis.url)
    ours = [record for record in caplog.records if record.name.startswith("callgraft")]
    assert [record for record in ours if record.exc_info] == []


def _check(crowd: Crowd, backend: str, leases: str) -> None:
    assert crowd.failed == []
    own = [set(visitor.shown) & set(POOL) for visitor in crowd.visitors]
    assert [len(numbers) for numbers in own] == [1] * len(own), "Everybody keeps one number."
    assert len(set().union(*own)) == len(own), "No number is two people's."
    assert set().union(*(visitor.shown for visitor in crowd.visitors)) <= {
        *POOL, OVERFLOW, TARGET,
    }  # fmt: skip
    with closing(open_client(backend, leases=leases)) as client:
        for number in POOL:
            history = client.number_history("okna", number, limit=1000)
            assert overlaps(in_order(history)) == []


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.05)
