"""No page costs more than in proportion to its length."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from callgraft.html import Stream, make_plan

PIECES = {
    "digits": b"4951234567",
    "first digits": b"4",
    "nearly": b"8 495 123-45-6 ",
    "spaced": b"4 9 5 1 2 3 4 5 6 ",
    "numbers": b"84951234567 ",
    "openers": b"<",
    "tags": b"<a",
    "open tags": b"<b><i>",
    "quotes": b"<a b='",
    "other quotes": b"4<\"4<'",
    "comments": b"<!--",
    "numbers in comments": b"<!-- 84951234567 ",
    "declarations": b"<!x",
    "scripts": b"<script><!--",
    "numbers in scripts": b"<script><!--<script> 84951234567 </script>",
    "ends": b"</script",
    "svg": b"<svg><desc>",
    "references": b"&#52;&#57;",
    "half references": b"&#5",
    "ampersands": b"4&nbsp;",
    "attributes": b"<meta content=84951234567 a ",
    "contents": b" content=84951234567 ",
    "spaces": b"4" + b" " * 200,
    "tags in gaps": b"4<b x='" + b"y" * 90 + b"'>",
    "percents": b"4%20",
    "escapes": b"4\\u00a0",
    "letters": "4ы".encode(),
}


@pytest.mark.parametrize("prefix", [b"", b"<!--", b"<script>", b"<a title='", b"<meta x "])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_twice_the_page_is_at_most_twice_the_work(targets, numbers, piece, prefix):
    def work(size: int) -> int:
        # A page without any candidate is never walked.
        page = prefix + (piece * size)[:size] + b" 84951234567"
        return _steps(lambda: make_plan(page, targets, content_type=None).swap(numbers))

    small, large = work(3_000), work(12_000)
    assert large <= 4.5 * small + 500


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_twice_the_stream_is_at_most_twice_the_work(targets, numbers, piece):
    def work(size: int) -> int:
        def run() -> None:
            stream = Stream(targets, numbers, content_type=None)
            for _ in range(size // 1000):
                stream.feed((piece * 1000)[:1000])
            stream.close()

        return _steps(run)

    small, large = work(5_000), work(20_000)
    assert large <= 4.8 * small + 1000


@pytest.mark.parametrize("piece", [b"<", b"4", b"<!--", b"<p>", b"</", b"<a b='>", b"&#"])
def test_a_million_bytes_of_nothing_take_few_steps(targets, piece):
    page = (piece * 10**6)[: 10**6] + b" 84951234567"
    assert _steps(lambda: make_plan(page, targets, content_type=None)) < 5_000


def _steps(run: Callable[[], object]) -> int:
    """Calls made, of Python and of C: what patterns do inside is linear by possessiveness."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count
