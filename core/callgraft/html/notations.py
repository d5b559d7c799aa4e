"""What counts as a target to a reader: strict patterns over a `shadow`."""

from __future__ import annotations

import re

from callgraft.phone import Number, forms, keys, local_form, may_be_spelled
from callgraft.site import Target

_SPACE = rb"[\0\t\n\f\r ]*+"
_GAP = rb"(?:" + _SPACE + rb"(?:[-./()]" + _SPACE + rb"){0,3}+)"
_PLUS = rb"(?P<plus>\+)" + _SPACE + rb"(?:\(" + _SPACE + rb")?+"


def written_forms(target: Target) -> tuple[str, ...]:
    """Return all digit strings under which a target may be written, longest first."""
    local = local_form(target.number) if target.local else None
    return forms(target.number) + ((local,) if local else ())


def notations(target: Target) -> re.Pattern[bytes]:
    """Return the pattern of all its notations."""
    number = target.number
    plain, after_plus = [], []
    for form in written_forms(target):
        digits = _GAP.join(bytes([digit]) for digit in form.encode("ascii"))
        plain.append(digits)
        # +4951234567 is somebody else's, in Germany.
        if form.startswith(number.country_code) and len(form) > len(number.national):
            after_plus.append(digits)
    return re.compile(
        _PLUS + rb"(?:" + rb"|".join(after_plus) + rb")|" + rb"|".join(plain),
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
