"""A request that may be answered, and its answer, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callgraft.client.wire import dump
from callgraft.stores.tokens import Token
from callgraft.visit import Headers, header

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    One request, its token and its body looked at already.

    ``named`` are the parts of its path by name, ``query`` its parameters as what they are;
    ``value`` is what the body tells of; ``deadline`` is a moment of ``time.monotonic()`` after
    which nobody waits for the answer.
    """

    token: Token | None
    at: datetime
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    value: Any = field(default=None, repr=False)
    named: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    deadline: float | None = None

    @property
    def site(self) -> str:
        return self.named["site"]

    def header(self, name: str) -> str:
        """The value of a header field, "" where there is none."""
        return header(self.headers, name) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: Headers = ()


def told(value: object, *, status: int = 200, headers: Headers = ()) -> Answer:
    """An answer that tells of a value, in JSON."""
    return Answer(status=status, body=dump(value), headers=headers)


NOTHING = Answer(status=204)
