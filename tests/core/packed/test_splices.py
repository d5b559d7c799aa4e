"""A spliced page unpacks to the page, whatever unpacks it."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.packed.blocks import brotlied, brotlied_best, zstandarded
from callgraft.packed.gzipped import gzipped
from callgraft.packed.splice import Maker, interleaved


def unzstd(data: bytes) -> bytes:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    out = unpacker.decompress(data)
    assert unpacker.eof
    return out


UNPACKERS: dict[Maker, Callable[[bytes], bytes]] = {
    gzipped: gzip.decompress,
    brotlied: brotli.decompress,
    brotlied_best: brotli.decompress,
    zstandarded: unzstd,
}
WORDS = (b"<a href=", b'">', b"<p>", b"</p>\n", b"tel:", b"phone ", b"8 (495) ", b"Moscow", b"\xd0")
constant = st.lists(st.sampled_from(WORDS), max_size=60).map(b"".join)
text = st.text("0123456789 +-()", min_size=1, max_size=24).map(str.encode)


@pytest.mark.parametrize("make", UNPACKERS, ids=lambda make: make.__name__)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_texts_between_any_constants_come_out_as_they_went_in(
    make: Maker, data: st.DataObject
) -> None:
    texts = data.draw(st.lists(text, max_size=6))
    constants = data.draw(st.lists(constant, min_size=len(texts) + 1, max_size=len(texts) + 1))
    splice = make(constants, [len(one) for one in texts])
    if splice is None:
        # Blocks need a byte before the first slot, br two between any.
        assert make is not gzipped
        needed = (0 if make is zstandarded else 2) if texts else 0
        assert not constants[0] or min(map(len, constants[1:])) < needed
        return
    others = [bytes(57 - byte % 10 for byte in one) for one in texts]
    for filled in (texts, others, texts):
        assert UNPACKERS[make](splice.fill(filled)) == interleaved(constants, filled)


def page(numbers: int = 5) -> tuple[list[bytes], list[bytes]]:
    """A page of 60 kB with so many numbers."""
    rows = [
        b"<li class='c%d'>row %d of %d</li>\n" % (row % 7, row, row * row) for row in range(1800)
    ]
    cuts = [len(rows) * cut // (numbers + 1) for cut in range(numbers + 2)]
    constants = [b"".join(rows[a:b]) for a, b in pairwise(cuts)]
    return constants, [b"+7 495 123-45-6%d" % last for last in range(numbers)]


@pytest.mark.parametrize(
    ("make", "command"),
    [(gzipped, "gzip"), (brotlied, "brotli"), (brotlied_best, "brotli"), (zstandarded, "zstd")],
)
def test_the_tools_that_everybody_has_unpack_it(make: Maker, command: str) -> None:
    constants, texts = page()
    splice = make(constants, [len(one) for one in texts])
    assert splice is not None
    if (tool := shutil.which(command)) is None:
        # Not every machine has them all; each has the library that its tool is made of.
        assert UNPACKERS[make](splice.fill(texts)) == interleaved(constants, texts)
        return
    told = subprocess.run([tool, "-dc"], input=splice.fill(texts), capture_output=True, check=True)
    assert told.stdout == interleaved(constants, texts)


def test_gzip_in_pieces_is_as_good_as_gzip_at_once() -> None:
    constants, texts = page()
    splice = gzipped(constants, [len(one) for one in texts])
    assert splice is not None
    packed, out = splice.fill(texts), b""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for at in range(0, len(packed), 7):
        out += unpacker.decompress(packed[at : at + 7])
    assert unpacker.eof
    assert out == interleaved(constants, texts)


@pytest.mark.parametrize("make", UNPACKERS, ids=lambda make: make.__name__)
def test_a_spliced_page_is_hardly_larger_than_a_packed_one(make: Maker) -> None:
    constants, texts = page()
    splice = make(constants, [len(one) for one in texts])
    assert splice is not None
    whole = interleaved(constants, texts)
    plain = {
        gzipped: lambda: gzip.compress(whole, 9),
        brotlied: lambda: brotli.compress(whole, quality=5),
        brotlied_best: lambda: brotli.compress(whole, quality=11),
        zstandarded: lambda: zstandard.ZstdCompressor(level=6).compress(whole),
    }[make]()
    assert len(splice.fill(texts)) <= len(plain) * 1.25


@pytest.mark.parametrize("make", UNPACKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("lengths", [(70_000,), (3, 70_000)])
def test_a_text_that_no_block_holds_is_not_spliced(make: Maker, lengths: Sequence[int]) -> None:
    assert make([b"constant"] * (len(lengths) + 1), lengths) is None


def test_a_page_that_uses_every_byte_is_not_spliced() -> None:
    constants = [bytes(range(256)), b"rest"]
    assert [make(constants, [16]) for make in UNPACKERS] == [None] * 4
