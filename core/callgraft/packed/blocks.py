"""br and zstd: the slots as blocks that are not packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from callgraft.packed.blank import blanks
from callgraft.packed.splice import Constants

try:
    import brotli
except ImportError:  # the extra callgraft[encodings] is not installed
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]  # None says: not installed

BR_QUALITY = 5
BR_BEST = 11
_ZSTD_LEVEL = 6


class Blocks:
    """A packed page with room for texts between its parts."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    def fill(self, texts: Sequence[bytes]) -> bytes:
        parts = self._parts.copy()
        parts[1::2] = texts
        return b"".join(parts)

    @property
    def size(self) -> int:
        return sum(map(len, self._parts)) + 60 * len(self._parts)


class _Packer(Protocol):
    """A packing that can be cut between bytes."""

    carried: int
    """How many bytes after a text must stand in its block, too."""

    def pack(self, data: bytes) -> bytes:
        """Return the data packed, up to the last byte of it."""
        ...

    def end(self, data: bytes) -> bytes: ...

    def head(self, length: int) -> bytes:
        """What stands before a block of so many bytes that are not packed."""
        ...


def brotlied(
    constants: Constants, lengths: Sequence[int], *, quality: int = BR_QUALITY
) -> Blocks | None:
    """Pack the constants as br, with room for texts of these lengths; None if that cannot be."""
    return None if brotli is None else _blocks(_Brotli(quality), constants, lengths)


def brotlied_best(constants: Constants, lengths: Sequence[int]) -> Blocks | None:
    """The same as small as can be: it takes some seconds for a megabyte."""
    return brotlied(constants, lengths, quality=BR_BEST)


def zstandarded(constants: Constants, lengths: Sequence[int]) -> Blocks | None:
    """Pack the constants as zstd, with room for texts of these lengths; None if that cannot be."""
    return None if zstandard is None else _blocks(_Zstandard(), constants, lengths)


def _blocks(packer: _Packer, constants: Constants, lengths: Sequence[int]) -> Blocks | None:
    between = blanks(constants, lengths)
    if between is None or max(lengths, default=0) > 0xFFFF - packer.carried:
        return None
    if not constants[0]:
        return None  # What a packer says first of all comes out with the first byte only.
    parts, carried = [b""], b""
    following = [bytes(constant) for constant in constants]
    for index, blank in enumerate(between):
        rest = following[index][len(carried) :]
        carried = following[index + 1][: packer.carried]
        if len(carried) < packer.carried:
            return None
        parts[-1] += packer.pack(rest) + packer.head(len(blank) + len(carried))
        # What is packed here is thrown away: it only tells the packer what stands there.
        packer.pack(blank + carried)
        parts += b"", carried
    parts[-1] += packer.end(following[-1][len(carried) :])
    return Blocks(parts)


class _Brotli:
    """Meta-blocks of RFC 7932."""

    # How a literal is packed depends on the two bytes before it (RFC 7932, 7.1).
    carried = 2

    def __init__(self, quality: int) -> None:
        self._packer = brotli.Compressor(quality=quality)

    def pack(self, data: bytes) -> bytes:
        return bytes(self._packer.process(data) + self._packer.flush())

    def end(self, data: bytes) -> bytes:
        return bytes(self._packer.process(data) + self._packer.finish())

    def head(self, length: int) -> bytes:
        # Not the last; a length of four nibbles; not compressed (9.2).
        return (length - 1 << 3 | 1 << 19).to_bytes(3, "little")


class _Zstandard:
    """Blocks of RFC 8878, 3.1.1.2."""

    carried = 0

    def __init__(self) -> None:
        self._packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def pack(self, data: bytes) -> bytes:
        return self._packer.compress(data) + self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self, data: bytes) -> bytes:
        return self._packer.compress(data) + self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)

    def head(self, length: int) -> bytes:
        # Not the last, raw.
        return (length << 3).to_bytes(3, "little")
