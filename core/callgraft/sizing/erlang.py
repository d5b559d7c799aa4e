"""Erlang's loss formula: how often whoever comes finds every number taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice


def blocked(numbers: int, load: float) -> float:
    """
    Return the share of arrivals that find all ``numbers`` taken.

    :param load: in erlangs: arrivals per minute times the minutes that each holds a number.

    Source: A. K. Erlang's B formula (1917), by its recursion, which neither overflows nor loses
    digits: B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)).
    """
    return next(islice(by_numbers(load), numbers, None))


def by_numbers(load: float) -> Iterator[float]:
    """Yield the share that is turned away with 0, 1, 2… numbers, without an end."""
    share, count = 1.0, 0
    while True:
        yield share
        count += 1
        share = load * share / (count + load * share)
