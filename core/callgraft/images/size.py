"""How large an image is, read from the first bytes of its file."""

from __future__ import annotations

import re
from collections.abc import Callable

Size = tuple[float, float]

_HEAD = 64 * 1024
"""So much of a file is looked at."""


def size_of(image: bytes) -> Size | None:
    """Width and height in pixels of a PNG, GIF, JPEG, WebP or SVG; None where nothing tells."""
    head = image[:_HEAD]
    for begins, read in _READERS:
        if begins.match(head):
            size = read(head)
            return size if size and min(size) >= 1 else None
    return None


def _png(head: bytes) -> Size | None:
    return (_big(head[16:20]), _big(head[20:24])) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> Size | None:
    return _little(head[6:8]), _little(head[8:10])


def _jpeg(head: bytes) -> Size | None:
    """The size in the frame header, behind segments that each tell their length (ITU T.81, B.1)."""
    at = 2
    while len(head) > at + 9:
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1  # fill byte
        elif marker in _FRAMES:
            return _big(head[at + 7 : at + 9]), _big(head[at + 5 : at + 7])
        else:
            at += 2 + max(_big(head[at + 2 : at + 4]), 2)
    return None


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if kind == b"VP8L":
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF


def _svg(head: bytes) -> Size | None:
    tag = _SVG_TAG.search(head)
    if tag is None:
        return None
    told = {name: value for name, _, value in _ATTRIBUTE.findall(tag[0])}
    sides = [_PIXELS.fullmatch(told.get(name, b"")) for name in (b"width", b"height")]
    if sides[0] and sides[1]:
        return float(sides[0][1]), float(sides[1][1])
    box = _BOX.fullmatch(told.get(b"viewBox", b""))
    return (float(box[1]), float(box[2])) if box else None


def _big(field: bytes) -> int:
    return int.from_bytes(field, "big")


def _little(field: bytes) -> int:
    return int.from_bytes(field, "little")


# SOF0 to SOF15, less three markers among them that begin no frame: DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SVG_TAG = re.compile(rb"<svg[\s>][^>]*")
_ATTRIBUTE = re.compile(rb"([A-Za-z]+)\s*=\s*([\"'])([^\"']*)\2")
_PIXELS = re.compile(rb"\s*([0-9]{1,5}(?:\.[0-9]{1,6})?)(?:px)?\s*")
_BOX = re.compile(
    rb"\s*-?[0-9.]{1,9}[\s,]+-?[0-9.]{1,9}[\s,]+([0-9]{1,5}(?:\.[0-9]{1,6})?)[\s,]+"
    + rb"([0-9]{1,5}(?:\.[0-9]{1,6})?)\s*"
)
_READERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], Size | None]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"\xff\xd8"), _jpeg),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    (re.compile(rb"\s*+(?:\xef\xbb\xbf)?+\s*+<[?!s]"), _svg),
)
