"""A page in pieces is the same page, and only a little of it is held back."""

from __future__ import annotations

import pytest

from callgraft.html import Stream, make_plan

FILLER = b"<p class='x'>" + "текст ".encode() * 40 + b"</p>\n"
PAGE = b"".join(
    (
        b"<meta content='8 495 123-45-67' name=description><title>+74951234567</title>",
        FILLER * 2,
        b"<a href='tel:%2B74951234567' title=\"> 8 495 123-45-67\">",
        b"+7&nbsp;(<b>495</b>) 1234567</a>",
        b"<!-- 84951234567 <p> -->" + FILLER + b"<script><!-- <script> </script> 84951234567",
        b'--></script>8 <i>495</i> 123<!-- " -->-45-&#54;7<svg><title><b>x</title></svg>',
        FILLER * 2 + b"<textarea>84951234567</textarea><button value=84951234567> 14951234567",
    )
)


@pytest.fixture
def stream(targets, numbers):
    return Stream(targets, numbers, content_type="text/html; charset=utf-8")


@pytest.mark.parametrize("offset", range(8))
def test_every_split_gives_the_same_page(targets, numbers, offset):
    expected = make_plan(PAGE, targets, content_type="text/html; charset=utf-8").swap(numbers)
    for cut in range(offset, len(PAGE) + 1, 8):
        stream = Stream(targets, numbers, content_type="text/html; charset=utf-8")
        assert stream.feed(PAGE[:cut]) + stream.feed(PAGE[cut:]) + stream.close() == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 255, 1024, 4096, 16384])
def test_chunks_of_any_size_give_the_same_page(targets, numbers, stream, size):
    page = PAGE * 3
    out = [stream.feed(page[at : at + size]) for at in range(0, len(page), size)]
    expected = make_plan(page, targets, content_type="text/html; charset=utf-8").swap(numbers)
    assert b"".join(out) + stream.close() == expected


@pytest.mark.parametrize(
    "page",
    [
        b"<p>text</p>\n",
        b"84951234567 ",
        b"<!-- 84951234567 ",
        b"<a title='84951234567 ",
        b"<script>84951234567 ",
        b"4 9 5 ",
        b"<",
        b"<a ",
        b"&#52;",
        b"<meta content='84951234567' ",
    ],
)
def test_a_long_page_is_held_back_by_a_few_kilobytes_at_most(stream, page):
    fed = given = 0
    for _ in range(60):
        chunk = (page * 1000)[:1000]
        fed += len(chunk)
        given += len(stream.feed(chunk))
        assert fed - given <= 6000
    given += len(stream.close())
    assert given == fed


def test_a_page_in_a_charset_unlike_ascii_passes(targets, numbers):
    page = "84951234567".encode("utf-16") * 100
    stream = Stream(targets, numbers, content_type="text/html; charset=utf-16")
    assert stream.feed(page[:5]) + stream.feed(page[5:]) + stream.close() == page


def test_without_numbers_everything_passes_at_once(targets):
    stream = Stream(targets, {}, content_type="text/html; charset=utf-8")
    assert stream.feed(PAGE) == PAGE
    assert stream.feed(b"x") == b"x"


def test_an_empty_page_is_empty(stream):
    assert stream.feed(b"") + stream.close() == b""


@pytest.mark.parametrize(
    "told", [b"name=description", b"name=keywords", b"property='og:description'"]
)
@pytest.mark.parametrize("rest", [0, 2_000, 3_900, 5_000])
def test_what_a_tag_says_far_behind_the_number_counts_in_pieces_too(targets, numbers, told, rest):
    page = b"<meta content='8 495 123-45-67" + b" x" * (rest // 2) + b"' " + told + b">" + PAGE
    expected = make_plan(page, targets, content_type="text/html; charset=utf-8").swap(numbers)
    assert (b"8 499 000-00-01 x" in expected) == (rest in {2_000, 3_900} and b"desc" in told)
    stream = Stream(targets, numbers, content_type="text/html; charset=utf-8")
    out = [stream.feed(page[at : at + 500]) for at in range(0, len(page), 500)]
    assert b"".join(out) + stream.close() == expected
