"""What a number is made of, and how its own country writes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from callgraft.phone.areas import known_area


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """
    The parts of a number.

    From abroad one dials ``country_code + abroad_mark + area + subscriber``, at home ``trunk + area
    + home_mark + subscriber``. The marks are those of an Argentine mobile number (9 and 15), else
    empty. ``trunk`` is empty where this number is usually written without one; ``trunks`` are all
    that may be written. ``exit_code`` is how its country dials abroad, if by a fixed row of digits.
    """

    region: str
    country_code: str
    area: str
    subscriber: str
    trunk: str
    trunks: tuple[str, ...]
    exit_code: str
    abroad_mark: str = ""
    home_mark: str = ""
    has_local_form: bool = False


@lru_cache(maxsize=16384)
def anatomy(e164: str, area: int) -> Anatomy:
    """
    Take a number apart; ``area`` is how long its area code is, 0 where the caller does not know.

    Not by `Number`: equal ones may differ in what is known of their area code.
    """
    parsed = phonenumbers.parse(e164)
    national = phonenumbers.national_significant_number(parsed)
    area = area or known_area(parsed)
    region = phonenumbers.region_code_for_number(
        parsed
    ) or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    metadata = PhoneMetadata.metadata_for_region(region, None)
    prefix = (metadata.national_prefix if metadata else None) or ""
    home = _national_format(parsed)
    mobile = _argentine_mobile(national, area, home)
    trunk = home[: -len(national)] if home.endswith(national) else prefix if mobile else ""
    return Anatomy(
        region=region,
        country_code=str(parsed.country_code),
        area=national[mobile:area],
        subscriber=national[area:],
        trunk=trunk,
        trunks=_trunks(parsed, national, region, trunk, prefix),
        exit_code=_exit_code(metadata),
        abroad_mark="9" if mobile else "",
        home_mark="15" if mobile else "",
        has_local_form=_has_local_form(parsed, len(national), area),
    )


def _trunks(
    parsed: phonenumbers.PhoneNumber, national: str, region: str, usual: str, prefix: str
) -> tuple[str, ...]:
    """Add the country's trunk prefix where this number rings behind it; Colombia's 300 does not."""
    if not prefix or prefix == usual:
        return (usual,) if usual else ()
    rings = phonenumbers.parse(prefix + national, region) == parsed
    return tuple(filter(None, (usual, prefix if rings else "")))


def _national_format(parsed: phonenumbers.PhoneNumber) -> str:
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.normalize_digits_only(written)


def _argentine_mobile(national: str, area: int, home: str) -> bool:
    """Whether ``9 11 4321 1234`` is written ``11 15 4321 1234`` at home."""
    return (
        national.startswith("9")
        and area > 1
        and home.endswith(national[1:area] + "15" + national[area:])
    )


def _exit_code(metadata: PhoneMetadata | None) -> str:
    if metadata is None:
        return ""
    code = metadata.preferred_international_prefix or metadata.international_prefix or ""
    code = code.replace("~", "")
    return code if code.isdigit() else ""


def _has_local_form(parsed: phonenumbers.PhoneNumber, digits: int, area: int) -> bool:
    """Whether neighbours may dial it without its area code; nobody can with 800."""
    by_place = phonenumbers.length_of_geographical_area_code(parsed) > 0
    return by_place and area > 0 and digits - area >= 5
