"""Django's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import cast

from asgiref.sync import sync_to_async
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from callgraft import Head, Holding, Page, Visit

# What Django's kinds of response keep of their bodies in attributes of their own.
_OF_THE_BODY = {"_container", "_iterator", "file_to_stream", "is_async", "text"}


def visit_of(request: HttpRequest) -> Visit | None:
    """The request as the visitor's browser sent it; None when Django refuses its host."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return None
    return Visit(
        url=f"{request.scheme}://{host}{request.get_full_path()}",
        received_at=datetime.now(UTC),
        method=request.method or "GET",
        headers=tuple(request.headers.items()),
        peer=request.META.get("REMOTE_ADDR", ""),
    )


def head_of(response: HttpResponseBase) -> Head:
    """Status and header fields; Django keeps cookies beside them, and they stay there."""
    return Head(status=response.status_code, headers=tuple(response.items()))


def hold(response: HttpResponseBase, *, max_body: int) -> tuple[Page | None, HttpResponseBase]:
    """
    Read the body: the page, if it is one that may be swapped, and what to send if it is not.

    A streamed body is read as far as ``max_body``; what was read goes out first, in its order.
    """
    held = Holding(head_of(response), max_body=max_body)
    body = iter(cast(Iterable[bytes], response))
    page = held.read(body)
    if page is not None or not response.streaming:
        return page, response
    return None, _anew(response, StreamingHttpResponse(chain(held.pieces, body)), head_of(response))


async def ahold(
    response: HttpResponseBase, *, max_body: int
) -> tuple[Page | None, HttpResponseBase]:
    """Like :func:`hold`, without blocking the event loop."""
    if not response.streaming:
        return hold(response, max_body=max_body)
    stream = cast(StreamingHttpResponse, response)
    if not stream.is_async:
        return await sync_to_async(hold)(response, max_body=max_body)
    held = Holding(head_of(response), max_body=max_body)
    body = aiter(stream)
    page = await held.aread(body)
    if page is not None:
        return page, response
    return None, _anew(
        response, StreamingHttpResponse(_chained(held.pieces, body)), head_of(response)
    )


def to_response(page: Page, response: HttpResponseBase | None = None) -> HttpResponseBase:
    """A new response with the head and the body of ``page``; else like ``response``."""
    answer = HttpResponse(page.body, status=page.head.status)
    return _with_head(answer, page.head) if response is None else _anew(response, answer, page.head)


def _anew(response: HttpResponseBase, answer: HttpResponseBase, head: Head) -> HttpResponseBase:
    """
    ``answer`` with ``head``, and all else from the site's own response, which stays as it is.

    A site may send one object to many visitors: what was written into it for one, all would get.
    """
    known = vars(answer).keys() | _OF_THE_BODY
    vars(answer).update({k: v for k, v in vars(response).items() if k not in known})
    answer.status_code = response.status_code
    answer.reason_phrase, answer.charset = response.reason_phrase, response.charset
    # Close the site's own stream or file; response.close() would tell twice that all is finished.
    answer._resource_closers.extend(response._resource_closers)
    for name, morsel in response.cookies.items():
        answer.cookies[name] = morsel.copy()
    return _with_head(answer, head)


def _with_head(answer: HttpResponseBase, head: Head) -> HttpResponseBase:
    for name in list(answer.headers):
        del answer[name]
    for name, value in head.headers:
        if name.lower() == "set-cookie":
            # Where Django keeps cookies, beside the site's own.
            answer.cookies.load(value)
        else:
            answer[name] = value
    return answer


async def _chained(held: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in held:
        yield piece
    async for piece in rest:
        yield piece
