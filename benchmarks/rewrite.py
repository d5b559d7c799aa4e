"""
How fast pages are rewritten, beside copying their bytes, and whether the bars are met; by hand::

    python benchmarks/rewrite.py            # all shapes, about half a minute
    python benchmarks/rewrite.py small shop # some

Each way goes over all pages of a shape before the next does, so that none lies in the processor's
cache, as in a server, and the best of some rounds counts. Machines differ and are noisy: compare
the ratios of one run. What other tools make of the same pages is in peers.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from corpus import PLANTED, pages, with_token

from callgraft.html import Plan, PlanCache, Stream, Targets, make_plan
from callgraft.html.cache import digest
from callgraft.html.plan import patch_plan
from callgraft.phone import read
from callgraft.site import Target

ROUNDS = 7
CHUNK = 16_384
SHOWN = "+7 495 123-45-67"
FIVE = (SHOWN, "+7 812 765-43-21", "+7 800 555-35-35", "+7 495 765-43-21", "+7 499 765-43-21")
TWENTY = (SHOWN, *(f"+7{area}7654{area}" for area in range(481, 500)))
NUMBERS = {SHOWN: read("+7 499 000-00-01")}
Seconds = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a way may take at most: ``most`` times what ``beside`` takes."""

    what: str
    way: str
    beside: str
    most: float


BARS = (
    Bar(what="cold, 5 targets", way="cold, 5", beside="memcpy", most=35),
    Bar(what="warm, beside the key's hash", way="warm", beside="memcpy", most=2.5),
    Bar(what="cold, 20 targets (÷ with 1)", way="cold, 20", beside="cold, 1", most=1 / 0.6),
    Bar(what="streamed in 16 k (÷ whole)", way="stream", beside="cold, 5", most=1 / 0.6),
    Bar(what="another token (÷ cold scan)", way="patched", beside="scan", most=1 / 4),
)


def main() -> None:
    """Print a table for each shape of pages, and one for all of them."""
    shapes = {name: those for name, those in pages().items() if name in (sys.argv[1:] or [name])}
    total: Seconds = {}
    for name, corpus in shapes.items():
        told = f"text/html; charset={'windows-1251' if '1251' in name else 'utf-8'}"
        seconds = _measured(corpus, told)
        total = {way: total.get(way, 0) + each for way, each in seconds.items()}
        _print(f"{name}, {_found(corpus, told)}", corpus, seconds)
    _print("all", [page for corpus in shapes.values() for page in corpus], total)


def _measured(corpus: list[bytes], told: str) -> Seconds:
    one, five, twenty = _targets([SHOWN]), _targets(FIVE), _targets(TWENTY)
    absent = _targets(["+1 212 555 0123", "+44 161 496 0123"])
    plans = [make_plan(page, five, content_type=told) for page in corpus]
    renewed = [with_token(page, 2) for page in corpus]
    known = [make_plan(with_token(page, 1), five, content_type=told) for page in corpus]
    pairs = list(zip(known, renewed, strict=True))
    cache = PlanCache(2**30)
    for page in corpus:
        cache.plan(page, five, content_type=told)
    ways: dict[str, Callable[[], object]] = {
        "memcpy": lambda: _each(lambda page: b"".join((page, b"x")), corpus),
        "cold, 1": lambda: _cold(corpus, one, told),
        "cold, 5": lambda: _cold(corpus, five, told),
        "cold, 20": lambda: _cold(corpus, twenty, told),
        "nothing there": lambda: _cold(corpus, absent, told),
        "stream": lambda: _each(lambda page: _stream(page, five, told), corpus),
        "scan": lambda: _each(lambda page: _scan(page, five, told), renewed),
        "patched": lambda: _each(lambda pair: _patch(*pair, five, told), pairs),
        "warm": lambda: _each(lambda plan: plan.swap(NUMBERS), plans),
        "key": lambda: _each(digest, corpus),
        "warm by cache": lambda: _each(
            lambda page: cache.plan(page, five, content_type=told).swap(NUMBERS), corpus
        ),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            best[name] = min(best[name], _seconds(way))
    return best


def _print(title: str, corpus: list[bytes], seconds: Seconds) -> None:
    size = sum(map(len, corpus)) / 1e6
    print(f"\n{title}: {len(corpus)} pages, {size:.1f} MB")
    for name, each in seconds.items():
        print(f"  {name:30}{each / seconds['memcpy']:8.1f} × memcpy{size / each:10.0f} MB/s")
    for bar in BARS:
        ratio = seconds[bar.way] / seconds[bar.beside]
        verdict = "ok" if ratio <= bar.most else "missed"
        print(f"  {bar.what:30}{ratio:8.2f}, at most {bar.most:5.2f}  {verdict}")


def _found(corpus: list[bytes], told: str) -> str:
    """Say how many planted numbers were found, and what else was; of the pages as they are."""
    targets = _targets(FIVE)
    planted = sum(page.count(PLANTED.encode()) for page in corpus)
    plans = [make_plan(page, targets, content_type=told) for page in corpus]
    found = sum(len(plan.places) for plan in plans)
    same = all(plan.swap({SHOWN: read(SHOWN)}) == plan.body for plan in plans)
    return f"{found} of {planted} planted numbers, other bytes {'kept' if same else 'CHANGED'}"


def _targets(numbers: Iterable[str]) -> Targets:
    return Targets.of([Target(key=number, number=read(number)) for number in numbers])


def _cold(corpus: list[bytes], targets: Targets, told: str) -> None:
    _each(lambda page: _scan(page, targets, told).swap(NUMBERS), corpus)


def _scan(page: bytes, targets: Targets, told: str) -> Plan:
    # As if it were the first page of its site: nothing that was decided on another is known.
    targets.looks.clear()
    return make_plan(page, targets, content_type=told)


def _patch(known: Plan, page: bytes, targets: Targets, told: str) -> None:
    if patch_plan(known, page, targets, content_type=told) is None:
        make_plan(page, targets, content_type=told)


def _each(way: Callable[[Any], object], things: Iterable[object]) -> None:
    for thing in things:
        way(thing)


def _stream(page: bytes, targets: Targets, told: str) -> None:
    targets.looks.clear()
    stream = Stream(targets, NUMBERS, content_type=told)
    for at in range(0, len(page), CHUNK):
        stream.feed(page[at : at + CHUNK])
    stream.close()


def _seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
