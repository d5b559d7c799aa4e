"""The shapes of ASGI, as far as this package speaks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders = Iterable[tuple[bytes, bytes]]


def field(scope: Scope, name: bytes) -> bytes | None:
    """Return the first request header called ``name`` (lower case), or None."""
    return next((value for key, value in scope["headers"] if key == name), None)


def fields(scope: Scope, name: bytes) -> list[bytes]:
    """Return every request header called ``name`` (lower case), in order."""
    return [value for key, value in scope["headers"] if key == name]
