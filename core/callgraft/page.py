"""One response as plain values: the Head that a door shows first, and the Page."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.visit import Headers, header


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Status and header fields of a response, before its body is read."""

    status: int = 200
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """Return the first response header called ``name``, or None."""
        return header(self.headers, name)

    def values(self, name: str) -> list[str]:
        """Return the values of all response headers called ``name`` (lower case)."""
        return [value for key, value in self.headers if key.lower() == name]

    def without(self, *names: str) -> Head:
        """The same head less every field called one of ``names`` (lower case)."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return Head(status=self.status, headers=kept)

    def plus(self, *fields: tuple[str, str]) -> Head:
        """The same head with ``fields`` at its end."""
        return Head(status=self.status, headers=self.headers + fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response with its body as it is on the wire, content encoding included."""

    head: Head
    body: bytes
