"""A client that says exactly the bytes it is told to, and shows the bytes that came back."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 15.0


@dataclass(frozen=True)
class Reply:
    """
    One response as it came; ``body`` is undone from chunks.

    ``is_whole`` is what a careful client can tell: the promised length, or the last chunk.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_whole: bool

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, values
        return values[0] if values else None


def dial(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), PATIENCE)


def ask(
    url: str,
    target: str | bytes = "/",
    *headers: str,
    method: str = "GET",
    body: bytes = b"",
    host: str = "okna.example",
) -> Reply:
    """Make one request on a connection of its own."""
    target = target.encode() if isinstance(target, str) else target
    lines = [f"Host: {host}", "Connection: close", *headers]
    if body and not any(line.lower().startswith("transfer-encoding") for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return read_reply(
        say(url, b"%b %b HTTP/1.1\r\n" % (method.encode(), target) + head + body), method
    )


def say(url: str, data: bytes) -> bytes:
    """Send the bytes and return all that comes back until the other side closes."""
    with dial(url) as connection:
        connection.sendall(data)
        return hear_all(connection)


def hear_all(connection: socket.socket) -> bytes:
    answer = bytearray()
    try:
        while piece := connection.recv(1 << 16):
            answer += piece
    except ConnectionResetError:
        pass  # as good an end as another: what came before is judged by its own length
    return bytes(answer)


def read_reply(data: bytes, method: str = "GET") -> Reply:
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = tuple((k, v.strip()) for k, _, v in (line.partition(":") for line in lines[1:]))
    named = {name.lower(): value for name, value in headers}
    if method == "HEAD" or status in (204, 304):
        return Reply(status, headers, rest, rest == b"")
    if named.get("transfer-encoding") == "chunked":
        return Reply(status, headers, *_undone(rest))
    return Reply(status, headers, rest, named.get("content-length") == str(len(rest)))


def _undone(rest: bytes) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    at = 0
    while (end := rest.find(b"\r\n", at)) > 0:
        length = int(rest[at:end], 16)
        at = end + 2 + length + 2
        if length == 0:
            return b"".join(pieces), rest[end:] == b"\r\n\r\n"
        pieces.append(rest[end + 2 : end + 2 + length])
    return b"".join(pieces), False
