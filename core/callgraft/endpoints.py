"""What the engine answers itself, below ``/.callgraft/``, through every door."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from callgraft.errors import BadEvent, StoreUnavailable
from callgraft.page import Head, Page
from callgraft.site import Site
from callgraft.telephony import generic
from callgraft.tracking.values import Call, CallEvent
from callgraft.visit import Headers, Visit

logger = logging.getLogger(__name__)

PREFIX = "/.callgraft/"
"""Paths below this belong to the engine; the site never sees them."""
MAX_BODY = 64 * 1024
"""The largest request body that is taken; a door hands on no more than one byte above it."""

_CALLS = f"{PREFIX}calls/"


def answer(site: Site, take_call: Callable[[CallEvent], Call], visit: Visit, body: bytes) -> Page:
    """
    Answer one request.

    ``POST /.callgraft/calls/generic`` takes a signed call event; ``GET /.callgraft/health`` says
    that the door is up and which Site document is in force.
    """
    if len(body) > MAX_BODY:
        return _problem(413, f"At most {MAX_BODY} bytes are taken.")
    if visit.path == f"{PREFIX}health":
        return _reply(200, {"status": "ok", "site": site.key, "version": site.version})
    if visit.path != f"{_CALLS}generic":
        return not_found(visit)
    if visit.method != "POST":
        return _problem(405, "Call events are sent with POST.", ("Allow", "POST"))
    return _call_event(site, take_call, visit, body)


def nobodys(visit: Visit) -> Page:
    """The answer on a host that no Site document lists."""
    logger.warning("A request for %s came under the host %s.", visit.path, visit.host)
    return _problem(404, f"No Site document lists the host {visit.host!r}. Use one of its hosts.")


def not_found(visit: Visit) -> Page:
    """The answer to a path that is nobody's."""
    return _problem(404, f"There is nothing at {visit.path}.")


def _call_event(
    site: Site, take_call: Callable[[CallEvent], Call], visit: Visit, body: bytes
) -> Page:
    try:
        event = generic.take(body, visit.headers, site=site, now=visit.received_at)
        call = take_call(event)
    except BadEvent as exc:
        logger.warning("A call event for %s was refused: %s", site.key, exc)
        return _problem(exc.status, str(exc))
    except StoreUnavailable as exc:
        # The provider repeats what we do not acknowledge, so the call is not lost.
        logger.error("A call event for %s must be sent again: %s", site.key, exc)
        return _problem(503, "The tracking store does not answer.", ("Retry-After", "5"))
    return _reply(200, {"call": call.id, "state": call.state.value})


def _reply(status: int, content: dict[str, str]) -> Page:
    return _json(status, "application/json", content)


def _problem(status: int, detail: str, *fields: tuple[str, str]) -> Page:
    """An error in the form of RFC 9457."""
    return _json(status, "application/problem+json", {"status": status, "detail": detail}, *fields)


def _json(status: int, kind: str, content: object, *fields: tuple[str, str]) -> Page:
    body = json.dumps(content, ensure_ascii=False).encode()
    headers: Headers = (
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *fields,
    )
    return Page(head=Head(status=status, headers=headers), body=body)
