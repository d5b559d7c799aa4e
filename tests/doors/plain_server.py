"""The table on a plain HTTP/1.1 server: the site that stands behind the proxies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.doors.origin import answer


@contextmanager
def plain_site() -> Iterator[str]:
    """Serve the table in a thread; gives its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server, running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def running(server) -> Iterator[None]:
    """Run a server of the standard library's kind in a thread, and end it."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        reply = answer(self.command, self.path, headers, body)
        self.send_response(reply.status)
        for name, value in reply.fields:
            self.send_header(name, value)
        if reply.pieces is not None:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command != "HEAD":
            self._send(reply.body, reply.pieces)

    do_HEAD = do_POST = do_GET

    def _send(self, body: bytes, pieces: tuple[bytes, ...] | None) -> None:
        if pieces is None:
            self.wfile.write(body)
            return
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""
