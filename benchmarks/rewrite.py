"""
How fast pages are rewritten, as a ratio to copying their bytes; run by hand::

    python benchmarks/rewrite.py

Each run goes over all pages, so that none lies in the processor's cache, as in a server. Machines
differ and are noisy: compare the ratios of one run.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from corpus import pages

from callgraft.html import PlanCache, Stream, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target

ROUNDS = 9
CHUNK = 16_384
SHOWN = "+7 495 123-45-67"
FIVE = (SHOWN, "+7 812 765-43-21", "+7 800 555-35-35", "+7 495 765-43-21", "+7 499 765-43-21")
TWENTY = (SHOWN, *(f"+7{area}7654{area}" for area in range(481, 500)))
NUMBERS = {SHOWN: read("+7 499 000-00-01")}


def main() -> None:
    """Print a line for each way to treat the pages."""
    for name, corpus in pages().items():
        print(f"\n{name}: {len(corpus)} pages, {sum(map(len, corpus)) / 1e6:.1f} MB")
        _report(corpus)


def _report(corpus: list[bytes]) -> None:
    one, five, twenty = _targets([SHOWN]), _targets(FIVE), _targets(TWENTY)
    absent = _targets(["+1 212 555 0123", "+44 161 496 0123"])
    cache = PlanCache(2**30)
    plans = [cache.plan(page, five, content_type=None) for page in corpus]
    planted = [page.count(b"<!--planted-->") for page in corpus]
    missed = sum(len(plan.places) != count for plan, count in zip(plans, planted, strict=True))
    ways: dict[str, Callable[[], object]] = {
        "memcpy": lambda: _each(lambda page: b"".join((page, b"x")), corpus),
        "cold, 1 target": lambda: _cold(corpus, one),
        "cold, 5 targets": lambda: _cold(corpus, five),
        "cold, 20 targets": lambda: _cold(corpus, twenty),
        "no target on the page": lambda: _cold(corpus, absent),
        "warm: the plan": lambda: _each(lambda plan: plan.swap(NUMBERS), plans),
        "warm: the key": lambda: _each(lambda page: hashlib.blake2b(page).digest(), corpus),
        "stream, 16 k, 5 targets": lambda: _each(lambda page: _stream(page, five), corpus),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            best[name] = min(best[name], _seconds(way))
    size = sum(map(len, corpus)) / 1e6
    for name, seconds in best.items():
        print(f"  {name:26}{seconds / best['memcpy']:8.1f} × memcpy{size / seconds:10.0f} MB/s")
    print(f"  pages whose planted numbers were not all found: {missed}")


def _targets(numbers: Iterable[str]) -> Targets:
    return Targets.of([Target(key=number, number=read(number)) for number in numbers])


def _cold(corpus: list[bytes], targets: Targets) -> None:
    _each(lambda page: make_plan(page, targets, content_type=None).swap(NUMBERS), corpus)


def _each(way: Callable[[Any], object], things: Iterable[object]) -> None:
    for thing in things:
        way(thing)


def _stream(page: bytes, targets: Targets) -> None:
    stream = Stream(targets, NUMBERS, content_type=None)
    for at in range(0, len(page), CHUNK):
        stream.feed(page[at : at + CHUNK])
    stream.close()


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
