"""The page views that stores are measured with, and the clients that send them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callgraft import read_site
from callgraft.client import TrackingClient, open_client
from callgraft.client.cached import CachedClient
from callgraft.errors import StoreUnavailable
from callgraft.identity import Identity
from callgraft.server.issuing import Scope, issue
from callgraft.source import Touch
from callgraft.stores import open_store
from callgraft.tracking.values import PageView, Wanted

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
TOUCH = Touch(source="yandex", medium="cpc", channel="paid search")
OVERFLOW = "+74980000000"
PATIENCE = 5.0
WANTED = Wanted(target="main", pool="direct", overflow=OVERFLOW, hold=timedelta(minutes=30))
NUMBERS = ", ".join(f'"+7499{number:07}"' for number in range(1000))
SITE = read_site(
    f"""
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = [{NUMBERS}]
overflow = "{OVERFLOW}"
hold = "30m"
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How a client is opened."""

    url: str
    leases: str | None = None
    token_secret: str | None = None
    state: str | None = None

    def token(self) -> str:
        """The secret of a new token of the store."""
        with closing(open_store(self.url)) as store:
            scopes = (Scope.DOOR,)
            return issue(store, name="benchmark", scopes=scopes, at=datetime.now(UTC))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How many seconds all page views took, how many each one, and how many failed."""

    seconds: float
    each: list[float]
    errors: int = 0


@contextmanager
def opened(backend: Backend, *, is_cached: bool, name: str = "") -> Iterator[TrackingClient]:
    """A client, and the site published."""
    client = open_client(
        backend.url,
        leases=backend.leases,
        token=backend.token_secret,
        state=f"{backend.state}-{name}" if backend.state else None,
    )
    with closing(CachedClient(client) if is_cached else client) as ready:
        ready.publish(SITE, at=NOON)
        yield ready


def browse(
    name: str, client: TrackingClient, views: int, begin: float, *, pause: float = 0.0
) -> Measured:
    """
    View so many pages, one after the other.

    :param begin: in seconds after noon.
    :param pause: from the beginning of one to that of the next, in seconds.
    """
    dice = random.Random(name)
    each: list[float] = []
    errors = 0
    start = time.perf_counter()
    for index in range(views):
        is_new = index % 20 == 0
        session = f"{name}-{begin}-{index}" if is_new else f"s{dice.randrange(500)}"
        view = page(session, begin + index / 10)
        _wait_until(start + index * pause)
        before = time.perf_counter()
        try:
            # As a door does: somebody waits for the page.
            client.page_view(view, deadline=time.monotonic() + PATIENCE)
        except StoreUnavailable:
            errors += 1
        each.append(time.perf_counter() - before)
    return Measured(seconds=time.perf_counter() - start, each=each, errors=errors)


def compute(views: int, *, pause: float = 0.0) -> Measured:
    """Do nothing but compute, for about a fifth of a millisecond each time."""
    each: list[float] = []
    start = time.perf_counter()
    for index in range(views):
        _wait_until(start + index * pause)
        before = time.perf_counter()
        sum(range(10_000))
        each.append(time.perf_counter() - before)
    return Measured(seconds=time.perf_counter() - start, each=each)


def knock(backend: Backend, views: int, *, pause: float = 0.0) -> Measured:
    """The least that the store's server can be asked: what it costs to ask it at all."""
    each: list[float] = []
    with _knocking(backend) as ask:
        ask()
        start = time.perf_counter()
        for index in range(views):
            _wait_until(start + index * pause)
            before = time.perf_counter()
            ask()
            each.append(time.perf_counter() - before)
        return Measured(seconds=time.perf_counter() - start, each=each)


@contextmanager
def _knocking(backend: Backend) -> Iterator[Callable[[], object]]:
    if backend.leases:
        import redis

        with closing(redis.Redis.from_url(backend.leases)) as client:
            sha = client.script_load("return redis.call('HGET', KEYS[1], ARGV[1])")
            yield lambda: client.evalsha(sha, 1, "benchmark", "nothing")
        return
    import psycopg

    with psycopg.connect(backend.url, autocommit=True) as connection:
        yield lambda: connection.execute("SELECT 1").fetchone()


def _wait_until(moment: float) -> None:
    left = moment - time.perf_counter()
    if left > 0:
        time.sleep(left)


def page(session: str, seconds: float) -> PageView:
    """A page view so long after noon, of a person who wants a number."""
    at = NOON + timedelta(seconds=seconds)
    who = Identity(
        visitor=f"v-{session}",
        session=session,
        first_seen_at=at,
        session_started_at=at,
        seen_at=at,
        pages=2,
        touch=TOUCH,
    )
    return PageView(site="okna", at=at, identity=who, path="/", wanted=(WANTED,))
