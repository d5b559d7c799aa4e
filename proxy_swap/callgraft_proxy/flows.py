"""Between mitmproxy's flows and the plain values of the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from mitmproxy.http import Headers as Fields
from mitmproxy.http import HTTPFlow, Response

from callgraft import Head, Headers, Page, Visit
from callgraft_proxy.translate import TARGET


def visit_of(flow: HTTPFlow) -> Visit:
    """Return the request as a Visit, with the address that the browser shows."""
    request = flow.request
    peer = flow.client_conn.peername
    return Visit(
        url=_url(flow),
        received_at=datetime.fromtimestamp(request.timestamp_start, UTC),
        method=request.method,
        headers=_texts(request.headers),
        peer=peer[0] if peer else "",
    )


def head_of(response: Response) -> Head:
    """Return the response's Head."""
    return Head(status=response.status_code, headers=_texts(response.headers))


def put(page: Page, response: Response) -> None:
    """Make ``response`` say what ``page`` says; a page that is still the same changes nothing."""
    if page.body == response.raw_content and page.head == head_of(response):
        return
    response.headers = _fields(page.head)
    response.raw_content = page.body
    if "content-length" in response.headers:
        # The body's end is told once: a length and chunks together read as an attack.
        response.headers.pop("transfer-encoding", None)
        response.trailers = None


def response_of(page: Page) -> Response:
    """Return the page as a response of our own making."""
    response = Response.make(page.head.status)
    response.headers = _fields(page.head)
    response.raw_content = page.body
    return response


def _url(flow: HTTPFlow) -> str:
    request = flow.request
    # In reverse mode request.scheme and request.host are the site's own, not what was asked for.
    scheme = "https" if flow.client_conn.tls_established else "http"
    host = request.host_header or request.host
    return f"{scheme}://{host}{quote(request.data.path, safe=TARGET)}"


def _texts(headers: Fields) -> Headers:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields
    )


def _fields(head: Head) -> Fields:
    return Fields((name.encode("latin-1"), value.encode("latin-1")) for name, value in head.headers)
