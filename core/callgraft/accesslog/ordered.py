"""Requests of one or several logs in the order in which they came."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from callgraft.accesslog.lines import Hit
from callgraft.accesslog.reading import LogReader

NEARLY = timedelta(hours=1)
"""Servers write a line when the answer is sent: so far a line may stand behind its time."""

_LEAP = timedelta(days=1)
_WITNESSES = 20
"""So many lines in a row must agree that a day has passed without one, or they are misdated."""


class InOrder:
    """
    The requests of a log with those left out that stand at a wrong time.

    A line that lies more than an hour behind those before it is left out; one that lies more than a
    day ahead is believed only when those that follow agree. ``misdated`` counts what is left out.
    """

    def __init__(self, hits: Iterable[Hit]) -> None:
        self._hits = hits
        self.misdated = 0

    def __iter__(self) -> Iterator[Hit]:
        newest: datetime | None = None
        count = 0
        ahead: list[Hit] = []
        for hit in self._hits:
            if newest is None or newest - NEARLY <= hit.at <= newest + _LEAP:
                self.misdated += len(ahead)
                ahead.clear()
                newest = hit.at if newest is None else max(newest, hit.at)
                count += 1
                yield hit
            elif hit.at < newest:
                self.misdated += 1
            else:
                ahead.append(hit)
                if len(ahead) >= _WITNESSES:
                    newest = max(each.at for each in ahead)
                    yield from self._agreeing(ahead)
                    ahead = []
        # A log of a few lines may have days between any two of them.
        yield from self._agreeing(ahead) if count >= _WITNESSES else iter(ahead)

    def _agreeing(self, ahead: list[Hit]) -> Iterator[Hit]:
        """Of lines that are ahead those that lie together; one may be misdated there too."""
        if not ahead:
            return
        middle = sorted(each.at for each in ahead)[len(ahead) // 2]
        for hit in ahead:
            if abs(hit.at - middle) <= _LEAP:
                yield hit
            else:
                self.misdated += 1


class Logs:
    """
    Iterates over the requests of several logs by time, like one log.

    They may follow each other, as rotated logs do, or run side by side, as those of two servers.
    Of each one line is in memory. The figures are those of all together.

    :param paths: files, gzipped or not; ``-`` for standard input.
    :raises SetupError: one of them cannot be read.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._readers: list[LogReader] = []
        try:
            for path in paths:
                self._readers.append(LogReader(path))
        except BaseException:
            self.close()
            raise
        self._ordered = [InOrder(reader) for reader in self._readers]

    def __iter__(self) -> Iterator[Hit]:
        return heapq.merge(*self._ordered, key=lambda hit: hit.at)

    @property
    def size(self) -> int:
        """Bytes of all files; 0 where one of them is a pipe, of which nobody knows."""
        sizes = [reader.size for reader in self._readers]
        return sum(sizes) if all(sizes) else 0

    @property
    def done(self) -> int:
        return sum(reader.done for reader in self._readers)

    @property
    def lines(self) -> int:
        return sum(reader.lines for reader in self._readers)

    @property
    def unread(self) -> int:
        return sum(reader.unread for reader in self._readers)

    @property
    def misdated(self) -> int:
        return sum(ordered.misdated for ordered in self._ordered)

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
