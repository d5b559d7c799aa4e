"""Page views that only renew what the session has, where a store does that in fewer steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from callgraft.tracking.allocation import renewed_leases
from callgraft.tracking.values import Assignment, Lease, PageView, Shown, Wanted, Why


@runtime_checkable
class RenewingStore(Protocol):
    """A store that renews without a transaction over several steps."""

    def open_leases(self, view: PageView) -> Sequence[Lease] | None:
        """The open leases of the page view's session; None: unknown, or ask in a transaction."""
        ...

    def renew(self, view: PageView, lease: Lease) -> bool:
        """Log the page view and renew the lease, or return False and leave the lease."""
        ...


Costs = Callable[[Wanted], Mapping[str, float] | None]
"""
What numbers of a pool cost the session; those that are not named cost nothing.

None where nobody knows: then the number that is idle longest is as good as another.
"""


@runtime_checkable
class PromptStore(Protocol):
    """A store that gives numbers first, and writes the log a moment later."""

    def at_once(
        self, view: PageView, *, costs: Costs, check: Callable[[], None]
    ) -> tuple[Assignment, ...] | None:
        """
        The page view's numbers, None where they take a transaction.

        :param costs: asked for each pool that the page needs a number of.
        :param check: raises when nobody waits for the answer any more.
        """
        ...

    def catch_up(self, site: str) -> None:
        """Write the log, whoever gave the numbers."""
        ...


def renewal(
    store: RenewingStore, view: PageView, *, check: Callable[[], None]
) -> tuple[Assignment, ...] | None:
    """
    The answer to a page view that wants one number, which its session has; None for all others.

    :param check: raises when nobody waits for the answer any more.
    """
    if len(view.wanted) != 1:
        return None
    [wanted] = view.wanted
    there = store.open_leases(view)
    renewed = renewed_leases(there, view) if there else {}
    lease = renewed.get((wanted.pool, wanted.target))
    if lease is None:
        return None
    check()
    if not store.renew(view, lease):
        return None
    assigned = Assignment(
        target=wanted.target,
        shown=Shown.LEASE,
        number=lease.number,
        pool=wanted.pool,
        lease=lease,
        why=Why.KEPT,
    )
    return (assigned,)
