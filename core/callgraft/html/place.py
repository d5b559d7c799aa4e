"""Places: what a scan tells people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    One place where a target stands.

    ``kind`` is a row of the policy table and ``policy`` what is done there, ``swap`` or ``keep``;
    ``reason`` says in words where it is. ``start`` and ``end`` are byte offsets in the body,
    ``written`` is the number as the page shows it.
    """

    target: str
    kind: str
    policy: str
    start: int
    end: int
    written: str
    reason: str


def position(body: bytes, offset: int) -> tuple[int, int]:
    """Return line and column of a byte, both from 1; columns count bytes."""
    return body.count(b"\n", 0, offset) + 1, offset - body.rfind(b"\n", 0, offset)
