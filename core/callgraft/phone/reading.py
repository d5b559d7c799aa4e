"""From any notation to a number."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from callgraft.errors import NotANumber
from callgraft.phone.areas import geographic_area, known_area
from callgraft.phone.keypad import DIGITS, LETTERS
from callgraft.phone.number import Number
from callgraft.phone.old import without_old_prefix

# No notation is longer, with label and extension; whoever sends more means no good.
_LONGEST = 100
_LABEL = re.compile(
    r"(?:tel|callto|sms|phone|ph|fax|mob|тел|телефон|факс|моб|т)\b[.:\s]*", re.IGNORECASE
)
_EXTENSION = re.compile(
    r"(?:[\s,;]*(?:доб(?:авочный)?|вн(?:утр)?|доп|extension|extn?|ramal|anexo|int|dw|x|#)[.:=\s]*"
    r"|[,;]+(?:ext=)?\s*)\d{1,7}[\s)]*$",
    re.IGNORECASE,
)
_NOTATION = re.compile(r"[( ]*\+?[0-9A-Z ()./~-]+")
_VANITY = re.compile(r"[( ]*\+?[0-9][^A-Z]*(?:[A-Z][^A-Z]*){3,}")
_KEYPAD = str.maketrans(LETTERS, DIGITS)
_RUN = re.compile("[0-9]+")
_BRACKETS = re.compile(r"\([^()]*\)")
# Whoever writes for readers abroad uses their exit code, not that of the number's own country.
_EXIT_CODES = ("00", "810", "011")


def read(text: str, region: str | None = None) -> Number:
    """
    Read a number in any notation.

    Digits of every script, every kind of space, hyphen and bracket, an extension (which is left
    out) and letters of the keypad (``1-800-FLOWERS``, capitals only) are understood. A number only
    has to be possible: right in length, area code included.

    :param region: ISO 3166-1 code by which national notations are read; None takes international
        ones only.
    :raises NotANumber: not even a possible number.
    """
    number = _read(text, region)
    if number is None:
        raise NotANumber(text, region)
    return number


@lru_cache(maxsize=4096)
def _read(text: str, region: str | None) -> Number | None:
    plain = _plain(text) if len(text) <= _LONGEST else None
    if plain is None:
        return None
    if region in ("RU", "KZ") and re.match(r"[( ]*\+8(?![0-9])", plain):
        plain = plain.replace("+", "", 1)  # "+8 (495) …" is a common slip; no country has code 8
    parsed = _parse("".join(_RUN.findall(plain)), "+" in plain, region)
    if parsed is None:
        return None
    national = phonenumbers.national_significant_number(parsed)
    return Number(
        e164=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        country_code=str(parsed.country_code),
        national=national,
        area=_area(plain, national, parsed),
    )


def _plain(text: str) -> str | None:
    """Bring a notation down to ASCII digits, a plus, and a few separators."""
    plain = "".join(map(_ascii, text))
    plain = re.sub(r"^[^\w+(]+", "", plain)  # a telephone sign or a bullet before it
    label = _LABEL.match(plain)
    if label is not None:
        plain = plain[label.end() :]
    plain = _EXTENSION.sub("", plain).strip()
    if _NOTATION.fullmatch(plain) is None:
        return None
    if re.search("[A-Z]", plain) is None:
        return plain
    return plain.translate(_KEYPAD) if _VANITY.fullmatch(plain) else None


def _ascii(char: str) -> str:
    if char.isascii():
        return {"[": "(", "]": ")", "\t": " ", "\n": " ", "\r": " "}.get(char, char)
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    category = unicodedata.category(char)
    if category == "Cf":  # soft hyphen, zero-width characters, marks of direction
        return ""
    if category == "Zs":
        return " "
    if category == "Pd" or char in "\u2212\u2043":  # minus sign, hyphen bullet
        return "-"
    return {"·": ".", "•": ".", "∙": ".", "⋅": "."}.get(char) or unicodedata.normalize("NFKC", char)


def _parse(digits: str, international: bool, region: str | None) -> phonenumbers.PhoneNumber | None:
    digits = without_old_prefix(digits, international, region)
    if international:
        return _possible("+" + digits, None)
    parsed = _possible(digits, region) if region else None
    for code in _EXIT_CODES:
        if parsed is None and digits.startswith(code):
            parsed = _possible("+" + digits.removeprefix(code), None)
    return parsed


def _possible(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Not is_possible_number: that takes numbers without an area code too, and they ring nowhere.
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if reason == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _area(plain: str, national: str, parsed: phonenumbers.PhoneNumber) -> int:
    """Whoever wrote brackets knows the area code best; then phonenumbers; then the grouping."""
    digits = "".join(_RUN.findall(plain))
    written = digits.endswith(national)  # an Argentine mobile number is not
    start = len(digits) - len(national)
    found = _bracketed(plain, start, national) if written else 0
    if not found and parsed.country_code != 7:
        found = geographic_area(parsed) if phonenumbers.is_valid_number(parsed) else 0
    if not found and written:
        found = _first_group(plain, start, national)
    return found or known_area(parsed)


def _bracketed(plain: str, start: int, national: str) -> int:
    for match in _BRACKETS.finditer(plain):
        begin = sum(char.isdigit() for char in plain[: match.start()])
        area = begin + sum(char.isdigit() for char in match.group()) - start
        if begin <= start and 1 <= area <= 5 and len(national) - area >= 4:
            return area
    return 0


def _first_group(plain: str, start: int, national: str) -> int:
    """Take the group in which the national number begins for its area code, if it looks so."""
    begin = 0
    for run in _RUN.findall(plain):
        end = begin + len(run)
        if begin <= start < end:
            area = end - start
            return area if 3 <= area <= 5 and len(national) - area >= 5 else 0
        begin = end
    return 0
