"""
A piece of a page with everything in its place and only what a reader sees.

The shadow is as long as the bytes: ``&nbsp;`` becomes a space and five bytes that nobody sees,
``<b>`` three of those, the three bytes of a non-breaking hyphen ``-`` and two. So a match in the
shadow is a match in the page, and no offset has to be translated.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from callgraft.html.charset import Charset
from callgraft.html.markup import INLINE, REST

UNSEEN = 0
EDGE = 1
"""Stands for what ends a line of text: a block's tag, the end of a value."""
_LETTER = 0xFF
_OTHER = ord("?")


@dataclass(slots=True, kw_only=True)
class Shadow:
    """``text[i]`` is what stands at byte ``start + i`` of the page."""

    start: int
    text: bytearray
    long_digits: dict[int, int] = field(default_factory=dict)
    """Digits written as references: index of the first byte → index past the last."""
    tags: list[int] = field(default_factory=list)
    """Where tags begin."""


def cast(
    page: bytes | bytearray,
    start: int,
    end: int,
    *,
    first: int = -1,
    last: int,
    writing: str,
    charset: Charset,
) -> Shadow:
    """
    Return the shadow of ``page[start:end]``, a piece that begins outside of any tag.

    Nobody reads on from ``last`` past the tag of a block, so nor do we. Where text holds the tags
    of another page, one around ``first`` is text as well: the number is an attribute of it.
    """
    piece = bytes(page[start:end])
    shadow = Shadow(start=start, text=bytearray(piece.translate(_table(charset))))
    for found in _pieces(_pattern(writing, charset), piece, first - start):
        kind = found.lastgroup
        if kind == "open":
            # A tag that goes on behind this piece.
            shadow.text[found.start() :] = bytes([EDGE])
            break
        if kind == "tag":
            first = found.start()
            shadow.tags.append(first)
            _hide(shadow, found, found["name"])
            if start + first >= last and shadow.text[first] == EDGE:
                del shadow.text[first + 1 :]
                break
        elif kind == "hidden":
            _hide(shadow, found, None)
        else:
            _put(shadow, found, found[0], kind or "")
    return shadow


def _pieces(pattern: re.Pattern[bytes], piece: bytes, around: int) -> Iterator[re.Match[bytes]]:
    pos = 0
    while found := pattern.search(piece, pos):
        inside = found.lastgroup in _MAY_SURROUND and found.start() <= around < found.end()
        pos = found.start() + 1 if inside else found.end()
        if not inside:
            yield found


def _hide(shadow: Shadow, found: re.Match[bytes], name: bytes | None) -> None:
    first, last = found.span()
    shadow.text[first:last] = bytes(last - first)
    if name is not None and name.lower() not in INLINE:
        shadow.text[first] = EDGE


def _put(shadow: Shadow, found: re.Match[bytes], written: bytes, kind: str) -> None:
    meaning = _meaning(written, kind)
    if meaning < 0:
        return
    first, last = found.span()
    shadow.text[first:last] = bytes((meaning, *bytes(last - first - 1)))
    if 0x30 <= meaning <= 0x39:
        shadow.long_digits[first] = last


@lru_cache(maxsize=4096)
def _meaning(written: bytes, kind: str) -> int:
    """What a reference, an escape or the bytes of one character mean; -1 for nothing of ours."""
    char = _DECODERS[kind](written)
    return _seen(char) if len(char) == 1 else -1


@cache
def _seen(char: str) -> int:
    """What a character means to the reader of a number, as one ASCII byte."""
    if char.isascii():
        return _OTHER if char in "&<>\0\1" else ord(char)
    if char in _WIDE_DIGITS:
        return 0x30 + _WIDE_DIGITS.index(char)
    category = unicodedata.category(char)
    if category in {"Zs", "Zl", "Zp"}:
        return 0x20
    if category == "Pd" or char in "\u2212\u2043":
        return 0x2D
    if category == "Cf":
        # Soft hyphens, zero width spaces and joiners, marks of direction.
        return UNSEEN
    if category == "Sc":
        return 0x24
    if char in _WIDE_PUNCTUATION:
        return ord(_WIDE_PUNCTUATION[char])
    return _LETTER if category[0] in "LMN" else _OTHER


@cache
def _table(charset: Charset) -> bytes:
    """Return what each byte means alone; in UTF-8 and the like bytes from 0x80 are letters."""
    table = bytearray(range(256))
    table[UNSEEN] = table[EDGE] = _OTHER
    for byte in range(0x80, 0x100):
        if charset.single_byte:
            table[byte] = _seen(bytes([byte]).decode(charset.codec, "replace"))
        elif not charset.declared and byte in _UNDECLARED:
            table[byte] = _UNDECLARED[byte]
    return bytes(table)


def _reference(written: bytes) -> str:
    return html.unescape(written.decode("ascii"))


def _wide(written: bytes) -> str:
    return written.decode("utf-8", "replace")


def _percent(written: bytes) -> str:
    code = int(written[1:], 16)
    return chr(code) if code < 0x80 else "x"


def _escape(written: bytes) -> str:
    if written[1:2] == b"u":
        return chr(int(written[2:], 16))
    return _ESCAPED.get(written[1:2], "?")


def _twice(written: bytes) -> str:
    return html.unescape(html.unescape(written.decode("ascii")))


_MAY_SURROUND = frozenset(("tag", "hidden"))
_DECODERS = {
    "reference": _reference,
    "twice": _twice,
    "wide": _wide,
    "percent": _percent,
    "escape": _escape,
}
_ESCAPED = {b"n": " ", b"r": " ", b"t": " ", b"/": "/", b'"': '"', b"'": "'"}
_WIDE_DIGITS = "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
_WIDE_PUNCTUATION = {"\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0e": ".", "\u2116": "#"}
# NBSP, soft hyphen and dashes of the Windows charsets, where they are no part of a UTF-8 sequence.
_UNDECLARED = {0x96: 0x2D, 0x97: 0x2D, 0xA0: 0x20, 0xAD: UNSEEN}

_REFERENCE = rb"(?P<reference>&(?:#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z]{2,31}+);?+)"
_TAGS = (
    rb"(?P<hidden><!--(?:-?>|(?:[^-]++|-(?!-!?>))*+--!?>)|<(?:[!?](?!--)|/(?![a-zA-Z>]))[^>]*+>|</>)"
    rb"|(?P<tag></?+(?P<name>[a-zA-Z][^\t\n\f\r />]*+)(?:>|" + REST + rb"))"
    rb"|(?P<open><[a-zA-Z/!?])"
)
# Markup as a text of its own: in JSON strings, in srcdoc, in data attributes.
_LT, _GT = (
    rb"(?:"
    + char
    + rb"|&(?:"
    + name
    + rb"|#(?:0*"
    + code
    + rb"|[xX]0*3"
    + last
    + rb"));|\\u003"
    + last
    + rb")"
    for char, name, code, last in ((b"<", b"lt", b"60", b"[cC]"), (b">", b"gt", b"62", b"[eE]"))
)
_INNER_TAGS = (
    rb"(?P<hidden>" + _LT + rb"!--(?:[^-]++|-(?!-))*+--" + _GT + rb")"
    rb"|(?P<tag>" + _LT + rb"\\?/?(?P<name>[a-zA-Z][a-zA-Z0-9-]*+)(?=[^a-zA-Z0-9-])"
    rb"(?:(?!" + _LT + rb"|" + _GT + rb")[^\x00])*+" + _GT + rb")"
)
_TWICE = rb"(?P<twice>&amp;(?:#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z]{2,31}+);)"
_ESCAPES = rb"(?P<escape>\\(?:u[0-9a-fA-F]{4}|[^u]))"
# Only what may stand between digits: other sequences are letters already.
_WIDE_UTF8 = rb"(?P<wide>\xc2[\x80-\xbf]|[\xe2\xe3\xef][\x80-\xbf]{2})"
_WIDE_ANY = rb"(?P<wide>[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})"
_WRITINGS = {
    "markup": (_TAGS, _REFERENCE),
    "characters": (_REFERENCE,),
    "url": (rb"(?P<percent>%[0-9a-fA-F]{2})", _REFERENCE),
    "json": (_INNER_TAGS, _ESCAPES, _TWICE, _REFERENCE),
    "nested": (_INNER_TAGS, _ESCAPES, _TWICE, _REFERENCE),
    "plain": (),
}


@cache
def _pattern(writing: str, charset: Charset) -> re.Pattern[bytes]:
    wide: tuple[bytes, ...] = ()
    if charset.codec == "utf-8":
        wide = (_WIDE_UTF8 if charset.declared else _WIDE_ANY,)
    return re.compile(rb"|".join(_WRITINGS[writing] + wide) or rb"(?!)")
