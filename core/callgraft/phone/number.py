"""The value that stands for a phone number."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """
    A phone number.

    ``e164`` is ``+74951234567``; ``country_code`` is ``7``; ``national`` is the national
    significant number ``4951234567``; ``area`` is how many of its digits are the area code (0 where
    it has none or nobody knows). Two numbers are equal when their E.164 is.
    """

    e164: str
    country_code: str = field(compare=False)
    national: str = field(compare=False)
    area: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.e164
