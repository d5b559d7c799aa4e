"""Flask's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import quote

from flask import Request, Response
from werkzeug.datastructures import Headers as ResponseHeaders
from werkzeug.wsgi import ClosingIterator

from callgraft import Head, Page, Visit

# What a browser leaves as it is in a path; a "%" there was undone by the WSGI server.
_PATH = "/:@!$&'()*+,;=-._~"
_QUERY = _PATH + '?%"#<>[\\]^`{|}'


def visit_of(request: Request) -> Visit:
    """The request as the visitor's browser sent it."""
    query = quote(request.query_string, safe=_QUERY)
    return Visit(
        url=f"{request.scheme}://{_host(request)}{_path(request)}" + (f"?{query}" if query else ""),
        received_at=datetime.now(UTC),
        method=request.method,
        headers=tuple(request.headers.items()),
        peer=request.remote_addr or "",
    )


def head_of(response: Response) -> Head:
    return Head(status=response.status_code, headers=tuple(response.headers.items()))


def to_page(response: Response, *, max_body: int) -> Page | None:
    """
    The response with its whole body; None when that is larger than ``max_body``.

    A streamed body is read as far as that; what was read goes out first, in its order.
    """
    if not response.is_streamed:
        body = b"".join(response.iter_encoded())
        return Page(head=head_of(response), body=body) if len(body) <= max_body else None
    close = getattr(response.response, "close", None)
    held, rest = _held(response.iter_encoded(), max_body)
    if rest is not None:
        response.response = ClosingIterator(chain(held, rest), close)
        return None
    if close is not None:
        close()
    return Page(head=head_of(response), body=b"".join(held))


def to_response(page: Page, response: Response | None = None) -> Response:
    """``response`` (a new one without it) with the head and the body of ``page``."""
    answer = Response() if response is None else response
    answer.status_code = page.head.status
    answer.set_data(page.body)
    answer.headers = ResponseHeaders(list(page.head.headers))
    return answer


def _host(request: Request) -> str:
    # As it was sent: ``request.host`` raises where TRUSTED_HOSTS refuses it, which is long settled.
    return request.headers.get("Host") or request.environ["SERVER_NAME"]


def _path(request: Request) -> str:
    # From the environ, not ``request.path``: that loses bytes that are no UTF-8.
    environ = request.environ
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return quote(path.encode("latin-1"), safe=_PATH)


def _held(chunks: Iterable[bytes], max_body: int) -> tuple[list[bytes], Iterable[bytes] | None]:
    """What was read of a body, and the rest of it where it is larger than ``max_body``."""
    held: list[bytes] = []
    size = 0
    remaining = iter(chunks)
    for chunk in remaining:
        held.append(chunk)
        size += len(chunk)
        if size > max_body:
            return held, remaining
    return held, None
