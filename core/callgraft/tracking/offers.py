"""The numbers that a session may get, the one that costs least first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Protocol

from callgraft.stores.lease_book import Candidate, LeaseBook, Rested
from callgraft.stores.protocol import Transaction
from callgraft.tracking.values import Chosen, PageView, Wanted

LOOKED_AT = 128
"""How many numbers a choice is made among: those that are idle longest."""

SAME_NUMBER = 0.003
"""What it may cost more that a visitor sees the number of the last visit again."""

Price = Callable[[Sequence[str]], Sequence[float]]
"""What each of some numbers costs for one session, in wrong calls to expect."""


class Prices(Protocol):
    """What a number costs, as far as that is known."""

    def price(self, transaction: Transaction, view: PageView, wanted: Wanted) -> Price | None:
        """What tells the costs of the pool's numbers for this page view; None: nobody knows."""
        ...


class Offers:
    """
    What one page view may choose from; read and priced when it is asked for, and only once.

    There is nothing where nobody can tell prices: then whichever number is idle longest is next.
    """

    def __init__(
        self, book: LeaseBook, view: PageView, wanted: Wanted, rested: Rested, price: Price | None
    ) -> None:
        self._book, self._view, self._wanted, self.rested = book, view, wanted, rested
        self._price = price
        self._found: Sequence[tuple[float, Candidate]] | None = None

    def cheapest(self) -> Sequence[tuple[float, Candidate]]:
        """Candidates and their costs; of those that cost the same the one idle longest first."""
        if self._found is None:
            self._found = self._priced(self._price) if self._price else ()
        return self._found

    def is_worth_it(self, number: str) -> bool:
        """Whether the visitor's previous number costs hardly more than the cheapest one."""
        best = self.cheapest()
        if not best or self._price is None:
            return True
        return self._price([number])[0] <= best[0][0] + SAME_NUMBER

    def by_cost(self, numbers: Sequence[str]) -> Sequence[str]:
        """Numbers that are held, the one that costs least first; else as they are."""
        if self._price is None:
            return numbers
        costs = dict(zip(numbers, self._price(numbers), strict=True))
        return sorted(numbers, key=costs.__getitem__)

    def chosen(self, number: str, others: Sequence[str] = ()) -> Chosen | None:
        """
        What the choice of the number went by; None where none was made.

        :param others: those that it was chosen from, where these are not the candidates.
        """
        if self._price is None:
            return None
        priced = self._others(others, self._price) if others else self.cheapest()
        cost = next((cost for cost, each in priced if each.number == number), None)
        rest = next(((cost, each) for cost, each in priced if each.number != number), None)
        return Chosen(
            cost=self._price([number])[0] if cost is None else cost,
            among=len(priced),
            runner_up=rest[1].number if rest else "",
            runner_up_cost=rest[0] if rest else None,
        )

    def _others(self, numbers: Sequence[str], price: Price) -> Sequence[tuple[float, Candidate]]:
        held = (Candidate(number, is_free=False) for number in numbers)
        return sorted(zip(price(numbers), held, strict=True), key=itemgetter(0))

    def _priced(self, price: Price) -> Sequence[tuple[float, Candidate]]:
        site, pool = self._view.site, self._wanted.pool
        found = self._book.candidates(site, pool, self.rested, limit=LOOKED_AT)
        costs = price([each.number for each in found])
        order = sorted(range(len(found)), key=costs.__getitem__)
        return [(costs[place], found[place]) for place in order]
