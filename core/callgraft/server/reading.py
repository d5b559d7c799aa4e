"""From a request as it came to its parts, each looked at, before anything is done."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from callgraft.client.wire import load
from callgraft.server.checking import check
from callgraft.server.endpoint import Body, Endpoint, Parameter
from callgraft.server.refusal import Refused, invalid, not_found
from callgraft.visit import Headers

PATTERNS = {
    "site": "[A-Za-z0-9_-]{1,64}",
    "number": r"\+[0-9]{5,15}",
    "edition": "[1-9][0-9]{0,8}",
    "session": "[!-~]{1,256}",
    "call": "[!-~]{1,256}",
    "visitor": "[!-~]{1,256}",
    "code": "[!-~]{1,32}",
}
"""What the parts of a path look like; anything else is not found."""

BUDGET = "Callgraft-Budget"


def named_of(request: Request) -> Mapping[str, str]:
    """
    The parts of the path by name.

    :raises Refused: one of them can be none.
    """
    named: dict[str, str] = dict(request.path_params)
    for name, value in named.items():
        if not re.fullmatch(PATTERNS[name], value):
            raise not_found(f"This can be no {name}.")
    return named


def query_of(endpoint: Endpoint, request: Request) -> Mapping[str, Any]:
    """
    The parameters of the query as what they are.

    :raises Refused: it tells of all that cannot be taken.
    """
    read: dict[str, Any] = {}
    problems = []
    for parameter in endpoint.parameters:
        written = (request.headers if parameter.is_header else request.query_params).get(
            parameter.name
        )
        if written is None:
            read[parameter.name] = parameter.default
            continue
        try:
            read[parameter.name] = _read(parameter, written)
        except ValueError as exc:
            problems.append((parameter.name, str(exc)))
    if problems:
        raise invalid(*problems)
    return read


async def body_of(takes: Body, request: Request) -> bytes:
    """
    The body, of a type that is taken and no larger than is taken.

    :raises Refused: it is something else.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _unsupported("Send the body as it is, without a Content-Encoding.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != takes.media_type and not takes.is_any_type:
        raise _unsupported(f"Send it as {takes.media_type}.")
    if int(request.headers.get("content-length") or 0) > takes.most:
        raise _too_large(takes.most)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > takes.most:
            raise _too_large(takes.most)
        pieces.append(piece)
    return b"".join(pieces)


def value_of(takes: Body, body: bytes) -> Any:
    """
    What the body tells of; None where it is no JSON of ours.

    :raises Refused: it tells of all that cannot be taken, by key, without the values.
    """
    if takes.kind is None:
        return None
    try:
        value = load(takes.kind, body)
    except ValidationError as exc:
        listed = exc.errors(include_url=False, include_input=False, include_context=False)
        raise invalid(*((_key(each["loc"]), each["msg"]) for each in listed[:50])) from None
    except ValueError:
        raise invalid(("", "the body is no JSON.")) from None
    check(value)
    return value


def headers_of(request: Request) -> Headers:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    )


def deadline_of(request: Request) -> float | None:
    """The moment of ``time.monotonic()`` after which nobody waits, where the sender tells it."""
    told = request.headers.get(BUDGET, "")
    is_told = told.isascii() and told.isdigit() and len(told) < 10
    return time.monotonic() + int(told) / 1000 if is_told else None


_MOMENT = TypeAdapter(datetime)


def _read(parameter: Parameter, written: str) -> Any:
    if parameter.kind is datetime:
        return _moment(written)
    if parameter.kind is str:
        if parameter.most is not None and len(written) > parameter.most:
            raise ValueError(f"longer than {parameter.most:.0f} letters.")
        if not written.isprintable():
            raise ValueError("it has letters that cannot be printed.")
        return written
    if not re.fullmatch(
        r"[0-9]{1,9}" + (r"(\.[0-9]{1,9})?" if parameter.kind is float else ""), written
    ):
        raise ValueError("no number of this kind.")
    value = parameter.kind(written)
    least, most = parameter.least, parameter.most
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"{least:g} to {most:g} is taken.")
    return value


def _moment(written: str) -> datetime:
    try:
        moment = _MOMENT.validate_strings(written, strict=True)
        check(moment)
    except (ValidationError, Refused):
        raise ValueError("no moment, like 2026-03-02T12:00:00Z.") from None
    return moment


def _key(location: tuple[int | str, ...]) -> str:
    """``views[0].identity.session``; the first part is the list that wraps every value."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location[1:])
    return "".join(parts).removeprefix(".")


def _unsupported(cure: str) -> Refused:
    return Refused(415, "unsupported-type", "This kind of body is not taken", cure)


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", "The body is too large", f"At most {most} bytes are taken.")
