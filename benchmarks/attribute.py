"""
How long it takes to attribute a call where a million leases are stored.

    python benchmarks/attribute.py
    python benchmarks/attribute.py --leases 100000 --calls 200
    python benchmarks/attribute.py --backend postgresql://me@db/an_empty_database

The store is filled with 60 days of a busy site: a thousand numbers, each of which a thousand
sessions saw, three page loads and two signs of each session, and a call of every fiftieth one.
Then calls come to numbers at random. ``weighed`` is the attribution alone: the bar of 5 ms is its
median's; ``taken`` is the whole of it, from the provider's event to what is on the disk for good.
PostgreSQL is started for it where it is installed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import Connection, Table, create_engine, insert

from benchmarks.allocate_mix import NOON, SITE
from callgraft.call_terms import CallTerms
from callgraft.client import EmbeddedClient
from callgraft.stores import Store, open_store
from callgraft.stores.schema import calls, leases, sessions, signs, touches, visitors, visits
from callgraft.stores.urls import database_url
from callgraft.tracking.call_record import call_of
from callgraft.tracking.scoring import score
from callgraft.tracking.values import CallEvent, CallState
from examples.servers import PostgreSQL, postgresql_program

BAR = 5.0
"""Milliseconds that half of the attributions stay below."""

NUMBERS = [number.e164 for number in SITE.pools["direct"].numbers]
DAYS = 60
_AT_ONCE = 10_000
_WORDS = {"medium": "cpc", "channel": "paid search", "campaign": "okna", "keyword": "окна"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--leases", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=500, help="how many are attributed")
    parser.add_argument("--backend", action="append", help="by URL; may be repeated")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.leases:,} leases")
    print("store        filled in  weighed: p50 ms   p99 ms   taken: p50 ms   p99 ms")
    with TemporaryDirectory() as folder, ExitStack() as stack:
        for url in options.backend or backends(folder, stack):
            measure(url, options.leases, options.calls)


def backends(folder: str, stack: ExitStack) -> Iterator[str]:
    """SQLite, and PostgreSQL where it is installed; each fresh."""
    yield f"sqlite:///{folder}/callgraft.db"
    if postgresql_program("initdb"):
        database = PostgreSQL()
        stack.callback(database.close)
        yield database.url


def measure(url: str, count: int, asked: int) -> None:
    """Fill the store, take calls, and print a line."""
    with closing(EmbeddedClient(open_store(url), clock=lambda: NOON)) as client:
        client.publish(SITE, at=NOON - timedelta(days=DAYS + 1))
        begin = time.perf_counter()
        fill(url, count)
        filled = time.perf_counter() - begin
        events = [event(index) for index in range(asked)]
        with closing(open_store(url)) as store:
            weighed = timed(lambda each: weigh(store, each), events)
        taken = timed(client.take_call, events)
    name = url.partition(":")[0].partition("+")[0]
    cuts = [quantiles(each, n=100) for each in (weighed, taken)]
    times = "".join(f"{cut[49] * 1000:>16.2f}{cut[98] * 1000:>9.2f}" for cut in cuts)
    verdict = "ok" if cuts[0][49] * 1000 < BAR else "missed"
    print(f"{name:<12}{filled:>8.0f} s{times}  {verdict}: < {BAR:g} ms", flush=True)


def timed(work: Callable[[CallEvent], object], events: list[CallEvent]) -> list[float]:
    """Seconds that each took."""
    each = []
    for told in events:
        before = time.perf_counter()
        work(told)
        each.append(time.perf_counter() - before)
    return each


def weigh(store: Store, told: CallEvent) -> None:
    """Attribute the call, and keep nothing."""
    found = store.read(lambda here: score(here, call_of([told]), CallTerms()))
    if found.method != "posterior" or len(found.candidates) < 5:
        raise AssertionError(f"Not weighed: {found}")


def event(index: int) -> CallEvent:
    """A call of a phone that never rang before."""
    dice = random.Random(index)
    return CallEvent(
        site=SITE.key,
        provider="generic",
        account="main",
        event_id=f"event {index}",
        call=f"call {index}",
        state=CallState.RINGING,
        number=dice.choice(NUMBERS),
        at=NOON - timedelta(minutes=dice.uniform(0, 20)),
        caller=f"+7916{index:07}",
    )


def fill(url: str, count: int) -> None:
    """So many leases that are over, evenly over the days, and what their sessions did."""
    engine = create_engine(database_url(url))
    with engine.begin() as connection:
        for first in range(0, count, _AT_ONCE):
            write(connection, range(first, min(first + _AT_ONCE, count)), count)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def write(connection: Connection, part: range, count: int) -> None:
    stays = [stay(index, count) for index in part]
    for table in (visitors, sessions, touches, visits, signs, leases, calls):
        rows = [row for each in stays for row in each.get(table, ())]
        if rows:
            connection.execute(insert(table), rows)


def stay(index: int, count: int) -> dict[Table, list[dict[str, object]]]:
    """One session: its rows by table."""
    at = NOON - timedelta(days=DAYS) * (1 - index / count)
    end = at + timedelta(minutes=6)
    number = NUMBERS[index * 7919 % len(NUMBERS)]
    who = {"site": SITE.key, "visitor": f"v{index}"}
    of = {"site": SITE.key, "session": f"s{index}"}
    place = {"country": "RU", "region": "RU-MOW", "city": "", "network": "192.0.2.0/24"}
    words = _WORDS | {"content": "", "click_id": "", "referrer": "", "landing": "/"}
    lease = {
        "id": f"l{index}",
        "pool": "direct",
        "target": "main",
        "number": number,
        "state": "held",
        "shown_at": at,
        "seen_at": end,
        "held_until": end,
        "released_at": end,
        "released_why": "reclaimed",
        "network": "",
        "is_shared": False,
        "hold": timedelta(minutes=5),
    }
    return {
        visitors: [who | {"first_seen_at": at}],
        sessions: [of | who | place | {"started_at": at, "device": "mobile"}],
        touches: [of | words | {"at": at, "source": f"source {index % 7}"}],
        visits: [
            of | {"at": at + timedelta(minutes=minute), "path": "/", "is_contact": minute == 4}
            for minute in (0, 2, 4)
        ],
        signs: [
            of | {"at": at + timedelta(minutes=minute), "kind": kind}
            for minute, kind in ((1, "active"), (6, "hidden"))
        ],
        leases: [lease | of | who],
        calls: [call(index, number, end)] if index % 50 == 0 else [],
    }


def call(index: int, number: str, at: object) -> dict[str, object]:
    """A call that was given to the session."""
    candidates = [
        {"visitor": f"v{near}", "session": f"s{near}", "probability": 0.1, "because": "why" * 20}
        for near in range(index, index + 5)
    ]
    found = {"method": "posterior", "probability": 0.6, "candidates": candidates}
    return {
        "id": f"c{index}",
        "site": SITE.key,
        "provider": "generic",
        "account": "main",
        "call": f"k{index}",
        "number": number,
        "caller": f"+7495{index:07}",
        "state": "ended",
        "rang_at": at,
        "visitor": f"v{index}",
        "session": f"s{index}",
        "attribution": found,
        "marks": "first",
        "region": "",
        "earlier": [],
    }


if __name__ == "__main__":
    main()
