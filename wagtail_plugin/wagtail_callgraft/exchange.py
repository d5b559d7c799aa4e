"""Django's requests and responses as Callgraft's plain values, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import chain
from typing import cast

from callgraft import Head, Page, Visit
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse


def visit_of(request: HttpRequest) -> Visit:
    """The request as the visitor's browser sent it."""
    return Visit(
        url=f"{request.scheme}://{request.get_host()}{request.get_full_path()}",
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
    if stream.is_async:
        return None  # a synchronous server collects it itself; there is nothing to hold here
    source = iter(stream)
    held = _Held(max_body)
    for chunk in source:
        if not held.take(chunk):
            stream.streaming_content = chain(held.chunks, source)
            return None
    return _page(response, b"".join(held.chunks), max_body)


async def ato_page(response: HttpResponseBase, *, max_body: int) -> Page | None:
    """Like :func:`to_page`, for bodies that are streamed asynchronously too."""
    if not response.streaming or not cast(StreamingHttpResponse, response).is_async:
        return to_page(response, max_body=max_body)
    stream = cast(StreamingHttpResponse, response)
    source = aiter(stream)
    held = _Held(max_body)
    async for chunk in source:
        if not held.take(chunk):
            stream.streaming_content = _achain(held.chunks, source)
            return None
    return _page(response, b"".join(held.chunks), max_body)


def to_response(page: Page, response: HttpResponseBase | None = None) -> HttpResponseBase:
    """``response`` (a new one without it) with the head and the body of ``page``."""
    answer = HttpResponse() if response is None else response
    answer.status_code = page.head.status
    for name in list(answer.headers):
        del answer[name]
    for name, value in page.head.headers:
        _set(answer, name, value)
    if answer.streaming:
        cast(StreamingHttpResponse, answer).streaming_content = [page.body]
    else:
        cast(HttpResponse, answer).content = page.body
    return answer


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


def _set(response: HttpResponseBase, name: str, value: str) -> None:
    """Set a field; our cookie goes where Django keeps cookies, beside the site's own."""
    if name.lower() != "set-cookie":
        response[name] = value
        return
    response.cookies.load(value)


async def _achain(held: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in held:
        yield chunk
    async for chunk in rest:
        yield chunk
