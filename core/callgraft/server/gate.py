"""The way of every request: who asks, how often, may they, what; and the way of every answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from callgraft.client.problem_json import MEDIA_TYPE, problem_of
from callgraft.client.wire import dump
from callgraft.errors import CallgraftError, StoreUnavailable
from callgraft.server import answers, refusal
from callgraft.server.asked import Answer, Asked
from callgraft.server.endpoint import Endpoint
from callgraft.server.entity_tags import etag_of, fits
from callgraft.server.issuing import Scope
from callgraft.server.parts import Parts
from callgraft.server.reading import (
    body_of,
    deadline_of,
    headers_of,
    named_of,
    query_of,
    value_of,
)
from callgraft.server.refusal import Refused
from callgraft.stores.tokens import Token
from callgraft.visit import Headers

logger = logging.getLogger(__name__)


async def pass_through(endpoint: Endpoint, parts: Parts, request: Request) -> Response:
    """Answer one request, count it, and log it by its route."""
    begun = time.perf_counter()
    sender = _Sender()
    status = 500  # for whatever nobody foresaw
    try:
        response = await _response_to(endpoint, parts, request, sender)
        status = response.status_code
        return response
    finally:
        seconds = time.perf_counter() - begun
        parts.metrics.answered(endpoint.method, endpoint.path, status, seconds)
        logger.info(
            "%s %s %s in %.0f ms for %s",
            *(endpoint.method, endpoint.path, status, seconds * 1000),
            sender.token.token if sender.token else "nobody",
        )


@dataclass(slots=True)
class _Sender:
    """Who sent the request, as far as it is known by now, and what is told of the limit."""

    token: Token | None = None
    limits: Headers = ()


async def _response_to(
    endpoint: Endpoint, parts: Parts, request: Request, sender: _Sender
) -> Response:
    try:
        if not endpoint.is_open:
            sender.token = await _token(parts, request)
            _admit(parts, sender, sender.token)
        response = await _answered(endpoint, parts, request, sender.token)
    except Refused as exc:
        response = _response(exc.status, dump(exc.problem), MEDIA_TYPE, exc.headers)
    except CallgraftError as exc:
        response = _failed(exc, endpoint, parts)
    for name, value in sender.limits:
        response.headers[name] = value
    return response


async def _answered(
    endpoint: Endpoint, parts: Parts, request: Request, token: Token | None
) -> Response:
    named = named_of(request)
    if token is not None:
        _check_scope(endpoint, token)
        _check_sites(token, [named["site"]] if "site" in named else [])
    query = query_of(endpoint, request)
    body = await body_of(endpoint.takes, request) if endpoint.takes else b""
    value = value_of(endpoint.takes, body) if endpoint.takes else None
    if token is not None and endpoint.takes:
        _check_sites(token, endpoint.takes.sites(value))
    asked = Asked(
        token=token,
        at=parts.clock(),
        headers=headers_of(request),
        body=body,
        value=value,
        named=named,
        query=query,
        deadline=deadline_of(request),
    )
    answer = await _once(endpoint, parts, asked, request)
    return _sent(endpoint, asked, answer)


async def _token(parts: Parts, request: Request) -> Token:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise refusal.unknown_token()
    token = await parts.tokens.valid(secret.strip(), at=parts.clock())
    if token is None:
        raise refusal.unknown_token()
    return token


def _admit(parts: Parts, sender: _Sender, token: Token) -> None:
    admission = parts.limits.admit(token.token)
    sender.limits = admission.headers
    if not admission.is_admitted:
        raise Refused(429, "too-many", "Too many requests", "Ask again after Retry-After seconds.")


def _check_scope(endpoint: Endpoint, token: Token) -> None:
    if Scope.ADMIN not in token.scopes and not set(endpoint.scopes) & set(token.scopes):
        raise refusal.wrong_scope(token.name, " or ".join(endpoint.scopes))
    if endpoint.is_for_all_sites and token.site:
        raise refusal.wrong_site(token.name, "all")


def _check_sites(token: Token, sites: Iterable[str]) -> None:
    for site in sites:
        if token.site not in ("", site):
            raise refusal.wrong_site(token.name, site)


async def _once(endpoint: Endpoint, parts: Parts, asked: Asked, request: Request) -> Answer:
    """Carry the request out, unless its Idempotency-Key tells that this was done before."""
    key = asked.header(answers.HEADER)
    if not (endpoint.is_once and key and asked.token):
        return await endpoint.handler(parts, asked)
    if len(key) > answers.LONGEST_KEY or not key.isprintable():
        raise refusal.invalid((answers.HEADER, "at most 255 printable letters are taken."))
    content = b"\0".join((request.method.encode(), request.url.path.encode(), asked.body))
    claim = answers.Claim(token=asked.token.token, key=key, content=content, at=asked.at)
    known = await parts.answers.known(claim)
    if known is not None:
        return known
    return await parts.answers.first(claim, endpoint.handler(parts, asked))


def _sent(endpoint: Endpoint, asked: Asked, answer: Answer) -> Response:
    headers = [*answer.headers]
    if endpoint.has_etag and answer.status == 200:
        tag = etag_of(answer.body)
        headers.append(("ETag", tag))
        if fits(tag, asked.header("if-none-match")):
            return _response(304, b"", "", headers)
    return _response(answer.status, answer.body, answer.media_type, headers)


def _failed(exc: CallgraftError, endpoint: Endpoint, parts: Parts) -> Response:
    told = problem_of(exc)
    status = int(str(told["status"]))
    headers: Headers = ()
    if isinstance(exc, StoreUnavailable):
        # Why it does not answer is for the operator; it may name hosts and files.
        logger.error("%s %s: %s", endpoint.method, endpoint.path, exc)
        parts.metrics.store_failed()
        told["detail"] = "The tracking store does not answer, or not in time. Send it again."
        headers = (("Retry-After", "1"),)
    return _response(status, dump(told), MEDIA_TYPE, headers)


def _response(
    status: int, body: bytes, media_type: str, headers: Iterable[tuple[str, str]]
) -> Response:
    response = Response(body, status_code=status)
    if body:
        response.headers["Content-Type"] = media_type
    # What is told of visitors and callers is for one reader, who may keep it only to compare.
    response.headers["Cache-Control"] = "private, no-cache"
    for name, value in headers:
        response.headers[name] = value
    return response
