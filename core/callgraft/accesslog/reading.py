"""Reading an access log of any size, packed or not."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from callgraft.accesslog.lines import Hit, read_line
from callgraft.errors import SetupError

_LONGEST = 64 * 1024
_MAGIC = b"\x1f\x8b"


class LogReader:
    """
    Iterates over the requests of a log, which is read line by line.

    ``lines`` and ``unread`` count its lines and those in no known format; ``done`` and ``size`` are
    bytes of the file, for a progress bar; ``size`` is 0 for what comes through a pipe.

    :param path: a file, gzipped or not; ``-`` for standard input.
    :raises SetupError: it cannot be read.
    """

    def __init__(self, path: str) -> None:
        self._name = path
        self.lines = self.unread = 0
        self._file, self.size = self._open()

    @property
    def done(self) -> int:
        """How many bytes of the file were read so far."""
        return self._file.tell() if self.size else 0

    def __iter__(self) -> Iterator[Hit]:
        try:
            yield from self._hits()
        except EOFError as error:
            cure = "Copy it again, or read what is there: `gzip -dc FILE | callgraft …` with -."
            raise SetupError("ACCESS_LOG", self._name, "is packed, and cut short.", cure) from error
        except (OSError, zlib.error) as error:
            raise self._unreadable(str(error)) from error

    def close(self) -> None:
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def _hits(self) -> Iterator[Hit]:
        lines = self._unpacked()
        while line := lines.readline(_LONGEST):
            self.lines += 1
            hit = read_line(line.decode("utf-8", "replace"))
            if hit is None:
                self.unread += 1
            else:
                yield hit

    def _unpacked(self) -> BinaryIO:
        # Looked at, not read: nobody can go back in a pipe.
        file = self._file
        is_packed = isinstance(file, BufferedReader) and file.peek(2).startswith(_MAGIC)
        return cast(BinaryIO, gzip.GzipFile(fileobj=self._file)) if is_packed else self._file

    def _open(self) -> tuple[BinaryIO, int]:
        if self._name == "-":
            return sys.stdin.buffer, 0
        path = Path(self._name)
        try:
            return path.open("rb", buffering=1 << 20), path.stat().st_size
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error

    def _unreadable(self, why: str) -> SetupError:
        cure = "Name an access log of nginx or Apache, as it is or gzipped."
        return SetupError("ACCESS_LOG", self._name, f"cannot be read: {why}.", cure)
