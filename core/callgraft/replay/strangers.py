"""Calls by people who are on none of the pages: they dialled wrong, or kept the number for long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from callgraft.tracking.tables import Tables


class Strangers:
    """Draws strangers' calls to the numbers of a scenario, as the weights say."""

    def __init__(
        self,
        numbers: Sequence[tuple[str, str]],
        tables: Tables,
        random: Random,
        *,
        since: datetime,
    ) -> None:
        self._numbers = numbers
        self._rates = list(accumulate(tables.strays(number) for number, _ in numbers))
        self._busiest = max(tables.hour)
        self._hour = tables.hour
        self._random = random
        self._at = since
        self._left = random.expovariate(1.0)

    def any_number(self) -> tuple[str, str]:
        """A number that a stranger may dial, and its pool."""
        if not self._rates[-1]:
            return self._random.choice(self._numbers)
        [found] = self._random.choices(self._numbers, cum_weights=self._rates)
        return found

    def until(self, at: datetime, times: float) -> Iterator[tuple[str, str, datetime]]:
        """
        Yield number, pool and moment of the calls that ring by then.

        :param times: how many times over calls are drawn.
        """
        rate = self._rates[-1] * self._busiest * times if self._rates else 0.0
        while rate and self._left <= rate * (at - self._at).total_seconds():
            self._at += timedelta(seconds=self._left / rate)
            self._left = self._random.expovariate(1.0)
            # Drawn for the busiest hour, and thinned for the others.
            if self._random.random() * self._busiest <= self._hour[self._at.astimezone(UTC).hour]:
                yield *self.any_number(), self._at
        if at > self._at:
            self._left -= rate * (at - self._at).total_seconds()
            self._at = at
