"""A site that says exactly the bytes it is told to, and remembers the bytes that it heard."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 15.0


@dataclass(frozen=True)
class Heard:
    """One request as it came in: ``body`` is undone from chunks, ``is_whole`` if it had its end."""

    line: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""
    is_whole: bool = True

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]

    @property
    def method(self) -> bytes:
        return self.line.split(b" ")[0]

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.headers if key.lower() == name.lower().encode()]


Answer = Callable[[Heard], "bytes | Iterable[bytes]"]

RESET = b"\r\nreset\r\n"
"""As the last piece of an answer: the connection is reset instead of ended."""


@dataclass
class Origin:
    """
    ``url`` is where it stands, ``heard`` what it was asked; ``connections`` how often dialled.

    ``answer`` gives the bytes of each response; after a response with ``Connection: close`` in its
    head the connection is closed.
    """

    url: str = ""
    answer: Answer | bytes = b""
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    @property
    def last(self) -> Heard:
        return self.heard[-1]

    def _answer_to(self, heard: Heard) -> bytes | Iterable[bytes]:
        self.heard.append(heard)
        return self.answer(heard) if callable(self.answer) else self.answer


@contextmanager
def origin(answer: Answer | bytes = b"") -> Iterator[Origin]:
    """Run a site on a free port."""
    site = Origin(answer=answer)

    class Handler(socketserver.StreamRequestHandler):
        timeout = PATIENCE

        def handle(self) -> None:
            site.connections += 1
            try:
                while (heard := _hear(self.rfile)) is not None:
                    if not _say(self.connection, site._answer_to(heard)):
                        return
            except OSError:
                return  # the proxy went away, as some tests want

    with _Server(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _say(connection: socket.socket, answer: bytes | Iterable[bytes]) -> bool:
    head = b""
    for piece in [answer] if isinstance(answer, bytes) else answer:
        if piece is RESET:
            # To linger for no time is to reset (socket(7)).
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return False
        connection.sendall(piece)
        head += piece[: max(0, 4096 - len(head))]
    return b"connection: close" not in head.partition(b"\r\n\r\n")[0].lower()


def _hear(stream) -> Heard | None:
    line = stream.readline().rstrip(b"\r\n")
    if not line:
        return None
    headers = []
    while (text := stream.readline().rstrip(b"\r\n")) != b"":
        name, _, value = text.partition(b":")
        headers.append((name, value.strip()))
    body, is_whole = _body(stream, {name.lower(): value for name, value in headers})
    return Heard(line, tuple(headers), body, is_whole)


def _body(stream, headers: dict[bytes, bytes]) -> tuple[bytes, bool]:
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        return _chunks(stream)
    length = int(headers.get(b"content-length", b"0"))
    body = stream.read(length) if length else b""
    return body, len(body) == length


def _chunks(stream) -> tuple[bytes, bool]:
    body = b""
    while size := stream.readline().strip():
        chunk = stream.read(int(size, 16) + 2)
        if int(size, 16) == 0:
            return body, True
        body += chunk[:-2]
    return body, False


def response(
    body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """The bytes of one response with a Content-Length."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(*pieces: bytes, headers: tuple[str, ...] = (), end: bool = True) -> Iterator[bytes]:
    """The bytes of one response in chunks, piece by piece."""
    lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers, "", ""]
    yield "\r\n".join(lines).encode()
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    if end:
        yield b"0\r\n\r\n"
