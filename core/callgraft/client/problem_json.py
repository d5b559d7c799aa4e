"""
Callgraft's errors as problem details (RFC 9457), and back: both ends raise the same exception.

``type`` is a URN that names the error's class; the facts that the exception carries stand beside
``status``, ``title`` and ``detail``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from callgraft.errors import (
    BadEvent,
    BadSignature,
    CallgraftError,
    MistypedCode,
    NotPublished,
    RepeatedEvent,
    SetupError,
    SiteError,
    SiteErrors,
    StoreUnavailable,
    UnknownCall,
)

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:callgraft:problem:"

Facts = Mapping[str, Any]


def problem(status: int, slug: str, title: str, detail: str, **facts: object) -> dict[str, object]:
    """Problem details of the kind ``slug``, like ``not-found``; ``facts`` are further members."""
    told = {"type": _PREFIX + slug, "title": title, "status": status, "detail": detail}
    return told | facts


def problem_of(error: CallgraftError) -> dict[str, object]:
    """The problem details that tell of ``error``; a site's mistakes are all in them."""
    match error:
        case SiteErrors():
            told = [_mistake(each) for each in error.problems]
            return _of(422, "site-errors", error, name=error.name, problems=told)
        case SiteError():
            return _of(422, "site-error", error, problems=[_mistake(error)])
        case SetupError():
            return _of(422, "setup-error", error, problems=[_mistake(error)])
        case NotPublished():
            return _of(404, "not-published", error, site=error.site, edition=error.edition)
        case MistypedCode():
            return _of(422, "mistyped-code", error, written=error.written, why=error.why)
        case UnknownCall():
            return _of(404, "unknown-call", error, site=error.site, call=error.call)
        case StoreUnavailable():
            return _of(503, "store-unavailable", error)
        case RepeatedEvent():
            return _of(error.status, "repeated-event", error, event_id=error.event_id)
        case BadSignature():
            return _of(error.status, "bad-signature", error)
        case BadEvent():
            return _of(error.status, "bad-event", error)
    return _of(422, "refused", error)


def error_of(status: int, body: bytes) -> CallgraftError:
    """
    The exception that an answer of a tracking server tells of.

    What cannot be read, and what will pass (429 and 5xx), is :class:`StoreUnavailable`.
    """
    told = _read(body)
    slug = str(told.get("type", "")).removeprefix(_PREFIX)
    detail = str(told.get("detail") or f"The tracking server answered {status}.")
    if slug in _ERRORS:
        try:
            return _ERRORS[slug](detail, told)
        except (KeyError, TypeError, IndexError, AttributeError):
            pass  # a server of another version: the detail says what it has to say
    if status in (401, 403):
        return SetupError("token", None, detail, "Give a token that `callgraft token add` printed.")
    if status == 429 or status >= 500:
        return StoreUnavailable(detail)
    return CallgraftError(detail)


_TITLES = {
    "site-errors": "The Site document has mistakes",
    "site-error": "The Site document cannot come into force",
    "setup-error": "Something is set up wrongly",
    "not-published": "No document of this site is in force",
    "mistyped-code": "This is no promo code",
    "unknown-call": "There is no such call",
    "store-unavailable": "The tracking store does not answer",
    "repeated-event": "Another event had this id",
    "bad-signature": "Nobody that we know signed this",
    "bad-event": "The event cannot be taken",
    "refused": "Refused",
}


def _of(status: int, slug: str, error: CallgraftError, **facts: object) -> dict[str, object]:
    return problem(status, slug, _TITLES[slug], str(error), **facts)


def _mistake(error: SetupError) -> dict[str, object]:
    is_plain = isinstance(error.value, str | int | float | bool | list | None)
    value = error.value if is_plain else str(error.value)
    return {"key": error.key, "value": value, "problem": error.problem, "cure": error.cure}


def _read(body: bytes) -> Facts:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _errors(told: Facts) -> list[SiteError]:
    return [
        SiteError(each["key"], each["value"], each["problem"], each["cure"])
        for each in told["problems"]
    ]


def _setup_error(detail: str, told: Facts) -> SetupError:
    first = _errors(told)[0]
    return SetupError(first.key, first.value, first.problem, first.cure)


_ERRORS: Mapping[str, Callable[[str, Facts], CallgraftError]] = {
    "site-errors": lambda detail, told: SiteErrors(told["name"], _errors(told)),
    "site-error": lambda detail, told: _errors(told)[0],
    "setup-error": _setup_error,
    "not-published": lambda detail, told: NotPublished(told["site"], told["edition"]),
    "mistyped-code": lambda detail, told: MistypedCode(told["written"], told["why"]),
    "unknown-call": lambda detail, told: UnknownCall(told["site"], told["call"]),
    "store-unavailable": lambda detail, told: StoreUnavailable(detail),
    "repeated-event": lambda detail, told: RepeatedEvent(told["event_id"]),
    "bad-signature": lambda detail, told: BadSignature(detail),
    "bad-event": lambda detail, told: BadEvent(detail),
    "refused": lambda detail, told: CallgraftError(detail),
}
