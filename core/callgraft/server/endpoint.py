"""What can be asked of the server: one table from which routes, checks and OpenAPI are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callgraft.server.asked import JSON, Answer, Asked
from callgraft.server.issuing import Scope

if TYPE_CHECKING:
    from callgraft.server.parts import Parts

Handler = Callable[["Parts", Asked], Awaitable[Answer]]

KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query, or a field of the header when ``is_header``."""

    name: str
    kind: type = str
    default: Any = ""
    least: float | None = None
    most: float | None = None
    """The longest of a text, the largest of a number."""
    means: str = ""
    is_header: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a request brings: a value in JSON, or without ``kind`` what ``media_type`` says."""

    kind: Any = None
    media_type: str = JSON
    most: int = 256 * KIB
    means: str = ""
    is_any_type: bool = False
    """Whether a wrong Content-Type is overlooked."""
    sites: Callable[[Any], Iterable[str]] = lambda value: ()
    """The sites that the value speaks of; the token must be good for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """
    One method of one path.

    ``scopes`` are those of which a token needs one (``admin`` always will do); none: no token is
    asked for. ``gives`` is what the answer tells of, ``statuses`` what else may be answered than
    what every endpoint like this one may answer.
    """

    method: str
    path: str
    name: str
    does: str
    handler: Handler
    scopes: tuple[Scope, ...] = ()
    takes: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    gives: Any = None
    status: int = 200
    media_types: tuple[str, ...] = (JSON,)
    statuses: tuple[tuple[int, str], ...] = ()
    has_etag: bool = False
    is_once: bool = False
    """Whether an Idempotency-Key is heeded."""
    is_for_all_sites: bool = False
    """Whether a token of one site is not enough."""
    is_open: bool = False
    """Whether it is answered without a token."""
