"""
The site of the window firm «Окна Комфорт», as an Apache of 2012 would serve it.

``python examples/legacy_site/server.py --port 8080`` prints the address and serves ``pages/``.
Standard library only: it stands for a site that nobody can change any more, so it shares no code
with Callgraft and knows nothing of it.
"""

from __future__ import annotations

import argparse
import html
import re
from collections.abc import Iterator
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from documents import PRICE_LIST, Document, read_site

HIDDEN = {"/404.html", "/request.html"}
MOVED = {
    "/kontakty": "/contacts.html",
    "/index.html": "/",
    "/index.php": "/",
}
CHUNKED = "/otzyvy.php"
SETS_COOKIE = "/kalkulyator/"
COOKIE = "okna_raschet=495-07-1234; Path=/kalkulyator/; Max-Age=86400"
MAX_FORM = 64 * 1024


class LegacySite(ThreadingHTTPServer):
    """The server; port 0 takes a free one, ``url`` tells which."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, log: bool = False) -> None:
        super().__init__((host, port), _Handler)
        self.url = f"http://{host}:{self.server_address[1]}/"
        self.documents = read_site()
        self.log = log


class _Handler(BaseHTTPRequestHandler):
    server: LegacySite
    protocol_version = "HTTP/1.1"
    server_version = "Apache/2.2.22 (Debian)"
    sys_version = ""
    timeout = 60
    # Head and body leave in one packet; unbuffered, each small page would wait for an ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path, mark, query = self.path.partition("?")
        documents = self.server.documents
        if path in MOVED or f"{path}/" in documents:
            return self._redirect(MOVED.get(path, f"{path}/") + mark + query)
        # Advertisements hang all sorts of parameters on a page's address; only news.php reads any.
        article = re.search(r"(?:^|&)(id=\d+)(?:&|$)", query)
        named = f"{path}?{article[1]}" if path == "/news.php" and article else path
        if named not in documents or named in HIDDEN:
            return self._not_found()
        return self._send(documents[named])

    do_HEAD = do_GET

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path.partition("?")[0] != "/request":
            return self._refuse(HTTPStatus.METHOD_NOT_ALLOWED)
        if not length.isdecimal():
            return self._refuse(HTTPStatus.LENGTH_REQUIRED)
        if int(length) > MAX_FORM:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        thanks = _thanks(self.server.documents["/request.html"], self.rfile.read(int(length)))
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
        return self._answer(HTTPStatus.OK, headers, thanks)

    def _send(self, document: Document) -> None:
        packs = document.packed is not None and "gzip" in self.headers.get("Accept-Encoding", "")
        headers = _headers(document, packs=packs)
        cookies = self.headers.get("Cookie", "")
        if document.address == SETS_COOKIE and "okna_raschet=" not in cookies:
            headers.append(("Set-Cookie", COOKIE))
        if self._has(document):
            return self._answer(HTTPStatus.NOT_MODIFIED, headers, None)
        headers.append(("Content-Type", document.content_type))
        if document.address == PRICE_LIST and "Range" in self.headers:
            return self._send_range(document, headers)
        body = document.packed if packs else document.body
        chunked = document.address == CHUNKED and self.request_version != "HTTP/1.0"
        return self._answer(HTTPStatus.OK, headers, body, chunked=chunked)

    def _send_range(self, document: Document, headers: list[tuple[str, str]]) -> None:
        size = len(document.body)
        span = _span(self.headers["Range"], size)
        if span is None or self.headers.get("If-Range", document.etag) != document.etag:
            return self._answer(HTTPStatus.OK, headers, document.body)
        if not span:
            headers.append(("Content-Range", f"bytes */{size}"))
            return self._answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers, b"")
        headers.append(("Content-Range", f"bytes {span[0]}-{span[-1]}/{size}"))
        part = document.body[span[0] : span[-1] + 1]
        return self._answer(HTTPStatus.PARTIAL_CONTENT, headers, part)

    def _has(self, document: Document) -> bool:
        """Whether the browser's copy is still good."""
        if tags := self.headers.get("If-None-Match"):
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return not known.isdisjoint({"*", document.etag, document.packed_etag})
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        return document.changed_at <= since.replace(tzinfo=since.tzinfo or UTC)

    def _redirect(self, target: str) -> None:
        # Apache made the address absolute, from the Host that it was asked for.
        host = self.headers.get("Host", "okna.example")
        link = html.escape(target)
        body = f'<html><body>Moved <a href="{link}">here</a>.</body></html>\n'.encode()
        headers = [("Location", f"http://{host}{target}"), ("Content-Type", "text/html")]
        self._answer(HTTPStatus.MOVED_PERMANENTLY, headers, body)

    def _not_found(self) -> None:
        page = self.server.documents["/404.html"]
        headers = [("Content-Type", "text/html; charset=utf-8")]
        self._answer(HTTPStatus.NOT_FOUND, headers, page.body)

    def _refuse(self, status: HTTPStatus) -> None:
        # The body was not read, so this connection cannot go on: this header closes it here, too.
        headers = [("Content-Type", "text/plain"), ("Connection", "close")]
        self._answer(status, headers, f"{status.phrase}\n".encode())

    def _answer(
        self,
        status: HTTPStatus,
        headers: list[tuple[str, str]],
        body: bytes | None,
        *,
        chunked: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body is not None and self.command != "HEAD":
            self.wfile.writelines(_chunks(body) if chunked else [body])

    def log_message(self, format: str, *args: object) -> None:
        if self.server.log:
            super().log_message(format, *args)


def _headers(document: Document, *, packs: bool) -> list[tuple[str, str]]:
    max_age = 600 if document.is_page else 86400
    headers = [
        ("Last-Modified", format_datetime(document.changed_at, usegmt=True)),
        ("ETag", document.packed_etag if packs else document.etag),
        ("Cache-Control", f"public, max-age={max_age}"),
    ]
    if document.packed is not None:
        headers.append(("Vary", "Accept-Encoding"))
    if packs:
        headers.append(("Content-Encoding", "gzip"))
    if document.address == PRICE_LIST:
        headers.append(("Accept-Ranges", "bytes"))
    return headers


def _chunks(body: bytes, size: int = 401) -> Iterator[bytes]:
    # Small, and so chosen that chunks end in the middle of the firm's number.
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _span(header: str, size: int) -> range | None:
    """The bytes of one ``Range``; empty when there are none such, None when it is to be ignored."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if match is None or match[0] == "bytes=-":
        return None
    if not match[1]:
        return range(max(0, size - int(match[2])), size)
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return range(int(match[1]), last + 1)


def _thanks(page: Document, form: bytes) -> bytes:
    """The thank-you page, with what the visitor wrote put where its SSI ``#echo`` stands."""
    fields = parse_qs(form.decode("latin-1"), encoding="latin-1")
    said = {name: _text(values[0].encode("latin-1")) for name, values in fields.items()}
    said["order"] = "1234567"

    def echo(match: re.Match[str]) -> str:
        return html.escape(said.get(match[1], "")) or "&mdash;"

    return re.sub(r'<!--#echo var="(\w+)" -->', echo, page.body.decode()).encode()


def _text(value: bytes) -> str:
    # The old pages post windows-1251, the new ones UTF-8, and neither says so.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1251", "replace")


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the demo site «Окна Комфорт».")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    parser.add_argument("--log", action="store_true", help="write a line for every request")
    options = parser.parse_args()
    with LegacySite(options.host, options.port, log=options.log) as server:
        print(server.url, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
