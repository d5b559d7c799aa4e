"""Content encodings undone and redone: gzip, deflate, br and zstd."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from callgraft.errors import CallgraftError

try:
    import brotli
except ImportError:  # the extra callgraft[encodings] is not installed
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]  # None says: not installed

_ERRORS: tuple[type[Exception], ...] = (zlib.error, EOFError, ValueError)
if brotli is not None:
    _ERRORS += (brotli.error,)
if zstandard is not None:
    _ERRORS += (zstandard.ZstdError,)

_MEMBERS = 1000


class BadEncoding(CallgraftError):
    """A body that is not what its Content-Encoding says, or unpacks to more than allowed."""


class _Inflater(Protocol):
    """What zlib's decompression objects do; their exact type has no public name."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Coding:
    decode: Callable[[bytes, int], bytes]
    encode: Callable[[bytes], bytes]


def understood(coding: str | None) -> bool:
    """Whether a body with this ``Content-Encoding`` can be unpacked and packed again."""
    return name_of(coding) in _CODINGS


def accepted() -> tuple[str, ...]:
    """The codings that a proxy may ask a site for, best first."""
    return tuple(name for name in ("zstd", "br", "gzip", "deflate") if name in _CODINGS)


def decode(body: bytes, coding: str | None, *, limit: int) -> bytes:
    """
    Unpack ``body``.

    :param limit: the most bytes that may come out; a small body can hide gigabytes.
    :raises BadEncoding: broken, truncated, followed by garbage, or larger than ``limit``.
    """
    try:
        unpacked = _CODINGS[name_of(coding)].decode(body, limit)
    except BadEncoding:
        raise
    except _ERRORS as exc:
        raise BadEncoding(f"The body is no valid {coding}: {exc}.") from exc
    if len(unpacked) > limit:
        raise BadEncoding(f"The body unpacks to more than {limit} bytes.")
    return unpacked


def encode(body: bytes, coding: str | None) -> bytes:
    """Pack ``body``; equal bodies give equal bytes."""
    return _CODINGS[name_of(coding)].encode(body)


def name_of(coding: str | None) -> str:
    """Return the one name of a coding: ``gzip`` also for ``X-GZip``, ``identity`` for none."""
    name = (coding or "identity").strip().lower()
    return {"x-gzip": "gzip", "": "identity"}.get(name, name)


def _inflate(body: bytes, limit: int, new: Callable[[], _Inflater]) -> bytes:
    """All members of a zlib-like body, checked for their ends."""
    pieces: list[bytes] = []
    room, rest = limit + 1, body
    for _ in range(_MEMBERS):
        stream = new()
        piece = stream.decompress(rest, room)
        pieces.append(piece)
        room -= len(piece)
        if room <= 0:
            return b"".join(pieces)
        if not stream.eof:
            raise BadEncoding("The body ends before its packed data does.")
        # Some servers pad the last member with zeros, as gzip(1) allows.
        rest = stream.unused_data.lstrip(b"\0")
        if not rest:
            return b"".join(pieces)
    raise BadEncoding(f"The body has more than {_MEMBERS} members.")


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16))


def _undeflate(body: bytes, limit: int) -> bytes:
    # RFC 9110 means zlib's wrapping by "deflate"; many servers send it bare.
    try:
        return _inflate(body, limit, zlib.decompressobj)
    except zlib.error:
        return _inflate(body, limit, lambda: zlib.decompressobj(-zlib.MAX_WBITS))


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    for piece in _brotli_pieces(stream, body, limit):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return b"".join(pieces)
    if not stream.is_finished():
        raise BadEncoding("The body ends before its packed data does.")
    return b"".join(pieces)


def _brotli_pieces(stream: Any, body: bytes, limit: int) -> Iterator[bytes]:
    if not hasattr(stream, "can_accept_more_data"):
        # Before brotli 1.2 a few bytes may unpack to a hundred megabytes, and no call can say less.
        yield from (stream.process(bite) for bite in _bites(body, 64))
        return
    yield stream.process(body, output_buffer_limit=limit + 1)
    while not stream.can_accept_more_data():
        yield stream.process(b"", output_buffer_limit=limit + 1)


def _unzstd(body: bytes, limit: int) -> bytes:
    stream = zstandard.ZstdDecompressor().decompressobj()
    pieces: list[bytes] = []
    size = 0
    for bite in _bites(body, 1024):
        rest = bite
        while rest and size <= limit:
            if stream.eof:
                stream = zstandard.ZstdDecompressor().decompressobj()
            pieces.append(stream.decompress(rest))
            size += len(pieces[-1])
            rest = stream.unused_data if stream.eof else b""
        if size > limit:
            break
    else:
        if not stream.eof:
            raise BadEncoding("The body ends before its packed data does.")
    return b"".join(pieces)


def _bites(body: bytes, size: int) -> Iterator[bytes]:
    """Small pieces, so that a bomb is noticed before it is unpacked whole."""
    return (body[start : start + size] for start in range(0, len(body), size))


_CODINGS: dict[str, _Coding] = {
    "identity": _Coding(lambda body, limit: body, lambda body: body),
    # No time stamp: the same page must give the same bytes through every door.
    "gzip": _Coding(_gunzip, lambda body: gzip.compress(body, 5, mtime=0)),
    "deflate": _Coding(_undeflate, lambda body: zlib.compress(body, 5)),
}
if brotli is not None:
    _CODINGS["br"] = _Coding(_unbrotli, lambda body: bytes(brotli.compress(body, quality=4)))
if zstandard is not None:
    _CODINGS["zstd"] = _Coding(
        _unzstd, lambda body: zstandard.ZstdCompressor(level=3).compress(body)
    )
