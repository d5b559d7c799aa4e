"""Flask's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import quote

from callgraft import Head, Page, Visit
from flask import Request, Response
from werkzeug.datastructures import Headers as ResponseHeaders
from werkzeug.wsgi import ClosingIterator

# What may stand in a path as it is, RFC 3986; a "%" here was "%25" before WSGI undid it.
_PATH = "/:@!$&'()*+,;=-._~"


def visit_of(request: Request) -> Visit:
    """The request as the visitor's browser sent it."""
    path = quote((request.root_path + request.path).encode(), safe=_PATH)
    query = request.query_string.decode("latin-1")
    return Visit(
        url=f"{request.scheme}://{request.host}{path}" + (f"?{query}" if query else ""),
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
    if response.direct_passthrough:
        response.direct_passthrough = False
    if not response.is_streamed:
        body = response.get_data()
        return Page(head=head_of(response), body=body) if len(body) <= max_body else None
    source = response.response
    held, rest = _held(response.iter_encoded(), max_body)
    if rest is not None:
        response.response = ClosingIterator(chain(held, rest), getattr(source, "close", None))
        return None
    if callable(close := getattr(source, "close", None)):
        close()
    return Page(head=head_of(response), body=b"".join(held))


def to_response(page: Page, response: Response | None = None) -> Response:
    """``response`` (a new one without it) with the head and the body of ``page``."""
    answer = Response() if response is None else response
    answer.status_code = page.head.status
    answer.set_data(page.body)
    answer.headers = ResponseHeaders(list(page.head.headers))
    return answer


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
