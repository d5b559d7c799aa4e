"""
Promo codes: a few digits beside the number, which a caller reads out and which name the session.

The last digit is a check digit by H. Michael Damm's quasigroup of order 10 ("Total
anti-symmetrische Quasigruppen", thesis, Marburg 2004, p. 111): it catches every single wrong digit
and every swap of two neighbours.

There is one code per session, not per visitor. Whoever notes a code down and rings days later
proves that visit, with its campaign; a visitor's newest session would be whatever came since. The
visitor follows from the session.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import randbelow

from callgraft.errors import MistypedCode, StoreUnavailable
from callgraft.stores.protocol import Transaction
from callgraft.tracking.promo_values import PromoCode, PromoVisit, PromoWanted

SHORTEST, LONGEST = 4, 12
"""Digits of a code, the check digit among them."""

_TRIES = 4
"""
So many codes of one length are tried before they become longer.

While half of a length is in use, one session in sixteen gets a longer one: nobody has to count.
"""
_QUASIGROUP = (
    *("0317598642", "7092154863", "4206871359", "1750983426", "6123045978"),
    *("3674209581", "5869720134", "8945362017", "9438617205", "2581436790"),
)


def promo_code(
    transaction: Transaction, wanted: PromoWanted, *, draw: Callable[[int], int] = randbelow
) -> str:
    """
    The session's code, issued now if it has none.

    :raises StoreUnavailable: all codes are in use, which takes 10¹¹ sessions.
    """
    for digits in range(max(wanted.digits, SHORTEST), LONGEST + 1):
        for _ in range(_TRIES):
            known = transaction.code_of(wanted.site, wanted.session)
            if known is not None:
                return known.code  # perhaps issued a moment ago, in another tab
            issued = _issued(wanted, _drawn(digits, draw))
            if transaction.add_code(issued):
                return issued.code
    raise StoreUnavailable(f"The site {wanted.site!r} has no promo code left.")


def promo_visit(transaction: Transaction, site: str, code: str) -> PromoVisit | None:
    """Whose code it is; None where nobody has it, or has it no more."""
    found = transaction.promo_code(site, code)
    if found is None:
        return None
    stays = transaction.sessions_of(site, found.visitor)
    stay = next((each for each in stays if each.session == found.session), None)
    return PromoVisit(code=found, stay=stay)


def read_code(written: str) -> str:
    """
    Return the digits of a code as somebody typed it: spaces, hyphens and dots do not count.

    :raises MistypedCode: no code looks so: it was misheard, or mistyped.
    """
    code = _BETWEEN.sub("", written.strip())
    if not code.isascii() or not code.isdigit() or not SHORTEST <= len(code) <= LONGEST:
        raise MistypedCode(written, f"a code is made of {SHORTEST} to {LONGEST} digits")
    if _interim(code) != 0:
        raise MistypedCode(written, "its last digit does not fit the others")
    return code


def with_check_digit(digits: str) -> str:
    """Return the digits with the one that makes them a code."""
    # The diagonal is 0, so the digit that leads to 0 is the interim one itself.
    return f"{digits}{_interim(digits)}"


def _interim(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = int(_QUASIGROUP[interim][int(digit)])
    return interim


def _drawn(digits: int, draw: Callable[[int], int]) -> str:
    """A code that does not begin with 0, which people leave out."""
    first = 10 ** (digits - 2)
    return with_check_digit(str(first + draw(9 * first)))


def _issued(wanted: PromoWanted, code: str) -> PromoCode:
    return PromoCode(
        site=wanted.site,
        code=code,
        session=wanted.session,
        visitor=wanted.visitor,
        issued_at=wanted.at,
    )


_BETWEEN = re.compile(r"[\s.\-\u2010-\u2015\u2212]")
