"""
How fast a packed page is filled by splicing, beside packing it anew, and how small it is; by hand::

    python benchmarks/splice.py

The pages are those of ``benchmarks/corpus.py``. Each is planned, and spliced for numbers of one
length; "fill" is what a page view costs then, and zlib −6 what packing the page whole would cost.
Needs the extra ``callgraft[encodings]``. Compare the ratios of one run.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.corpus import FIVE, mix
from callgraft import encoding
from callgraft.html import Plan, Targets, make_plan
from callgraft.packed.blocks import brotlied, brotlied_best, zstandarded
from callgraft.packed.gzipped import gzipped
from callgraft.packed.splice import Maker, Splice, interleaved
from callgraft.phone import read
from callgraft.site import Target

ROUNDS = 5
WAYS: dict[str, tuple[Maker, str, float | None, float | None]] = {
    # by name: the maker, its coding, times faster than zlib -6, and share of its size
    "gzip": (gzipped, "gzip", 200, 1.00),
    "br, quality 5": (brotlied, "br", None, None),
    "br, quality 11": (brotlied_best, "br", 200, 0.80),
    "zstd": (zstandarded, "zstd", None, None),
}
Filled = tuple[Splice, Sequence[Sequence[bytes]], Plan]


def main() -> None:
    """Print a line for each way."""
    targets = Targets.of([Target(key=number, number=read(number)) for number in FIVE])
    pages = [page for shape in mix().values() for page in shape]
    plans = [make_plan(page.body, targets, content_type=page.content_type) for page in pages]
    whole = sum(len(plan.body) for plan in plans)
    at_once = [zlib.compress(plan.body, 6) for plan in plans]
    beside = _best(lambda: [zlib.compress(plan.body, 6) for plan in plans], rounds=2)
    size = sum(map(len, at_once))
    print(f"{len(plans)} pages, {whole / len(plans) / 1000:.0f} kB in the mean")
    print(f"  {'zlib -6':16}{beside / len(plans) * 1e6:9.1f} µs a page, {size / whole:.3f} of it")
    for name in WAYS:
        _print(name, plans, beside, size)


def _print(name: str, plans: Sequence[Plan], beside: float, size: int) -> None:
    make, coding, faster, smaller = WAYS[name]
    began = time.perf_counter()
    filled = [(splice, _visitors(plan), plan) for plan in plans if (splice := _spliced(make, plan))]
    making = time.perf_counter() - began
    right = sum(_is_right(one, coding) for one in filled)
    taken = _best(lambda: [one.fill(texts[0]) for one, texts, _ in filled])
    packed = sum(len(one.fill(texts[0])) for one, texts, _ in filled)
    print(
        f"  {name:16}{taken / len(plans) * 1e6:9.1f} µs a page, made once in"
        f" {making / len(plans) * 1e3:.1f} ms; {right} of {len(plans)} right"
    )
    for what, ratio, bar in (
        ("times faster", beside / taken, faster),
        ("of its size", packed / size, smaller),
    ):
        is_met = bar is None or (ratio >= bar if what == "times faster" else ratio <= bar)
        verdict = "" if bar is None else f", bar {bar:g}: {'ok' if is_met else 'missed'}"
        print(f"  {'':16}{ratio:9.3g} {what}{verdict}")


def _spliced(make: Maker, plan: Plan) -> Splice | None:
    return make(plan.constants, [len(text) for text in plan.texts({})])


def _visitors(plan: Plan) -> list[list[bytes]]:
    """What two visitors see, in as many bytes as the site wrote."""
    seen = plan.texts({})
    return [seen, [text.translate(bytes.maketrans(b"0123456789", b"9876543210")) for text in seen]]


def _is_right(filled: Filled, coding: str) -> bool:
    splice, visitors, plan = filled
    return all(
        encoding.decode(splice.fill(texts), coding, limit=2**24)
        == interleaved(plan.constants, texts)
        for texts in visitors
    )


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


if __name__ == "__main__":
    main()
