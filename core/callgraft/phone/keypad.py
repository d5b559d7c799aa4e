"""Numbers spelled with the letters of the keypad: ``1-800-FLOWERS``."""

from __future__ import annotations

import phonenumbers

from callgraft.phone.number import Number

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "22233344455566677778889999"
_SHORTEST = 5


def may_be_spelled(number: Number) -> bool:
    """Whether people spell it: toll-free numbers, of which enough is left to spell."""
    parsed = phonenumbers.parse(number.e164)
    toll_free = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE
    return toll_free and number.area > 0 and len(number.national) - number.area >= _SHORTEST


def keys(digit: str) -> bytes:
    """Return the digit and the letters on its key, as a pattern of one ASCII byte."""
    letters = "".join(one for one, key in zip(LETTERS, DIGITS, strict=True) if key == digit)
    return f"[{digit}{letters}{letters.lower()}]".encode("ascii")
