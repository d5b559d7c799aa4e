"""No page costs more than in proportion to its length."""

from __future__ import annotations

import pytest

from callgraft.html import make_plan
from tests.core.html.conftest import MOSCOW, TRACKING
from tests.core.html.steps import Page, Pattern, counted, steps

NUMBERS = {"main": TRACKING}

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
    "nested": b"<div><b><i>",
    "comment in comment": b"<!--<!-- --",
    "script in script": b"<script><!--<script>",
    "quotes and numbers": b"<a b=\"84951234567'",
    "srcdoc": b"<iframe srcdoc='&lt;p&gt; 84951234567 ",
    "state": b'<script>window.__STATE__ = {"a": "8 495 123-45-67",',
    "hyphens": b"-",
    "entities": b"&nbsp;",
    "almost tags": b"84951<b 23 4 5 67",
}
HARDEST = [
    PIECES[name]
    for name in ("nearly", "openers", "quotes", "comments", "scripts", "svg", "half references")
] + [PIECES["contents"], PIECES["state"], b"numbers 84951234567 and words"]


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_four_times_the_page_is_at_most_four_times_the_work(piece):
    small, large = work_on_page(b"", piece, 1_500), work_on_page(b"", piece, 6_000)
    assert large <= 4.4 * small + 1000


@pytest.mark.parametrize("prefix", [b"<!--", b"<script>", b"<a title='", b"<meta x "])
@pytest.mark.parametrize("piece", HARDEST)
def test_nor_is_it_more_where_all_of_it_stands_in_something_unclosed(piece, prefix):
    small, large = work_on_page(prefix, piece, 1_500), work_on_page(prefix, piece, 6_000)
    assert large <= 4.4 * small + 1000


@pytest.mark.parametrize("piece", HARDEST)
def test_four_times_the_stream_is_at_most_four_times_the_work(piece):
    small, large = work_on_stream(piece, 4), work_on_stream(piece, 16)
    assert large <= 4.8 * small + 1000


@pytest.mark.parametrize("piece", [b"<", b"4", b"<!--", b"<p>", b"</", b"<a b='>", b"&#"])
def test_a_million_bytes_of_nothing_take_few_calls(targets, piece):
    page = (piece * 10**6)[: 10**6] + b" 84951234567"
    assert steps(lambda: make_plan(page, targets, content_type=None)) < 3000


def test_what_is_not_linear_is_seen():
    # So that the tests above can fail: two patterns that look harmless.
    def work(pattern: bytes, size: int) -> int:
        return steps(lambda: Pattern(pattern).search(b"<!-- " * size))

    assert work(rb"<!--.*?-->", 400) > 15 * work(rb"<!--.*?-->", 100)
    assert work(rb"[^a]*+a", 400) > 15 * work(rb"[^a]*+a", 100)
    assert work(rb"<!--[^<]*+<", 400) < 5 * work(rb"<!--[^<]*+<", 100)


def work_on_page(prefix: bytes, piece: bytes, size: int) -> int:
    html = counted()
    targets = html.Targets.of([MOSCOW])
    # A page without any candidate is never walked.
    page = Page(prefix + (piece * size)[:size] + b" 84951234567")
    return steps(lambda: html.make_plan(page, targets, content_type=None).swap(NUMBERS))


def work_on_stream(piece: bytes, chunks: int) -> int:
    html = counted()
    targets = html.Targets.of([MOSCOW])

    def run() -> None:
        stream = html.Stream(targets, NUMBERS, content_type=None)
        for _ in range(chunks):
            stream.feed((piece * 1000)[:1000])
        stream.close()

    return steps(run)
