"""Phone numbers: reading any notation, and printing one number in another number's notation."""

from __future__ import annotations

from collections.abc import Sequence
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


def read(text: str, region: str | None = None) -> Number:
    """
    Read a number in any notation.

    :param region: ISO 3166-1 code by which national notations are read; None takes international
        ones only.
    :raises NotANumber: not even a possible number.
    """
    raise NotImplementedError


def regroup(groups: Sequence[str], target: Number, tracking: Number) -> list[str] | None:
    """
    Give each written group of the target's digits its part of the tracking number.

    :param groups: the runs of digits of one written target in order, ``["8", "495", "123", "45",
        "67"]``; a leading ``+`` or international prefix is not part of them where it is no digit.
    :return: as many groups, ``["8", "4812", "34", "56", "78"]``; a group may become empty where the
        tracking number is shorter; None when the groups are no notation of the target.
    """
    raise NotImplementedError


def print_like(written: str, target: Number, tracking: Number) -> str:
    """Print ``tracking`` in the notation in which ``written`` shows ``target``."""
    raise NotImplementedError
