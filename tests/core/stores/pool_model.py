"""A simple model of one pool: who has which number, and until when nobody else may get it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callgraft.stores.types import EPOCH
from callgraft.tracking.holds import remembered_for
from tests.core.tracked import HOLD, MINUTE

Holder = tuple[str, str]
"""A session and the target that it has a number for; a visitor's sessions begin with one letter."""

QUIET = timedelta(hours=1)


@dataclass
class Hold:
    """What one session has of a number."""

    network: str
    is_person: bool = False
    seen_at: datetime = EPOCH
    until: datetime = EPOCH

    def renew(self, now: datetime, *, is_person: bool) -> None:
        self.is_person = self.is_person or is_person
        self.seen_at = max(self.seen_at, now)
        self.until = max(self.until, now + (HOLD if self.is_person else 5 * MINUTE))

    def end(self, now: datetime) -> datetime:
        """When the hold is over if a document ends it now."""
        return self.until if self.until > now else max(now, self.seen_at)


@dataclass
class Modelled:
    """One number: what documents made of it, who rang it, and who has it."""

    state: str = "out"
    since: datetime = EPOCH
    was_quiet: bool = False
    rang_at: datetime = EPOCH
    holds: dict[Holder, Hold] = field(default_factory=dict)
    left: set[Holder] = field(default_factory=set)  # whom a document took it from
    idle_since: datetime = EPOCH

    @property
    def rank(self) -> tuple[datetime, int]:
        """The smaller, the sooner it is shared."""
        return max(hold.seen_at for hold in self.holds.values()), len(self.holds)

    def list_as(self, listing: str, now: datetime) -> None:
        """A document comes into force."""
        stays_out = listing == "quarantined" and self.state == "active" and self.was_quiet
        if stays_out:
            return
        if self.state == "active" and listing != "active" and self.holds:
            self.idle_since = max(hold.end(now) for hold in self.holds.values())
            self.left = set(self.holds)
            self.holds = {}
        if self.state != listing:
            self.since = now
        self.state, self.was_quiet = listing, False

    def settle(self, now: datetime) -> None:
        if self.state == "quarantined" and max(self.since, self.rang_at) + QUIET <= now:
            self.state, self.since, self.was_quiet = "active", now, True

    def leave(self, session: str, now: datetime) -> int:
        """The session ends; how many of its targets had the number."""
        ended = [holder for holder in self.holds if holder[0] == session]
        for holder in ended:
            hold = self.holds.pop(holder)
            end = max(now, hold.seen_at)
            if not self.holds:
                self.idle_since = min(max(end, hold.until), end + remembered_for(HOLD))
        return len(ended)

    def is_over(self, rested: datetime) -> bool:
        """Whether every hold on it was over by then, or it was idle."""
        if self.holds:
            return all(hold.until <= rested for hold in self.holds.values())
        return self.idle_since <= rested


class PoolModel(dict[str, Modelled]):
    """The numbers of the pool by E.164."""

    def active(self) -> Iterator[tuple[str, Modelled]]:
        return ((number, each) for number, each in self.items() if each.state == "active")

    def of(self, holder: Holder) -> list[str]:
        return [number for number, each in self.items() if holder in each.holds]

    def free(self, rested: datetime) -> list[str]:
        return [n for n, each in self.active() if not each.holds and each.is_over(rested)]

    def reclaimable(self, rested: datetime) -> list[str]:
        return [n for n, each in self.active() if each.holds and each.is_over(rested)]

    def held_by_others(self, session: str) -> dict[str, tuple[datetime, int, str]]:
        """Numbers that the session may share, each with its rank: the smaller, the sooner."""
        return {
            number: (*each.rank, number)
            for number, each in self.active()
            if each.holds and all(holder[0] != session for holder in each.holds)
        }

    def in_force(self, network: str, now: datetime) -> list[Hold]:
        """The holds that are guaranteed to sessions of the network."""
        holds = [hold for each in self.values() for hold in each.holds.values()]
        return [hold for hold in holds if hold.network == network and hold.until > now]
