"""What stands around a candidate that is beyond doubt no notation of a target."""

from __future__ import annotations

import re
from functools import cache

from callgraft.html.charset import Charset
from callgraft.html.glance import BLOCK, is_block_before, letter, text_start
from callgraft.html.mode import Mode
from callgraft.html.targets import Target
from callgraft.html.walk import Walker

_BEFORE = 40
_AFTER = 40


def is_denied(
    page: bytes | bytearray,
    walker: Walker,
    first: int,
    owners: tuple[Target, ...],
    charset: Charset,
) -> bool:
    """
    Whether no notation of these targets goes over ``first``.

    A notation ends where digits end. So it is none if there is a row of digits which it would cut
    in two; nor if it would have to go over a letter.
    """
    if not page[first : first + 1].isdigit() or charset.trailing_digits:
        return False
    begin = max(first - _BEFORE, text_start(walker))
    before = bytes(page[begin:first])
    forms = [form for target in owners for form in target.forms]
    if _cuts_digits(page, first, before, forms):
        return True
    rest = before.rstrip(_NUMBER)
    run = _NUMBER_RUN.match(page, first, first + _AFTER)
    digits = (before[len(rest) :] + (run[0] if run else b"")).translate(None, _NO_DIGITS).decode()
    if run is None or any(form in digits for form in forms):
        return False
    letters = b"" if any(target.spelled for target in owners) else b"A-Za-z"
    if not _ends(charset, letters).match(page, run.end()):
        return False
    if rest and not _ODD.search(rest) and _begins(charset, letters).search(rest):
        return True
    at = begin + len(rest)
    if walker.mode is Mode.DATA:
        return is_block_before(page, walker.since, at)
    return walker.mode is Mode.VALUE and at == walker.start


def _cuts_digits(page: bytes | bytearray, first: int, before: bytes, forms: list[str]) -> bool:
    rest = before.rstrip(_DIGIT)
    if rest.endswith(b"."):
        # It does not begin behind a point with digits before it: those would be a part of it.
        rest = rest[:-1].rstrip(_DIGIT)
    if rest[-1:] not in _BEFORE_DIGITS:
        return False
    run = _DIGITS.match(page, first)
    digits = (before[len(rest) :] + (run[0] if run else b"")).replace(b".", b"").decode("ascii")
    return not any(digits in form for form in forms)


@cache
def _begins(charset: Charset, letters: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[:,!?\"'=;" + letters + rb"]|" + letter(charset) + rb")\Z")


@cache
def _ends(charset: Charset, letters: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[:,!?\"'=;" + letters + rb"]|" + letter(charset) + rb"|" + BLOCK)


_DIGIT = b"0123456789"
_NUMBER = b"0123456789+-./() \t\n\f\r"
_NUMBER_RUN = re.compile(rb"[0-9+\-./() \t\n\f\r]*+")
_DIGITS = re.compile(rb"[0-9]*+")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_BEFORE_DIGITS = frozenset(bytes([sign]) for sign in b" \t\n\r>:,\"'(;=-+")
_ODD = re.compile(rb"[&\\%\0\1]")
