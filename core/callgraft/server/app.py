"""The tracking server as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from callgraft.client.embedded import EmbeddedClient
from callgraft.client.problem_json import MEDIA_TYPE, problem
from callgraft.client.wire import dump
from callgraft.errors import CallgraftError
from callgraft.housekeeping import purge_all
from callgraft.server.advised import Advised
from callgraft.server.answers import Answers
from callgraft.server.documents import Documents
from callgraft.server.editions import Editions
from callgraft.server.endpoint import Endpoint
from callgraft.server.endpoints import ENDPOINTS
from callgraft.server.gate import pass_through
from callgraft.server.limits import Limits
from callgraft.server.metrics import Metrics
from callgraft.server.openapi import describe
from callgraft.server.parts import Parts
from callgraft.server.readiness import Readiness
from callgraft.server.settings import ServerSettings
from callgraft.server.token_book import TokenBook
from callgraft.server.work import Work
from callgraft.stores.protocol import Store

logger = logging.getLogger(__name__)

_CLEAN_EVERY = timedelta(hours=1)
_RESCORE_EVERY = timedelta(seconds=1)


def _now() -> datetime:
    return datetime.now(UTC)


def make_app(
    open_store: Callable[[], Store],
    *,
    settings: ServerSettings | None = None,
    clock: Callable[[], datetime] = _now,
) -> Starlette:
    """
    Return the application; its store is opened when it starts, and closed when it ends.

    ``app.state.parts.closing`` is to be set when the server begins to end, so that nobody waits for
    another edition any longer.

    :param open_store: opens the store in the process that serves.
    """
    told = settings or ServerSettings()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store = await asyncio.to_thread(open_store)
        parts = app.state.parts = _parts(store, told, clock)
        tasks = [asyncio.create_task(_clean(parts)), asyncio.create_task(_rescore(parts))]
        try:
            yield
        finally:
            parts.closing.set()
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(parts.work.close)

    app = Starlette(
        routes=_routes(),
        lifespan=lifespan,
        exception_handlers={
            HTTPException: _not_routed,
            ClientDisconnect: _gone,
            Exception: _fault,
        },
    )
    app.router.redirect_slashes = False  # a redirected POST would come without its body
    return app


def _parts(store: Store, settings: ServerSettings, clock: Callable[[], datetime]) -> Parts:
    client = EmbeddedClient(store, clock=clock, looks_around=True)
    work = Work(store, client, threads=settings.threads, waiting=settings.waiting)
    closing = asyncio.Event()
    return Parts(
        settings=settings,
        clock=clock,
        work=work,
        closing=closing,
        tokens=TokenBook(
            work, fresh_for=settings.tokens_fresh_for, good_for=settings.tokens_good_for
        ),
        limits=Limits(rate=settings.rate, burst=settings.burst),
        answers=Answers(work, kept_for=settings.answers_kept_for),
        documents=Documents(work, settings.environ),
        editions=Editions(work, look_every=settings.look_every, closing=closing),
        readiness=Readiness(work),
        metrics=Metrics(),
        advised=Advised(store),
    )


def _routes() -> list[Route]:
    """One route for each path, so that a wrong method is told all that are right."""
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        by_path[endpoint.path][endpoint.method] = endpoint
    routes = [_route(path, methods) for path, methods in by_path.items()]
    return [*routes, Route("/openapi.json", _openapi, methods=["GET"])]


async def _openapi(request: Request) -> Response:
    return Response(await asyncio.to_thread(_description), media_type="application/json")


@cache
def _description() -> bytes:
    return dump(describe(ENDPOINTS))


def _route(path: str, methods: dict[str, Endpoint]) -> Route:
    async def answer(request: Request) -> Response:
        # HEAD is answered as GET; what carries it leaves the body out.
        method = "GET" if request.method == "HEAD" else request.method
        parts: Parts = request.app.state.parts
        with parts.metrics.under_way():
            return await pass_through(methods[method], parts, request)

    return Route(path, answer, methods=list(methods))


async def _clean(parts: Parts) -> None:
    """Forget old answers, and what sites may keep no longer, from time to time."""
    while True:
        try:
            await parts.answers.forget_old(at=parts.clock())
            await parts.work.run(lambda: purge_all(parts.work.client, at=parts.clock()))
        except CallgraftError as exc:
            logger.warning("What is too old was not thrown away, and will be in an hour: %s", exc)
        await asyncio.sleep(_CLEAN_EVERY.total_seconds())


async def _rescore(parts: Parts) -> None:
    """Attribute calls again of which something came to light."""
    while True:
        await asyncio.sleep(_RESCORE_EVERY.total_seconds())
        try:
            # Beside the threads that answer: a store that hangs costs this one thread.
            await asyncio.to_thread(parts.work.client.rescore_due, at=parts.clock())
        except CallgraftError as exc:
            logger.debug("Calls of which something came to light wait: %s", exc)
        except Exception:
            # A mistake of ours in one call must not end the looking at all others.
            logger.exception("Calls of which something came to light wait.")


async def _not_routed(request: Request, exc: Exception) -> Response:
    status = exc.status_code if isinstance(exc, HTTPException) else 404
    headers = dict(getattr(exc, "headers", None) or {})
    if status == 405:
        told = problem(405, "wrong-method", "This method is not taken", "Allow tells which are.")
    else:
        told = problem(status, "not-found", "There is no such thing", "Nothing is at this path.")
    return Response(dump(told), status_code=status, media_type=MEDIA_TYPE, headers=headers)


async def _gone(request: Request, exc: Exception) -> Response:
    """Whoever sent it hung up in the middle; nobody reads this."""
    told = problem(400, "incomplete", "The request ended in the middle", "Send it again.")
    return Response(dump(told), status_code=400, media_type=MEDIA_TYPE)


async def _fault(request: Request, exc: Exception) -> Response:
    """Starlette raises it again afterwards, so that the log has it whole."""
    detail = "Something is wrong with this server; its log says what."
    told = problem(500, "fault", "A fault of the server", detail)
    # uvicorn closes the connection afterwards; nobody should send the next request on it.
    headers = {"Connection": "close"}
    return Response(dump(told), status_code=500, media_type=MEDIA_TYPE, headers=headers)
