"""The texts of an XML document: between tags, in CDATA, in the values of attributes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from callgraft.html.bodies.piece import Piece

_TAG = rb"""<[^!?<>"'][^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+>"""
_HOP = re.compile(rb"(?:[^<]*+" + _TAG + rb")*+")
"""Whole tags with the text before each."""
_ONE_TAG = re.compile(_TAG)
_VALUE = re.compile(rb"""([^\t\n\r =]{1,100}+)[\t\n\r ]*+=[\t\n\r ]*+(?:"([^"]*+)"|'([^']*+)')""")
_MACHINES = re.compile(rb"xmlns(?::.*)?|id|.*:id|guid")
_SPECIALS = ((b"<!--", b"-->"), (b"<?", b"?>"))
_CDATA = b"<![CDATA["


class XmlTexts:
    """The texts, found while going over the body once; what is not well formed ends them."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._pos = 0
        """Up to here all is known, and ``_found`` holds what text there is of it."""
        self._found: deque[Piece] = deque()

    def at(self, offset: int) -> Piece | None:
        while self._pos <= offset:
            self._go_on(offset)
        while self._found and self._found[0].end <= offset:
            self._found.popleft()
        return self._found[0] if self._found and self._found[0].start <= offset else None

    def _go_on(self, offset: int) -> None:
        """Past one text or one piece of markup more, and past all whole tags before ``offset``."""
        body = self._body
        hopped = _HOP.match(body, self._pos, offset)
        begin = hopped.end() if hopped else self._pos
        end = body.find(b"<", begin)
        end = len(body) if end < 0 else end
        if end > offset:
            piece = Piece(start=begin, end=end, writing="characters", where="in the text")
            self._found.append(piece)
            self._pos = end
        else:
            self._pos = self._markup_end(end)

    def _markup_end(self, at: int) -> int:
        """Where the markup at ``at`` ends; the texts in it are found."""
        body = self._body
        if body.startswith(_CDATA, at):
            begin, end = at + len(_CDATA), _until(body, b"]]>", at)
            if begin < end:
                piece = Piece(start=begin, end=end, writing=None, where="inside <![CDATA[")
                self._found.append(piece)
            return end + 3
        for opener, closer in _SPECIALS:
            if body.startswith(opener, at):
                return _until(body, closer, at) + len(closer)
        if body.startswith(b"<!", at):
            return self._declaration_end(at)
        tag = _ONE_TAG.match(body, at)
        if tag is None:
            return len(body) + 1
        self._found.extend(_values(body, tag.start() + 1, tag.end()))
        return tag.end()

    def _declaration_end(self, at: int) -> int:
        """A document type may hold declarations of its own, between brackets."""
        end = _until(self._body, b">", at)
        inner = self._body.find(b"[", at, end)
        return end + 1 if inner < 0 else _until(self._body, b"]>", inner) + 2


def _values(body: bytes, start: int, end: int) -> Iterator[Piece]:
    for found in _VALUE.finditer(body, start, end):
        group = 2 if found[2] is not None else 3
        name = found[1].lower()
        yield Piece(
            start=found.start(group),
            end=found.end(group),
            writing="characters",
            where=f"in the attribute {name.decode('utf-8', 'replace')}",
            row="markup" if _MACHINES.fullmatch(name) else "body",
        )


def _until(body: bytes, closer: bytes, at: int) -> int:
    end = body.find(closer, at)
    return len(body) if end < 0 else end
