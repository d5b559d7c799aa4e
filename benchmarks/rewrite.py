"""
How fast pages are rewritten, beside copying their bytes, and whether the bars are met; by hand::

    python benchmarks/rewrite.py                   # the mix, and small pages on their own
    python benchmarks/rewrite.py shop "long text"  # some shapes of the mix
    python benchmarks/rewrite.py --patterns        # as it is without the compiled scanner

The bars hold for the mix, whose pages are in the mean as large, and hold as many numbers, as those
that the bars were taken on (see corpus.py); every planted number must be found, and nothing else.
Each way goes over all pages before the next does, so that none lies in the processor's nearest
cache, as in a server, and the best of some rounds counts. "Patched" is a page seen for the third
time, with another token in its head and another time stamp at its end. Machines differ and are
noisy: compare the ratios of one run. What other tools make of the same pages is in peers.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.corpus import FIVE, Page, mix, small, with_token
from callgraft.html import Plan, PlanCache, Stream, Targets, make_plan, skim
from callgraft.html.cache import digest
from callgraft.html.plan import patch_plan
from callgraft.phone import read
from callgraft.site import Target

ROUNDS = 5
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
    """Print a table for the mix and one for small pages, or one for each shape that is named."""
    shapes, names = mix(), sys.argv[1:]
    if "--patterns" in names:
        names.remove("--patterns")
        skim.compiled = None
    print("with the compiled scanner" if skim.compiled else "with patterns alone")
    chosen = {name: shapes[name] for name in names}
    whole = {
        "the mix": [page for pages in shapes.values() for page in pages],
        "small pages, on their own": small(),
    }
    for name, pages in (chosen or whole).items():
        _print(name, pages, _measured(pages))


def _measured(pages: list[Page]) -> Seconds:
    one, five, twenty = _targets(FIVE[:1]), _targets(FIVE), _targets(TWENTY)
    absent = _targets(["+1 212 555 0123", "+44 161 496 0123"])
    plans = [_scan(page, five) for page in pages]
    first, second, third = ([_visited(page, visit) for page in pages] for visit in range(3))
    known = [_patch(_scan(old, five), new, five) for old, new in zip(first, second, strict=True)]
    cache = PlanCache(2**30)
    for page in pages:
        cache.plan(page.body, five, content_type=page.content_type)
    ways: dict[str, Callable[[], object]] = {
        "memcpy": lambda: _each(lambda page: b"".join((page.body, b"x")), pages),
        "cold, 1": lambda: _each(lambda page: _scan(page, one).swap(NUMBERS), pages),
        "cold, 5": lambda: _each(lambda page: _scan(page, five).swap(NUMBERS), pages),
        "cold, 20": lambda: _each(lambda page: _scan(page, twenty).swap(NUMBERS), pages),
        "nothing there": lambda: _each(lambda page: _scan(page, absent).swap(NUMBERS), pages),
        "stream": lambda: _each(lambda page: _stream(page, five), pages),
        "scan": lambda: _each(lambda page: _scan(page, five), third),
        "patched": lambda: _each(lambda pair: _patch(*pair, five), zip(known, third, strict=True)),
        "warm": lambda: _each(lambda plan: plan.swap(NUMBERS), plans),
        "key": lambda: _each(lambda page: digest(page.body), pages),
        "warm by cache": lambda: _each(
            lambda page: cache.plan(page.body, five, content_type=page.content_type).swap(NUMBERS),
            pages,
        ),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            # Twice, so that none has to pay for what the one before it has put out of the cache.
            best[name] = min(best[name], _seconds(way), _seconds(way))
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
    plan = make_plan(page.body, _ALL, content_type=page.content_type)
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


def _targets(numbers: Iterable[str]) -> Targets:
    return Targets.of([Target(key=number, number=read(number)) for number in numbers])


_ALL = _targets(FIVE)


def _scan(page: Page, targets: Targets) -> Plan:
    # As if it were the first page of its site: nothing that was decided on another is known.
    targets.looks.clear()
    return make_plan(page.body, targets, content_type=page.content_type)


def _visited(page: Page, visit: int) -> Page:
    return replace(page, body=with_token(page.body, visit))


def _patch(known: Plan, page: Page, targets: Targets) -> Plan:
    plan = patch_plan(known, page.body, targets, content_type=page.content_type)
    return plan or make_plan(page.body, targets, content_type=page.content_type)


def _each(way: Callable[[Any], object], things: Iterable[object]) -> None:
    for thing in things:
        way(thing)


def _stream(page: Page, targets: Targets) -> None:
    targets.looks.clear()
    stream = Stream(targets, NUMBERS, content_type=page.content_type)
    for at in range(0, len(page.body), CHUNK):
        stream.feed(page.body[at : at + CHUNK])
    stream.close()


def _seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
