"""What the engine answers itself, below ``/.callgraft/``, through every door."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from callgraft import helper, reveal
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the engine does with what it is told."""

    take_call: Callable[[CallEvent], Call]
    hear: Callable[[Site, Visit, bytes], Page]
    reveal: Callable[[Site, Visit], Page]


def answer(site: Site, work: Work, visit: Visit, body: bytes) -> Page:
    """
    Answer one request.

    ``POST /.callgraft/calls/generic`` takes a signed call event, ``POST /.callgraft/beacon`` what a
    page tells of its visitor; ``GET /.callgraft/helper.js`` is the script that sends beacons,
    ``GET /.callgraft/reveal/…`` is where a click on a hidden number leads, and
    ``GET /.callgraft/health`` says that the door is up and which Site document is in force.
    """
    if len(body) > MAX_BODY:
        return problem(413, f"At most {MAX_BODY} bytes are taken.")
    if visit.path == f"{PREFIX}health":
        return _reply(200, {"status": "ok", "site": site.key, "version": site.version})
    if visit.path == f"{PREFIX}beacon":
        return work.hear(site, visit, body)
    if visit.path.startswith(reveal.PATH):
        return work.reveal(site, visit)
    if visit.path == f"{PREFIX}helper.js":
        return helper.answer(visit)
    if visit.path != f"{_CALLS}generic":
        return not_found(visit)
    if visit.method != "POST":
        return problem(405, "Call events are sent with POST.", ("Allow", "POST"))
    return _call_event(site, work.take_call, visit, body)


def nobodys(visit: Visit) -> Page:
    """The answer on a host that no Site document lists."""
    logger.warning("A request for %s came under the host %s.", visit.path, visit.host)
    return problem(404, f"No Site document lists the host {visit.host!r}. Use one of its hosts.")


def not_found(visit: Visit) -> Page:
    """The answer to a path that is nobody's."""
    return problem(404, f"There is nothing at {visit.path}.")


def nothing(*fields: tuple[str, str]) -> Page:
    """The answer where nobody waits for one."""
    return Page(head=Head(status=204, headers=(("Cache-Control", "no-store"), *fields)), body=b"")


def problem(status: int, detail: str, *fields: tuple[str, str]) -> Page:
    """An error in the form of RFC 9457."""
    return _json(status, "application/problem+json", {"status": status, "detail": detail}, *fields)


def _call_event(
    site: Site, take_call: Callable[[CallEvent], Call], visit: Visit, body: bytes
) -> Page:
    try:
        event = generic.take(body, visit.headers, site=site, now=visit.received_at)
        call = take_call(event)
    except BadEvent as exc:
        logger.warning("A call event for %s was refused: %s", site.key, exc)
        return problem(exc.status, str(exc))
    except StoreUnavailable as exc:
        # The provider repeats what we do not acknowledge, so the call is not lost.
        logger.error("A call event for %s must be sent again: %s", site.key, exc)
        return problem(503, "The tracking store does not answer.", ("Retry-After", "5"))
    return _reply(200, {"call": call.id, "state": call.state.value})


def _reply(status: int, content: dict[str, str]) -> Page:
    return _json(status, "application/json", content)


def shown(content: dict[str, str], *fields: tuple[str, str]) -> Page:
    """What a script of ours asked for, with these header fields."""
    return _json(200, "application/json", content, *fields)


def _json(status: int, kind: str, content: object, *fields: tuple[str, str]) -> Page:
    body = json.dumps(content, ensure_ascii=False).encode()
    headers: Headers = (
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *fields,
    )
    return Page(head=Head(status=status, headers=headers), body=body)
