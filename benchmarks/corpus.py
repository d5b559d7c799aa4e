"""
Pages for the benchmarks: generated, the same each time, in the shapes and sizes that the web has.

`mix` stands for the 125 real pages that the bars were taken on: 154 kB in the mean, most of them
smaller and a few far larger, 603 planted numbers, 4.8 a page, of five targets in mixed notations.
Each page is as of a site of its own: other class names, other places of numbers. `small` pages
are looked at beside it, on their own.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import NormalDist

from benchmarks.corpus_page import (
    CLOSE,
    OPEN,
    Author,
    card,
    drawing,
    paragraph,
    script,
    style,
    whole,
)

FIVE = (
    *("+7 495 123-45-67", "+7 812 765-43-21", "+7 800 555-35-35", "+7 495 765-43-21"),
    "+7 499 765-43-21",
)
_PLANTED = (5, 6, 2, 8, 6, 3, 4, 4, 5, 5)
"""Numbers on one page after the other."""
_SHOP = (card, card, card, paragraph, drawing, script)
_SCRIPTS = (script, script, script, style, drawing, card, paragraph)
_TEXT = (paragraph, paragraph, paragraph, paragraph, card, script)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page's bytes, its charset, and from where to where the planted numbers stand in it."""

    body: bytes
    charset: str
    planted: tuple[tuple[int, int], ...]

    @property
    def content_type(self) -> str:
        """What the header says of it."""
        return f"text/html; charset={self.charset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    count: int
    blocks: Sequence[Callable[[Author], str]]
    median: int = 117_000
    most: int = 450_000
    charset: str = "utf-8"
    minified: bool = False


_MIX = {
    "small": _Shape(count=12, blocks=_SHOP, median=11_000),
    "shop": _Shape(count=34, blocks=_SHOP),
    "shop in windows-1251": _Shape(count=20, blocks=_SHOP, charset="windows-1251"),
    "minified shop": _Shape(count=19, blocks=_SHOP, minified=True),
    "scripts and styles": _Shape(count=23, blocks=_SCRIPTS),
    "long text": _Shape(count=15, blocks=_TEXT),
    "very large": _Shape(count=2, blocks=_SHOP, median=1_300_000, most=1_300_000),
}


def mix(numbers: Sequence[str] = FIVE) -> dict[str, list[Page]]:
    """Return shape → pages; planted are ``numbers``."""
    rng = random.Random(495)
    planted = cycle(_PLANTED)
    return {name: _pages(rng, shape, numbers, planted) for name, shape in _MIX.items()}


def small(numbers: Sequence[str] = FIVE) -> list[Page]:
    """Return pages of about 12 kB, so many that they do not lie in the processor's cache."""
    shape = _Shape(count=200, blocks=_SHOP, median=5_000)
    return _pages(random.Random(812), shape, numbers, cycle(_PLANTED))


def with_token(page: bytes, visit: int) -> bytes:
    """Return the page as a framework writes it on each visit: with a token and the time."""
    digits = hashlib.sha256(visit.to_bytes()).hexdigest()
    token = f'<meta name="csrf-token" content="{digits}"><title>'.encode()
    stamp = f"<!-- made 2026-11-21 12:{visit:02}:07 in 0.{digits[:2]} s --></body>".encode()
    return page.replace(b"<title>", token, 1).replace(b"</body>", stamp)


def _pages(
    rng: random.Random, shape: _Shape, numbers: Sequence[str], planted: Iterator[int]
) -> list[Page]:
    # Sizes as those of real pages: half of them far below the mean, a few far above.
    spread = NormalDist(math.log(shape.median), 0.75).quantiles(shape.count + 1)
    sizes = [min(math.exp(each), shape.most) for each in spread]
    return [_page(rng, shape, numbers, size, next(planted)) for size in sizes]


def _page(
    rng: random.Random, shape: _Shape, numbers: Sequence[str], size: float, planted: int
) -> Page:
    author = Author(random.Random(rng.random()), shape.charset)
    if shape.minified:
        author.break_ = ""
    blocks: list[str] = []
    written = 0
    while written < size:
        block = rng.choice(shape.blocks)(author)
        written += len(block.encode(shape.charset, "replace"))
        blocks.append(block)
    text = whole(author, rng.sample(numbers, min(3, len(numbers))), blocks, planted)
    return _cut_out(text.encode(shape.charset), shape.charset)


def _cut_out(marked: bytes, charset: str) -> Page:
    """Take out the marks around planted numbers, and remember where they stood."""
    first, *rest = marked.split(OPEN.encode())
    body, planted = bytearray(first), []
    for piece in rest:
        number, behind = piece.split(CLOSE.encode())
        planted.append((len(body), len(body) + len(number)))
        body += number + behind
    return Page(body=bytes(body), charset=charset, planted=tuple(planted))
