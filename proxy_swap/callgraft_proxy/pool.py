"""The connections to the site that are kept, and the requests that go over them."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from callgraft_proxy.answer import Answer
from callgraft_proxy.connection import Connection
from callgraft_proxy.failures import Unanswered, UpstreamFailed

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
# Below the 5 seconds after which Apache and Node close a connection that nobody uses.
_KEPT_IDLE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long the site may take to accept a connection, and to say anything more."""

    connect: timedelta = timedelta(seconds=5)
    idle: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it goes up; ``body`` is None where it has none."""

    method: str
    target: bytes
    fields: Iterable[tuple[str, str]]
    body: AsyncIterator[bytes] | None = None
    is_chunked: bool = False

    @property
    def head(self) -> bytes:
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.fields]).encode()
        chunked = b"transfer-encoding: chunked\r\n" if self.is_chunked else b""
        return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (self.method.encode(), self.target, lines, chunked)

    @property
    def framed(self) -> AsyncIterator[bytes] | None:
        """The body as it is sent."""
        return _in_chunks(self.body) if self.body and self.is_chunked else self.body


class Pool:
    """
    Asks one site; make it inside the event loop.

    The site may close a kept connection at the moment when we write to it. A GET is repeated then;
    a POST cannot be, because nobody knows whether it was done. It gets a fresh one.

    :param address: scheme, host and port.
    """

    def __init__(self, address: str, timeouts: Timeouts) -> None:
        parts = urlsplit(address)
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._is_secure else 80)
        self._tls = ssl.create_default_context() if self._is_secure else None
        self._timeouts = timeouts
        self._kept: deque[tuple[float, Connection]] = deque()

    @asynccontextmanager
    async def ask(self, request: Request) -> AsyncIterator[Answer]:
        """
        Send the request; the answer is there with its head, its body is still to come.

        Leaving the block before the answer's end cuts the connection.

        :raises UpstreamFailed: there is no answer.
        """
        kept = self._take() if request.method in _IDEMPOTENT else None
        connection = kept or await self._open()
        try:
            try:
                answer = await connection.ask(request.head, request.method, request.framed)
            except Unanswered:
                if kept is None or request.body is not None:
                    raise
                connection.leave()
                connection = await self._open()
                answer = await connection.ask(request.head, request.method, None)
            yield answer
        finally:
            connection.leave()
            if connection.is_free:
                self._kept.append((asyncio.get_running_loop().time(), connection))

    def close(self) -> None:
        """Cut every connection that nobody uses."""
        while self._kept:
            self._kept.pop()[1].close()

    def _take(self) -> Connection | None:
        """The connection that was used last: those that nobody needs grow old together."""
        now = asyncio.get_running_loop().time()
        while self._kept and self._kept[0][0] < now - _KEPT_IDLE:
            self._kept.popleft()[1].close()
        while self._kept:
            connection = self._kept.pop()[1]
            if connection.is_free:
                return connection
        return None

    async def _open(self) -> Connection:
        idle = self._timeouts.idle.total_seconds()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeouts.connect.total_seconds()):
                _, connection = await loop.create_connection(
                    lambda: Connection(idle=idle),
                    self._host,
                    self._port,
                    ssl=self._tls,
                )
        except TimeoutError as exc:
            raise UpstreamFailed(504, self._unreachable("nothing came in time")) from exc
        except ssl.SSLError as exc:
            raise UpstreamFailed(502, self._unreachable(exc.reason or "TLS failed")) from exc
        except OSError as exc:
            raise UpstreamFailed(502, self._unreachable(exc.strerror or "no way there")) from exc
        return connection

    def _unreachable(self, why: str) -> str:
        return f"no connection to {self._host}:{self._port}, {why}"


async def _in_chunks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in body:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
