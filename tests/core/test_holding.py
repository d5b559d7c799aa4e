"""What a door holds back is a page to swap, or goes out as it came."""

import asyncio

import pytest

from callgraft import Head, Holding, Page

PIECES = [b"<p>+7 495", b" 123-45-67", b"</p>"]
BODY = b"".join(PIECES)


def head(*lengths: object) -> Head:
    return Head(headers=tuple(("Content-Length", str(each)) for each in lengths))


def holding(*lengths: object, max_body: int = len(BODY)) -> Holding:
    return Holding(head(*lengths), max_body=max_body)


async def one_by_one(pieces):
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("lengths", [(), (len(BODY),), (f" {len(BODY)} ",)])
def test_a_whole_body_is_a_page(lengths):
    assert holding(*lengths).read(PIECES) == Page(head=head(*lengths), body=BODY)


@pytest.mark.parametrize(
    "lengths", [(len(BODY) + 1,), (len(BODY) - 1,), (len(BODY), len(BODY) + 1), ("x",), ("",)]
)
def test_a_body_that_is_not_as_long_as_its_head_says_is_no_page(lengths):
    held = holding(*lengths)
    assert held.read(PIECES) is None
    assert held.pieces == PIECES


def test_a_body_is_read_no_further_than_it_fits():
    held = holding(max_body=12)
    rest = iter(PIECES)
    assert held.read(rest) is None
    assert (held.pieces, list(rest)) == (PIECES[:2], PIECES[2:])


def test_an_asynchronous_body_is_held_in_the_same_way():
    async def read(max_body):
        held, rest = holding(max_body=max_body), one_by_one(PIECES)
        return await held.aread(rest), held.pieces, [piece async for piece in rest]

    page = Page(head=head(), body=BODY)
    assert asyncio.run(read(len(BODY))) == (page, PIECES, [])
    assert asyncio.run(read(12)) == (None, PIECES[:2], PIECES[2:])
