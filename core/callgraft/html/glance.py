"""
A glance at a candidate, which is enough for most of what pages hold.

Where a number is written as people write it, between bytes that end it beyond doubt, there is no
need of a `shadow`. All that is found here, `match` would find; all that is denied, it would deny;
and whatever is unusual is left to it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from callgraft.html.charset import Charset
from callgraft.html.kinds import Kind, is_unquoted
from callgraft.html.leap import tags
from callgraft.html.markup import INLINE, REST
from callgraft.html.match import is_shaped
from callgraft.html.mode import Mode
from callgraft.html.near import TAG
from callgraft.html.notations import SIGNS
from callgraft.html.slot import Slot, Span
from callgraft.html.targets import Target
from callgraft.html.walk import Walker

_BEFORE = 40
"""So much of a number may stand before the candidate."""
_WITHIN = 96
"""So much of a value, or of a text, is looked at before it."""
_SLOTS_KEPT = 256
_WS = rb"[\t\n\f\r ]"
_SPACES = b"\t\n\f\r "


_INLINE = rb"(?i:" + rb"|".join(sorted(INLINE)) + rb")(?=[\t\n\f\r />])"
BLOCK = rb"</?+(?!" + _INLINE + rb")[a-zA-Z]"
"""A tag that ends a line of text."""


class Glance(NamedTuple):
    """
    A target whose digits stand beyond doubt at ``start``.

    Without a slot they are cut as no phone number is, and nothing else is there: a price.
    """

    target: Target
    start: int
    slot: Slot | None


def glance(
    page: bytes | bytearray,
    walker: Walker,
    kind: Kind,
    hit: tuple[int, int],
    owners: tuple[Target, ...],
    charset: Charset,
) -> Glance | None:
    """Return what stands around a candidate, where the walker is; None when in doubt."""
    first, last = hit
    if charset.trailing_digits or walker.mode not in _CLEAR or walker.attribute == b"srcdoc":
        return None
    begin = max(first - _BEFORE, text_start(walker))
    if walker.mode is Mode.DATA:
        # Not the number in the link that is around this one.
        begin = max(page.rfind(b">", begin, first) + 1, begin)
    for index, target in enumerate(owners):
        if target.target.local:
            return None
        found = target.as_written.search(page, begin, last + _BEFORE)
        if found is None or not found.start() <= first < last <= found.end():
            continue
        if not _is_free(page, walker, found, kind, charset):
            return None
        slot = _slot(page, found, target, kind, charset)
        if slot is None:
            is_price = _is_price(found[0], owners, index, kind, charset)
            return Glance(target, found.start(), None) if is_price else None
        if index and _may_be_another("".join(slot.groups), owners[:index]):
            return None
        return Glance(target, found.start(), slot)
    return None


def text_start(walker: Walker) -> int:
    """Where the text, the value or the script begins that the walker is in."""
    return walker.since if walker.mode is Mode.DATA else walker.start


def _is_free(
    page: bytes | bytearray,
    walker: Walker,
    found: re.Match[bytes],
    kind: Kind,
    charset: Charset,
) -> bool:
    """Whether what is before and behind ends a number, whatever it may be."""
    start, end = found.span()
    if walker.mode is Mode.DATA:
        if _right(charset).match(page, end) is None:
            return False
        return _is_text_before(page, walker, start, charset)
    end_mark = walker.quote if walker.mode is Mode.VALUE else b'"'
    if not end_mark or page[end : end + 1] != end_mark:
        return False
    before = bytes(page[max(walker.start, start - _WITHIN) : start])
    before = before.removesuffix(b"(")
    if walker.mode is Mode.RAW:
        return before.endswith(b'"')
    if not before:
        return True
    if kind.row in {"link", "messenger"}:
        return _LINK_START.search(before) is not None
    return _ends_before(before, charset)


def _is_text_before(page: bytes | bytearray, walker: Walker, start: int, charset: Charset) -> bool:
    begin = max(start - _WITHIN, walker.since)
    behind = max(page.rfind(b">", begin, start) + 1, begin)
    before = bytes(page[behind:start])
    if before.strip(_SPACES + b"("):
        return _ends_before(before, charset)
    return is_block_before(page, walker.since, start)


def _ends_before(before: bytes, charset: Charset) -> bool:
    """Whether a word or a sign, and a space, are before the number."""
    return _left(charset).search(before) is not None and not _NO_TEXT.search(before)


def is_block_before(page: bytes | bytearray, since: int, at: int) -> bool:
    """Whether there is nothing but space and inline tags between a block's tag and ``at``."""
    for _ in range(4):
        opener = page.rfind(b"<", since, at)
        if opener < 0 or tags(page, since, opener) != opener:
            return False
        tag = TAG.match(page, opener, at)
        if tag is None or page[tag.end() : at].strip(_SPACES + b"("):
            return False
        if tag[1].lower() not in INLINE:
            return True
        at = opener
    return False


def _slot(
    page: bytes | bytearray, found: re.Match[bytes], target: Target, kind: Kind, charset: Charset
) -> Slot | None:
    written, plus = found[0], found["plus"] is not None
    only_digits = written.isdigit() and is_unquoted(page, found.start(), kind)
    notation = written, plus, only_digits, kind.writing == "url", charset.codec == "utf-8"
    try:
        # Not looked for first: another thread may clear what is kept in between.
        slot: Slot | None = target.slots[notation]
    except KeyError:
        slot = _read(*notation, target)
        if len(target.slots) >= _SLOTS_KEPT:
            target.slots.clear()
        target.slots[notation] = slot
    return slot


def _read(
    written: bytes, plus: bool, only_digits: bool, is_url: bool, is_utf8: bool, target: Target
) -> Slot | None:
    seen = _as_seen(written, is_url=is_url, is_utf8=is_utf8)
    if seen is None or not is_shaped(seen.translate(None, b"\0"), target):
        return None
    groups, spans = [], []
    for run in _DIGITS.finditer(seen):
        first, last = run.span()
        groups.append(run[0].decode("ascii"))
        spans.append((Span(first, last, last - first),))
    return Slot(
        written=written,
        groups=tuple(groups),
        spans=tuple(spans),
        plus=plus,
        only_digits=only_digits,
    )


def _is_price(
    written: bytes, owners: tuple[Target, ...], index: int, kind: Kind, charset: Charset
) -> bool:
    """Whether these are the digits of one of the targets, in groups that no number has."""
    if any(target.spelled for target in owners):
        return False
    seen = _as_seen(written, is_url=kind.writing == "url", is_utf8=charset.codec == "utf-8")
    if seen is None or is_shaped(seen.translate(None, b"\0"), owners[index]):
        return False
    digits = b"".join(_DIGITS.findall(seen)).decode("ascii")
    return not _may_be_another(digits, owners[:index] + owners[index + 1 :])


def _as_seen(written: bytes, *, is_url: bool, is_utf8: bool) -> bytes | None:
    """Return the shadow of a number."""
    if not written.isascii():
        if not is_utf8:
            return None
        written = written.replace(b"\xc2\xa0", b" \0").replace(b"\xe2\x80\x91", b"-\0\0")
    if b"&" in written:
        for reference, sign in _REFERENCES.items():
            written = written.replace(reference, sign)
    if written.startswith(b"%"):
        return b"+\0\0" + written[3:] if is_url else None
    return written


def _may_be_another(digits: str, others: tuple[Target, ...]) -> bool:
    return any(form in digits for target in others for form in target.forms)


@cache
def _left(charset: Charset) -> re.Pattern[bytes]:
    sign = rb"(?:[A-Za-z:,!?\"'=]|" + letter(charset) + rb")"
    return re.compile(sign + rb"\(?+" + _WS + rb"[\t\n\f\r (]*+\Z")


@cache
def _right(charset: Charset) -> re.Pattern[bytes]:
    word = rb"(?:[A-Za-z]|" + letter(charset) + rb")"
    inline = rb"</?+" + _INLINE + rb"(?:>|" + REST + rb")"
    gap = rb"(?:" + _WS + rb"|" + inline + rb")"
    behind_dot = _WS + rb"*+" + BLOCK + rb"|" + _WS + rb"++" + word
    return re.compile(
        gap + rb"*+" + BLOCK + rb"|" + gap + rb"++" + word + rb"|," + _WS + rb"|;"
        rb"|\.(?:" + behind_dot + rb")"
    )


@cache
def letter(charset: Charset) -> bytes:
    """Return the pattern of a letter that is not of ASCII: a Cyrillic one, or one byte."""
    if charset.codec == "utf-8":
        return rb"[\xd0\xd1][\x80-\xbf]"
    if not charset.single_byte:
        return rb"(?!)"
    high = bytes(range(0x80, 0x100))
    letters = [each for each in high if bytes([each]).decode(charset.codec, "replace").isalpha()]
    return rb"[" + b"".join(rb"\x%02x" % each for each in letters) + rb"]" if letters else rb"(?!)"


_CLEAR = frozenset((Mode.DATA, Mode.VALUE, Mode.RAW))
_REFERENCES = {
    reference: sign + bytes(len(reference) - 1)
    for sign, references in SIGNS.items()
    for reference in references
}
_DIGITS = re.compile(rb"[0-9]++")
_LINK_START = re.compile(rb"(?:[:=]|[a-zA-Z]/)\Z")
_NO_TEXT = re.compile(rb"[&<>\\%\0\1]")
