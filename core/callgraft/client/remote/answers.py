"""What a tracking server answered: a body, or the exception that it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from callgraft.client.problem_json import MEDIA_TYPE, error_of
from callgraft.client.wire import load
from callgraft.errors import CallgraftError, StoreUnavailable, TrackerUnavailable

T = TypeVar("T")

LARGEST = 16 * 2**20
"""Bytes of an answer above which it is none of a tracking server."""


class Refused(TrackerUnavailable):
    """The server cannot take this now; ``retry_after`` is how many seconds it wants to be left."""

    def __init__(self, problem: str, *, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class NothingThere(CallgraftError):
    """The server knows nothing under this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of HTTP; the names in ``headers`` may stand in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def checked(answer: Answer, name: str) -> Answer:
    """
    Return the answer, if it is one to what was asked.

    :param name: of the server, for messages.
    :raises Refused: it will pass, or what answered there is no tracking server.
    :raises CallgraftError: what the server says is wrong with the request.
    """
    status = answer.status
    if status < 300 or status == 304:
        return answer
    if not _header(answer, "content-type").startswith(MEDIA_TYPE):
        # A load balancer without a server behind it, a captive portal, another program.
        there = f" and points to {place}" if (place := _header(answer, "location")) else ""
        problem = f"{name} answered {status}{there}, not as a tracking server does."
        raise Refused(problem, retry_after=_seconds(answer))
    error = error_of(status, answer.body)
    if isinstance(error, StoreUnavailable):
        raise Refused(f"{name}: {error}", retry_after=_seconds(answer)) from error
    if status == 404 and type(error) is CallgraftError:
        raise NothingThere(str(error)) from error
    raise error


def value(kind: type[T], answer: Answer, name: str) -> T:
    """
    Return the value of ``kind`` that the answer brings.

    :raises Refused: it brings none.
    """
    try:
        return load(kind, answer.body)
    except ValueError as exc:
        # Its text could show what a visitor or a caller sent.
        raise Refused(f"{name} answered what no tracking server answers.") from exc


def _seconds(answer: Answer) -> float | None:
    told = _header(answer, "retry-after")
    return float(told) if told.isascii() and told.isdigit() else None


def _header(answer: Answer, name: str) -> str:
    return next((value for key, value in answer.headers.items() if key.lower() == name), "")
