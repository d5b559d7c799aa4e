"""The middleware: one engine per process, asked for every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from callgraft import MAX_EVENT_BODY, Engine
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse

from wagtail_callgraft.conf import engine
from wagtail_callgraft.exchange import ato_page, head_of, to_page, to_response, visit_of

GetResponse = Callable[[HttpRequest], Any]


class CallgraftMiddleware:
    """
    Shows every visitor tracking numbers of their own.

    Put it first in ``MIDDLEWARE``: it then sees pages as they leave, and call events need no CSRF
    token. Wagtail's admin and previews are never touched: an editor who saved a tracking number
    would print it for everyone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._engine: Engine = engine()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if iscoroutinefunction(self):
            return self._acall(request)
        return self._call(request)

    def _call(self, request: HttpRequest) -> HttpResponseBase:
        if self._owns(request):
            return to_response(self._engine.answer(visit_of(request), _event_body(request)))
        response: HttpResponseBase = self._get_response(request)
        if not self._wants(request, response):
            return response
        page = to_page(response, max_body=self._engine.settings.max_body)
        if page is None:
            return response
        return to_response(self._engine.swap(visit_of(request), page), response)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        if self._owns(request):
            answer = await self._engine.aanswer(visit_of(request), _event_body(request))
            return to_response(answer)
        response: HttpResponseBase = await self._get_response(request)
        if not self._wants(request, response):
            return response
        page = await ato_page(response, max_body=self._engine.settings.max_body)
        if page is None:
            return response
        return to_response(await self._engine.aswap(visit_of(request), page), response)

    def _owns(self, request: HttpRequest) -> bool:
        return _has_our_host(request) and self._engine.owns(visit_of(request))

    def _wants(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        if _is_editing(request) or not _has_our_host(request):
            return False
        return self._engine.wants(head_of(response), visit_of(request))


def _event_body(request: HttpRequest) -> bytes:
    """As much of the body as a call event may have; more is refused by the engine."""
    return request.read(MAX_EVENT_BODY + 1)


def _has_our_host(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _is_editing(request: HttpRequest) -> bool:
    """Whether this is Wagtail's or Django's admin, or a preview of a page."""
    if getattr(request, "is_preview", False):
        return True
    return any(request.path.startswith(prefix) for prefix in _admin_prefixes())


def _admin_prefixes() -> list[str]:
    prefixes = []
    for name in ("wagtailadmin_home", "admin:index"):
        try:
            prefixes.append(reverse(name))
        except NoReverseMatch:
            continue
    return prefixes
