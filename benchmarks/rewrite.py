"""
How fast pages are rewritten, beside copying their bytes, and whether the bars are met; by hand::

    python benchmarks/rewrite.py            # the mix, and small pages on their own: half a minute
    python benchmarks/rewrite.py small shop # some shapes only

The bars hold for the mix, whose pages are in the mean as large, and hold as many numbers, as those
that the bars were taken on (see corpus.py); every planted number must be found, and nothing else.
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.corpus import FIVE, Page, mix, small, with_token
from callgraft.html import Plan, PlanCache, Stream, Targets, make_plan
from callgraft.html.cache import digest
from callgraft.html.plan import patch_plan
from callgraft.phone import read
from callgraft.site import Target

ROUNDS = 7
CHUNK = 16_384
_LONGEST = 100
"""No planted number takes more bytes."""
TWENTY = (FIVE[0], *(f"+7{area}7654{area}" for area in range(481, 500)))
NUMBERS = {number: read(f"+7 499 000-00-0{last}") for last, number in enumerate(FIVE)}
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
    """Print a table for each shape of pages, one for all of the mix, and one for small pages."""
    shapes = mix()
    wanted = {name: those for name, those in shapes.items() if name in sys.argv[1:]}
    total: Seconds = {}
    for name, pages in (wanted or shapes).items():
        seconds = _measured(pages)
        total = {way: total.get(way, 0) + each for way, each in seconds.items()}
        _print(name, pages, seconds)
    if not wanted:
        _print("the mix", [page for pages in shapes.values() for page in pages], total)
        _print("small pages, on their own", small(), _measured(small()))


def _measured(pages: list[Page]) -> Seconds:
    corpus, told = [page.body for page in pages], _told(pages[0])
    one, five, twenty = _targets(FIVE[:1]), _targets(FIVE), _targets(TWENTY)
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


def _print(title: str, pages: list[Page], seconds: Seconds) -> None:
    size, planted = sum(len(page.body) for page in pages), sum(len(page.planted) for page in pages)
    found, false, changed = (sum(each) for each in zip(*map(_checked, pages), strict=True))
    print(f"\n{title}: {len(pages)} pages of {size / len(pages) / 1000:.0f} kB in the mean")
    print(
        f"  {planted} planted numbers, {planted / len(pages):.1f} a page: {found} found,", end=" "
    )
    print(f"{false} false, other bytes changed on {changed} pages")
    for name, each in seconds.items():
        rate = size / each / 1e6
        print(f"  {name:30}{each / seconds['memcpy']:8.1f} × memcpy{rate:10.0f} MB/s")
    for bar in BARS:
        ratio = seconds[bar.way] / seconds[bar.beside]
        verdict = "ok" if ratio <= bar.most else "missed"
        print(f"  {bar.what:30}{ratio:8.2f}, at most {bar.most:5.2f}  {verdict}")


def _checked(page: Page) -> tuple[int, int, bool]:
    """Say how many planted numbers are found, what else is, and whether another byte changes."""
    plan = make_plan(page.body, _ALL, content_type=_told(page))
    spots = [(place.start, place.end) for place in plan.places]
    found = sum(
        any(first <= start and end <= last for start, end in spots) for first, last in page.planted
    )
    out, at, is_changed = plan.swap(NUMBERS), 0, False
    edges = [0, *(edge for spot in page.planted for edge in spot), len(page.body)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        here = out.find(page.body[start:end], at, at + _LONGEST + end - start)
        is_changed |= here < 0 or (start == 0 and here > 0)
        at = here + end - start
    return found, len(spots) - found, is_changed or at != len(out)


def _told(page: Page) -> str:
    return f"text/html; charset={page.charset}"


def _targets(numbers: Iterable[str]) -> Targets:
    return Targets.of([Target(key=number, number=read(number)) for number in numbers])


_ALL = _targets(FIVE)


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
