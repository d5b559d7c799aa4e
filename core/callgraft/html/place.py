"""Places: what a scan tells people."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.html.charset import PRESCAN, UNDECLARED, sniff


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


def position(body: bytes, offset: int, *, content_type: str | None = None) -> tuple[int, int]:
    """
    Return line and column of a byte as an editor shows them, both from 1.

    :param content_type: the value of the header field; columns count the characters of the charset
        that it or the body itself tells.
    """
    charset = sniff(body[:PRESCAN], content_type) or UNDECLARED
    begin = body.rfind(b"\n", 0, offset) + 1
    before = body[begin:offset].decode(charset.codec, "replace")
    return body.count(b"\n", 0, offset) + 1, len(before.removeprefix("\ufeff")) + 1
