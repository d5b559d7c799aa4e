"""Places: what a scan tells people."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote

from callgraft.html.charset import PRESCAN, UNDECLARED, Charset, sniff


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


def shown(written: bytes, writing: str, charset: Charset) -> str:
    """Return a number as the page shows it."""
    if not _UNUSUAL.search(written):
        return written.decode("ascii")
    text = written.decode(charset.codec, "replace")
    if writing == "url":
        text = unquote(text)
    elif writing == "nested":
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
        text = html.unescape(_MARKUP.sub("", html.unescape(text)))
    elif writing == "markup":
        text = _MARKUP.sub("", text)
    return text if writing == "plain" else html.unescape(text)


_UNUSUAL = re.compile(rb"[^0-9A-Za-z \-./()+]")
_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
