"""The ASGI middleware: any app's pages, each with its visitor's numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from callgraft import CONDITIONAL_FIELDS, MAX_EVENT_BODY, Engine, Visit
from callgraft_proxy.asgi import App, Receive, Scope, Send
from callgraft_proxy.body import Disconnected, read_body
from callgraft_proxy.held import HeldResponse
from callgraft_proxy.translate import send_page, visit_of

_CONDITIONAL = frozenset(CONDITIONAL_FIELDS)
# Through these an app would send bytes that we never see.
_BYPASSES = frozenset(
    {"http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"}
)


class CallgraftMiddleware:
    """
    Shows every visitor of ``app`` their own numbers.

    Responses that are no pages pass as they come, streamed; a page is held until it is whole.
    Requests below ``/.callgraft/`` are answered by the engine.
    """

    def __init__(self, app: App, engine: Engine) -> None:
        self._app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = visit_of(scope, at=datetime.now(UTC))
        if self._engine.owns(visit):
            await self._answer(visit, receive, send)
            return
        if self._engine.needs_whole(visit):
            scope = _unconditional(scope)
        response = HeldResponse(self._engine, visit, send)
        await self._app(_without_bypasses(scope), receive, response.send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            await self._engine.leave_loop()

    async def _answer(self, visit: Visit, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, limit=MAX_EVENT_BODY)
        except Disconnected:
            return
        await send_page(await self._engine.aanswer(visit, body), send, method=visit.method)


def _unconditional(scope: Scope) -> Scope:
    kept = [field for field in scope["headers"] if field[0].decode("latin-1") not in _CONDITIONAL]
    return {**scope, "headers": kept}


def _without_bypasses(scope: Scope) -> Scope:
    extensions = scope.get("extensions")
    if not extensions or _BYPASSES.isdisjoint(extensions):
        return scope
    kept = {name: value for name, value in extensions.items() if name not in _BYPASSES}
    return {**scope, "extensions": kept}
