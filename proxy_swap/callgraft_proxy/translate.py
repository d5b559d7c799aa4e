"""Between ASGI and the plain values of the engine: Visit and Head in, messages out."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from callgraft import Head, Headers, Page, Visit
from callgraft_proxy.asgi import Message, RawHeaders, Scope, Send, field

TARGET = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""All that is left as it is in a request target; what may not stand in a URL is percent-encoded."""


def visit_of(scope: Scope, *, at: datetime) -> Visit:
    """Return the request as a Visit; ``at`` is when it came in."""
    client = scope.get("client")
    return Visit(
        url=_url(scope),
        received_at=at,
        method=scope["method"],
        headers=_texts(scope["headers"]),
        peer=client[0] if client else "",
    )


def head_of(start: Message) -> Head:
    """Return the Head that an ``http.response.start`` message announces."""
    return Head(status=start["status"], headers=_texts(start.get("headers", ())))


def start_of(head: Head, like: Message | None = None) -> Message:
    """Return the ``http.response.start`` of ``head``; what else is in ``like`` is kept."""
    # Latin-1 gives back the very bytes that it was made of.
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in head.headers]
    message = {"type": "http.response.start", "status": head.status, "headers": headers}
    return {**like, **message} if like else message


async def send_page(page: Page, send: Send, *, method: str = "GET") -> None:
    """Send a whole response; a HEAD request gets its head only."""
    await send(start_of(page.head))
    body = b"" if method == "HEAD" else page.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _texts(headers: RawHeaders) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _url(scope: Scope) -> str:
    query = scope.get("query_string") or b""
    address = f"{scope.get('scheme', 'http')}://{_host(scope)}{_path(scope)}"
    return f"{address}?{quote(query, safe=TARGET)}" if query else address


def _host(scope: Scope) -> str:
    host = field(scope, b"host")
    if host is not None:
        return host.decode("latin-1")
    server = scope.get("server")
    return f"{server[0]}:{server[1]}" if server and server[1] else "localhost"


def _path(scope: Scope) -> str:
    # Some servers put root_path before raw_path already, as they do with path; some do not.
    raw = scope.get("raw_path")
    path = quote(raw, safe=TARGET) if raw else quote(scope["path"])
    root = quote(scope.get("root_path", ""), safe=TARGET).rstrip("/")
    return path if path == root or path.startswith(f"{root}/") else root + path
