"""Country codes of ISO 3166-1, and which of them phone numbers are read by."""

from __future__ import annotations

from phonenumbers import SUPPORTED_REGIONS

DIALLED: frozenset[str] = frozenset(SUPPORTED_REGIONS)
"""Countries with a numbering plan of their own: those by which notations can be read."""

COUNTRIES: frozenset[str] = DIALLED | {"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}
"""All countries, those without telephones of their own among them."""

_CONFUSED = {"UK": "GB", "EN": "GB", "SU": "RU", "EL": "GR"}


def meant_country(written: str) -> str | None:
    """The country that a wrong code stands for, like ``GB`` for ``uk``, or None."""
    upper = written.strip().upper()
    meant = _CONFUSED.get(upper, upper)
    return meant if meant in COUNTRIES else None


def country_problem(written: str) -> tuple[str, str]:
    """What is wrong with a country code, and the cure."""
    meant = meant_country(written)
    example = 'Write two capital letters of ISO 3166-1, like "RU".'
    return "no country has this code.", f'Write "{meant}".' if meant else example
