"""The middleware: one engine per process, asked for every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponseBase

from callgraft import CONDITIONAL_FIELDS, MAX_EVENT_BODY, Engine, Visit
from wagtail_callgraft.conf import engine as configured_engine
from wagtail_callgraft.editing import has_session, is_editing, is_editor
from wagtail_callgraft.exchange import ahold, head_of, hold, to_response, visit_of

GetResponse = Callable[[HttpRequest], Any]


class CallgraftMiddleware:
    """
    Shows every visitor tracking numbers of their own.

    Put it first in ``MIDDLEWARE``: it then sees pages as they leave, a page cache behind it keeps
    the pages that are everybody's, and call events need no CSRF token. The admin, previews and
    people who may enter the admin see the original numbers.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse, engine: Engine | None = None) -> None:
        self._get_response = get_response
        self._engine = engine or configured_engine()
        self._max_body = self._engine.settings.max_body
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        visit = visit_of(request)
        if visit is None:
            return self._get_response(request)
        if self._engine.needs_whole(visit):
            _make_unconditional(request)
        if iscoroutinefunction(self):
            return self._acall(request, visit)
        return self._call(request, visit)

    def _call(self, request: HttpRequest, visit: Visit) -> HttpResponseBase:
        if self._engine.owns(visit):
            return to_response(self._engine.answer(visit, _event_body(request)))
        response: HttpResponseBase = self._get_response(request)
        if not self._wants(request, visit, response) or is_editor(request):
            return response
        page, unswapped = hold(response, max_body=self._max_body)
        if page is None:
            return unswapped
        return to_response(self._engine.swap(visit, page), response)

    async def _acall(self, request: HttpRequest, visit: Visit) -> HttpResponseBase:
        if self._engine.owns(visit):
            return to_response(await self._engine.aanswer(visit, _event_body(request)))
        response: HttpResponseBase = await self._get_response(request)
        if not self._wants(request, visit, response) or await _ais_editor(request):
            return response
        page, unswapped = await ahold(response, max_body=self._max_body)
        if page is None:
            return unswapped
        return to_response(await self._engine.aswap(visit, page), response)

    def _wants(self, request: HttpRequest, visit: Visit, response: HttpResponseBase) -> bool:
        return self._engine.wants(head_of(response), visit) and not is_editing(request)


def _make_unconditional(request: HttpRequest) -> None:
    for name in CONDITIONAL_FIELDS:
        request.META.pop(f"HTTP_{name.upper().replace('-', '_')}", None)
    # A cached property over META, which has been looked at already.
    request.__dict__.pop("headers", None)


async def _ais_editor(request: HttpRequest) -> bool:
    return has_session(request) and await sync_to_async(is_editor)(request)


def _event_body(request: HttpRequest) -> bytes:
    """As much of the body as a call event may have, and one byte by which more is noticed."""
    return request.read(MAX_EVENT_BODY + 1)
