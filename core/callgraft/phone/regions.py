"""The region that a phone number's area code tells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from callgraft.phone.area_codes import east, west

_BY_COUNTRY: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("7", east.RUSSIA),
    ("7", east.KAZAKHSTAN),
    ("380", east.UKRAINE),
    ("375", east.BELARUS),
    ("1", west.UNITED_STATES),
    ("1", west.CANADA),
    ("44", west.UNITED_KINGDOM),
    ("49", west.GERMANY),
)
_LONGEST = 7


def region_of(e164: str) -> str:
    """
    Return the region as ISO 3166-2, like ``RU-MOW``; "" where the number does not tell.

    Mobile numbers tell none, but in North America; those of a region can ring from another one.
    """
    digits = e164.removeprefix("+")
    by_prefix = _by_prefix()
    for length in range(min(_LONGEST, len(digits)), 0, -1):
        found = by_prefix.get(digits[:length])
        if found is not None:
            return found
    return ""


@cache
def _by_prefix() -> Mapping[str, str]:
    """Regions by the first digits of numbers, the country's code included."""
    listed = {
        country + code: region
        for country, regions in _BY_COUNTRY
        for region, codes in regions.items()
        for code in codes.split()
    }
    return listed | {"44" + code: "" for code in west.NOWHERE}
