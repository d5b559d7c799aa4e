"""Flask's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import quote

from flask import Request, Response
from werkzeug.datastructures import Headers as ResponseHeaders

from callgraft import Head, Holding, Page, Visit

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


def hold(response: Response, *, max_body: int) -> tuple[Page | None, Response]:
    """
    Read the body: the page, if it is one that may be swapped, and what to send if it is not.

    A streamed body is read as far as ``max_body``; what was read goes out first, in its order.
    """
    held = Holding(head_of(response), max_body=max_body)
    body = iter(response.iter_encoded())
    page = held.read(body)
    if page is not None or not response.is_streamed:
        return page, response
    return None, _anew(response, chain(held.pieces, body), head_of(response))


def to_response(page: Page, response: Response | None = None) -> Response:
    """A new response with the head and the body of ``page``; else like ``response``."""
    if response is not None:
        return _anew(response, page.body, page.head)
    answer = Response(page.body, status=page.head.status)
    answer.headers = ResponseHeaders(list(page.head.headers))
    return answer


def _anew(response: Response, body: bytes | Iterable[bytes], head: Head) -> Response:
    """
    A response of the same kind as the app's own, which stays as it is.

    An app may send one object to many visitors: what was written into it for one, all would get.
    """
    answer = Response(body, status=response.status)
    answer.headers = ResponseHeaders(list(head.headers))
    answer.__class__ = type(response)
    noted = {name: value for name, value in vars(response).items() if name not in vars(answer)}
    vars(answer).update(noted)
    # Closes the app's own stream or file, and does what the app wants done at the end.
    answer.call_on_close(response.close)
    return answer


def _host(request: Request) -> str:
    # As it was sent: ``request.host`` raises where TRUSTED_HOSTS refuses it, which is long settled.
    return request.headers.get("Host") or request.environ["SERVER_NAME"]


def _path(request: Request) -> str:
    # From the environ, not ``request.path``: that loses bytes that are no UTF-8.
    environ = request.environ
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return quote(path.encode("latin-1"), safe=_PATH)
