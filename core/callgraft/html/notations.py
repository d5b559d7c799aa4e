"""What counts as a target to a reader: strict patterns over a `shadow`."""

from __future__ import annotations

import re

from callgraft.phone import Number, forms, keys, local_form, may_be_spelled
from callgraft.site import Target

_SPACE = rb"[\0\t\n\f\r ]*+"
_GAP = rb"(?:" + _SPACE + rb"(?:[-./()]" + _SPACE + rb"){0,3}+)"
_PLUS = rb"(?P<plus>\+)" + _SPACE + rb"(?:\(" + _SPACE + rb")?+"
SIGNS = {b" ": (b"&nbsp;", b"&#160;"), b"-": (b"&#8209;", b"&ndash;", b"&#8211;")}
"""The references that people separate digits by, and what they are in a shadow."""
_WRITTEN_SPACE = rb"(?:[\t\n\f\r ]|" + rb"|".join(SIGNS[b" "]) + rb"|\xc2\xa0)*+"
_WRITTEN_SIGN = rb"(?:[-./()]|" + rb"|".join(SIGNS[b"-"]) + rb"|\xe2\x80\x91)"
_WRITTEN_GAP = rb"(?:" + _WRITTEN_SPACE + rb"(?:" + _WRITTEN_SIGN + _WRITTEN_SPACE + rb"){0,3}+)"
_WRITTEN_PLUS = rb"(?P<plus>\+|%2[bB])" + _WRITTEN_SPACE + rb"(?:\(" + _WRITTEN_SPACE + rb")?+"


def written_forms(target: Target) -> tuple[str, ...]:
    """Return all digit strings under which a target may be written, longest first."""
    local = local_form(target.number) if target.local else None
    return forms(target.number) + ((local,) if local else ())


def notations(target: Target) -> re.Pattern[bytes]:
    """Return the pattern of all its notations in a shadow."""
    return _notations(target, _PLUS, _GAP)


def as_written(target: Target) -> re.Pattern[bytes]:
    """
    Return the pattern of its most common notations in the bytes of a page.

    Where it matches, the other matches in the shadow of these bytes, and gives the same.
    """
    return _notations(target, _WRITTEN_PLUS, _WRITTEN_GAP)


def _notations(target: Target, plus: bytes, gap: bytes) -> re.Pattern[bytes]:
    number = target.number
    plain, after_plus = [], []
    for form in written_forms(target):
        digits = gap.join(bytes([digit]) for digit in form.encode("ascii"))
        plain.append(digits)
        # +4951234567 is somebody else's, in Germany.
        if form.startswith(number.country_code) and len(form) > len(number.national):
            after_plus.append(digits)
    return re.compile(
        plus + rb"(?:" + rb"|".join(after_plus) + rb")|" + rb"|".join(plain),
    )


def spelling(number: Number) -> re.Pattern[bytes] | None:
    """Return the pattern of a toll-free number in letters of the keypad; None for any other."""
    if not may_be_spelled(number):
        return None
    spelled = len(number.national) - number.area
    ways = []
    for form in forms(number):
        head, tail = form[:-spelled].encode("ascii"), form[-spelled:]
        ways.append(_GAP.join((*(bytes([digit]) for digit in head), *map(keys, tail))))
    return re.compile(rb"(?:" + _PLUS + rb")?+(?:" + rb"|".join(ways) + rb")")
