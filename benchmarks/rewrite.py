"""
How fast a page is rewritten, as a ratio to copying its bytes; run by hand::

    python benchmarks/rewrite.py

Machines differ and are noisy: compare the ratios of one run.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from callgraft.html import PlanCache, Stream, Targets, make_plan
from callgraft.phone import read
from callgraft.site import Target
from corpus import pages

FIVE = ("+7 495 123-45-67", "+7 812 765-43-21", "+7 800 555-35-35", "+7 495 765-43-21")
CONTENT_TYPE = "text/html"


def main() -> None:
    """Print one line per page, then the medians."""
    five = [Target(key=n, number=read(n)) for n in (*FIVE, "+7 499 765-43-21")]
    twenty = [Target(key=str(n), number=read(f"+7495123{n:04}")) for n in range(4549, 4569)]
    targets = Targets.of(five)
    one, many = Targets.of(five[:1]), Targets.of([*five[:1], *twenty[:19]])
    numbers = {FIVE[0]: read("+7 499 000-00-01")}
    columns = ("cold", "cold, 1", "cold, 20", "no target", "warm", "hash", "stream 16k")
    print(f"{'× memcpy':28}{'bytes':>8}" + "".join(f"{name:>11}" for name in columns))
    rows = []
    for name, page in pages().items():
        row = _row(page, targets, one, many, numbers)
        rows.append(row)
        print(f"{name:28}{len(page):8}" + "".join(f"{ratio:11.1f}" for ratio in row))
    print(
        f"{'median':36}" + "".join(f"{statistics.median(c):11.1f}" for c in zip(*rows, strict=True))
    )


def _row(page, targets, one, many, numbers) -> list[float]:
    copy = _seconds(lambda: b"".join((page, b"x")), repeats=400)
    cache = PlanCache()
    cache.plan(page, targets, content_type=CONTENT_TYPE)
    plan = make_plan(page, targets, content_type=CONTENT_TYPE)
    without = page.replace(b"123", b"124").replace(b"1234567", b"1244567")
    absent = Targets.of([Target(key="absent", number=read("+1 212 555 0123"))])

    def stream() -> None:
        flow = Stream(targets, numbers, content_type=CONTENT_TYPE)
        for at in range(0, len(page), 16_384):
            flow.feed(page[at : at + 16_384])
        flow.close()

    runs: list[Callable[[], object]] = [
        lambda: make_plan(page, targets, content_type=CONTENT_TYPE).swap(numbers),
        lambda: make_plan(page, one, content_type=CONTENT_TYPE).swap(numbers),
        lambda: make_plan(page, many, content_type=CONTENT_TYPE).swap(numbers),
        lambda: make_plan(without, absent, content_type=CONTENT_TYPE),
        lambda: plan.swap(numbers),
        lambda: hashlib.blake2b(page, digest_size=32).digest(),
        stream,
    ]
    return [_seconds(run) / copy for run in runs]


def _seconds(run: Callable[[], object], repeats: int = 40) -> float:
    """Return the median of ``repeats`` runs."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


if __name__ == "__main__":
    main()
