"""The size of an image, from the first bytes of files as programs write them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.images import size_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 220, 32) + b"\x08\x06\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 88, 31) + b"\x80\0\0"
SEGMENT = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\xff" * 9
FRAME = struct.pack(">HBHHB", 17, 8, 32, 220, 3)
JPEG = b"\xff\xd8" + SEGMENT + b"\xff\xff\xc2" + FRAME + b"\0" * 9
LOSSLESS = 219 | 31 << 14


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\x1a\0\0\0WEBP" + kind + struct.pack("<I", len(rest)) + rest


@pytest.mark.parametrize(
    ("image", "size"),
    [
        (PNG, (220, 32)),
        (GIF, (88, 31)),
        (JPEG, (220, 32)),
        (webp(b"VP8X", b"\0\0\0\0" + b"\xdb\0\0" + b"\x1f\0\0"), (220, 32)),
        (webp(b"VP8L", b"\x2f" + struct.pack("<I", LOSSLESS)), (220, 32)),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 220, 32)), (220, 32)),
        (b'<svg xmlns="x" width="220" height="32.5px">', (220, 32.5)),
        (b"<?xml version='1.0'?>\n<!-- a --><svg viewBox='0 0 220 32'/>", (220, 32)),
        (b'<svg width="100%" height="100%" viewBox="0,0,220,32">', (220, 32)),
    ],
)
def test_the_size_is_read_from_the_head(image, size):
    assert size_of(image) == size


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"<html>",
        PNG[:12] + b"CgBI" + PNG[16:],
        PNG[:16] + b"\0" * 8,
        JPEG[:20],
        b"\xff\xd8\xff\xd9\xff\xd9",
        b"\xff\xd8" + b"\xff" * 99,
        b'<svg width="2em" height="1em">',
        b'<svg width="0" height="0">',
        b"BM" + b"\0" * 60,
    ],
)
def test_what_does_not_tell_its_size_has_none(image):
    assert size_of(image) is None


@given(
    start=st.sampled_from([PNG[:16], GIF[:6], JPEG[:2], b"RIFF....WEBPVP8X", b"<svg "]),
    rest=st.binary(max_size=60),
)
def test_no_file_is_too_broken_to_be_looked_at(start, rest):
    size = size_of(start + rest)
    assert size is None or min(size) >= 1
