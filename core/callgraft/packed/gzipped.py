"""gzip: the slots as stored blocks (RFC 1951, 3.2.4), the checksum corrected (RFC 1952)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from callgraft.packed.blank import blanks
from callgraft.packed.checksum import Shift
from callgraft.packed.splice import Constants, interleaved

_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""No name, no time: the same page must give the same bytes."""
_FLUSHED = b"\0\0\xff\xff"
"""The length of an empty stored block, with which zlib ends a flush."""
_LEVEL = 9
"""Packed once and sent often."""


class Gzipped:
    """A page in gzip with room for texts."""

    def __init__(self, parts: list[bytes], slots: Sequence[_Slot], crc: int, length: int) -> None:
        self._parts = parts
        self._slots = slots
        self._crc = crc
        self._length = struct.pack("<L", length & 0xFFFFFFFF)

    def fill(self, texts: Sequence[bytes]) -> bytes:
        parts, crc = self._parts.copy(), self._crc
        at = 1
        for slot, text in zip(self._slots, texts, strict=True):
            parts[at] = text
            crc ^= slot.shift(zlib.crc32(text) ^ slot.blank)
            at += 2
        parts += (struct.pack("<L", crc), self._length)
        return b"".join(parts)

    @property
    def size(self) -> int:
        return sum(map(len, self._parts)) + 60 * len(self._parts) + 6_000 * len(self._slots)


class _Slot(NamedTuple):
    """What a text does to the checksum of the page: ``shift`` of what it is other than blank."""

    blank: int
    """The checksum of what was packed in its place."""
    shift: Shift


def gzipped(constants: Constants, lengths: Sequence[int]) -> Gzipped | None:
    """Pack the constants, with room for texts of these lengths; None where that cannot be."""
    between = blanks(constants, lengths)
    if between is None or max(lengths, default=0) > 0xFFFF:
        return None
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = [_HEADER]
    for constant, blank in zip(constants, between, strict=False):
        packed = packer.compress(constant) + packer.flush(zlib.Z_SYNC_FLUSH)
        # The empty block at the end of a flush becomes the text's. Two flushes in a row are one.
        head = packed.removesuffix(_FLUSHED) if packed else b"\0"
        parts[-1] += head + struct.pack("<HH", len(blank), len(blank) ^ 0xFFFF)
        parts += b"", b""
        # What is packed here is thrown away: it only keeps the distances right.
        packer.compress(blank)
        packer.flush(zlib.Z_SYNC_FLUSH)
    parts[-1] += packer.compress(constants[-1]) + packer.flush()
    page = interleaved(constants, between)
    return Gzipped(parts, _slots(constants, between), zlib.crc32(page), len(page))


def _slots(constants: Constants, between: Sequence[bytes]) -> list[_Slot]:
    slots, behind = [], 0
    for constant, blank in zip(constants[:0:-1], between[::-1], strict=True):
        behind += len(constant)
        slots.append(_Slot(zlib.crc32(blank), Shift(behind)))
        behind += len(blank)
    return slots[::-1]
