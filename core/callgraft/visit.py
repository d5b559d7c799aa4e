"""One page request as a plain value, already stripped of its web framework."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

Headers = tuple[tuple[str, str], ...]
"""Header fields as pairs in their order, because a name may repeat."""


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first field called ``name`` (any case), or None."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    One page request.

    ``url`` is absolute and is what the visitor's browser shows; ``peer`` is the address at the
    other end of the connection (who the visitor is behind listed proxies is the engine's matter).
    ``received_at`` must be timezone-aware: a lease that outlives a clock change is a lease given to
    two visitors.
    """

    url: str
    received_at: datetime
    method: str = "GET"
    headers: Headers = ()
    peer: str = ""

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise ValueError("Visit.received_at must be timezone-aware; use datetime.now(UTC).")

    def header(self, name: str) -> str | None:
        """Return the first request header called ``name``, or None."""
        return header(self.headers, name)

    @property
    def parts(self) -> SplitResult:
        """The address in its parts; an address that cannot be split has empty ones."""
        try:
            return urlsplit(self.url)
        except ValueError:
            return SplitResult("", "", "", "", "")

    @property
    def host(self) -> str:
        """The host name in lower case, without a port."""
        try:
            return self.parts.hostname or ""
        except ValueError:
            return ""

    @property
    def path(self) -> str:
        return self.parts.path or "/"

    @property
    def query(self) -> str:
        return self.parts.query

    @property
    def is_secure(self) -> bool:
        return self.parts.scheme == "https"

    def cookie(self, name: str) -> str | None:
        """Return the value of the cookie called ``name``, or None."""
        for key, value in self.headers:
            if key.lower() != "cookie":
                continue
            for pair in value.split(";"):
                found, _, content = pair.strip().partition("=")
                if found == name:
                    return content.strip('"')
        return None
