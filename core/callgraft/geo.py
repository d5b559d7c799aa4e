"""Where a visitor is: an address to country, region and city."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """``country`` as ISO 3166-1 (``RU``), ``region`` as ISO 3166-2 (``RU-MOW``), ``city`` by name."""

    country: str = ""
    region: str = ""
    city: str = ""


NOWHERE = Location()
