"""Django's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import chain
from typing import cast

from asgiref.sync import sync_to_async
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from callgraft import Head, Page, Visit


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


def to_page(response: HttpResponseBase, *, max_body: int) -> Page | None:
    """
    The response with its whole body; None when that is larger than ``max_body``.

    A streamed body is read as far as that; what was read goes out first, in its order.
    """
    if not response.streaming:
        return _page(response, cast(HttpResponse, response).content, max_body)
    stream = cast(StreamingHttpResponse, response)
    source = iter(stream)
    held = _Held(max_body)
    for chunk in source:
        if not held.take(chunk):
            stream.streaming_content = chain(held.chunks, source)
            return None
    return _page(response, b"".join(held.chunks), max_body)


async def ato_page(response: HttpResponseBase, *, max_body: int) -> Page | None:
    """Like :func:`to_page`, without blocking the event loop."""
    if not response.streaming:
        return to_page(response, max_body=max_body)
    stream = cast(StreamingHttpResponse, response)
    if not stream.is_async:
        return await sync_to_async(to_page)(response, max_body=max_body)
    source = aiter(stream)
    held = _Held(max_body)
    async for chunk in source:
        if not held.take(chunk):
            stream.streaming_content = _chained(held.chunks, source)
            return None
    return _page(response, b"".join(held.chunks), max_body)


def to_response(page: Page, response: HttpResponseBase | None = None) -> HttpResponseBase:
    """``response`` (a new one without it) with the head and the body of ``page``."""
    answer = _with_head(HttpResponse() if response is None else response, page.head)
    if answer.streaming:
        cast(StreamingHttpResponse, answer).streaming_content = [page.body]
    else:
        cast(HttpResponse, answer).content = page.body
    return answer


def ato_response(page: Page, response: HttpResponseBase) -> HttpResponseBase:
    """Like :func:`to_response`, for an asynchronous server: it wants streams of its own kind."""
    if not response.streaming:
        return to_response(page, response)
    stream = cast(StreamingHttpResponse, _with_head(response, page.head))
    stream.streaming_content = _chained([page.body])
    return stream


class _Held:
    """What was read of a body that may turn out too large."""

    def __init__(self, max_body: int) -> None:
        self.chunks: list[bytes] = []
        self._room = max_body

    def take(self, chunk: bytes) -> bool:
        """Keep the chunk; False when it was one too many."""
        self.chunks.append(chunk)
        self._room -= len(chunk)
        return self._room >= 0


def _page(response: HttpResponseBase, body: bytes, max_body: int) -> Page | None:
    return Page(head=head_of(response), body=body) if len(body) <= max_body else None


def _with_head(response: HttpResponseBase, head: Head) -> HttpResponseBase:
    response.status_code = head.status
    for name in list(response.headers):
        del response[name]
    for name, value in head.headers:
        if name.lower() == "set-cookie":
            # Where Django keeps cookies, beside the site's own.
            response.cookies.load(value)
        else:
            response[name] = value
    return response


async def _chained(
    held: list[bytes], rest: AsyncIterator[bytes] | None = None
) -> AsyncIterator[bytes]:
    for chunk in held:
        yield chunk
    if rest is not None:
        async for chunk in rest:
            yield chunk
