"""
How fast others change a number on the same pages, and what else they change; run by hand::

    pip install beautifulsoup4 lxml selectolax     # and nginx 1.22 or newer, with sub_filter
    python benchmarks/peers.py

Every way is asked for the same: each planted number exchanged. What is not installed is left out.
nginx is started here, on this machine's own address, and ended; its figure is the processor time
that ``sub_filter`` takes its worker beyond that of a copy. Compare the ratios of one run.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks import peer_nginx, peer_ways
from benchmarks.corpus import FIVE, mix

SECONDS = 1.0
"""For how long a way is tried, at least once over all pages."""


def main() -> None:
    """Print a line for each way, over pages of all shapes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--pages", type=int, default=4, help="of each shape (default: 4)")
    options = parser.parse_args()
    pages = [page for shape in mix(FIVE[:1]).values() for page in shape[: options.pages]]
    sample = [page.body for page in pages]
    size = sum(map(len, sample)) / 1e6
    planted = sum(len(page.planted) for page in pages)
    print(f"{len(sample)} pages, {size:.1f} MB, {planted} planted numbers\n")
    print(f"{'':34}{'MB/s':>8}{'× copy':>9}{'swapped':>9}{'other bytes changed':>22}")
    copy = _seconds(lambda page: b"".join((page, b"x")), sample)
    _line("a copy", size, copy, copy, sample, sample)
    for name, way in peer_ways.ways(sample).items():
        seconds = _seconds(way, sample)
        _line(name, size, seconds, copy, sample, [way(page) for page in sample])
    if peer_nginx.PROGRAM:
        plain, filtered, answers = peer_nginx.measured(sample)
        _line("nginx sub_filter", size, filtered - plain, copy, sample, answers)
        each = [f"{1000 * seconds / len(sample):.3f} ms" for seconds in (plain, filtered)]
        print(
            f"\nnginx, processor time of a request: {each[0]} as it is, {each[1]} with sub_filter"
        )


def _seconds(way: Callable[[bytes], object], sample: list[bytes]) -> float:
    best, until = float("inf"), time.perf_counter() + SECONDS
    while True:
        begin = time.perf_counter()
        for page in sample:
            way(page)
        best = min(best, time.perf_counter() - begin)
        if time.perf_counter() > until:
            return best


def _line(
    name: str,
    size: float,
    seconds: float,
    copy: float,
    sample: list[bytes],
    answers: list[bytes],
) -> None:
    swapped = sum(len(peer_ways.SEEN_NEW.findall(answer)) for answer in answers)
    changed = sum(map(_changed, sample, answers))
    share = 100 * changed / sum(map(len, sample))
    print(
        f"{name:34}{size / seconds:8,.0f}{seconds / copy:9,.1f}{swapped:9,}"
        f"{changed:14,} ={share:5.1f} %"
    )


def _changed(page: bytes, answer: bytes) -> int:
    """How many bytes of the page's tags and texts are not in the answer, numbers aside."""
    return sum(len(piece) * count for piece, count in (_pieces(page) - _pieces(answer)).items())


def _pieces(page: bytes) -> Counter[bytes]:
    without = peer_ways.SEEN_NEW.sub(b"#", peer_ways.SEEN_OLD.sub(b"#", page))
    return Counter(_PIECE.findall(without))


_PIECE = re.compile(rb"<[^>]*>?|[^<]+")

if __name__ == "__main__":
    main()
