"""Exclusivity against a simple model: whatever happens in whatever order, by whatever clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from callgraft.client import EmbeddedClient
from callgraft.stores import open_store
from callgraft.stores.types import EPOCH
from callgraft.tracking.values import Assignment, Shown
from tests.core.stores.racing import in_order, overlaps
from tests.core.tracked import FIRST, HOLD, MINUTE, NOON, SECOND, THIRD, pool, site, view, wanted

DAY = timedelta(days=1)
NUMBERS = (FIRST, SECOND, THIRD)
Holder = tuple[str, str]


@dataclass
class Held:
    """What the model knows of a number: whose it is, and until when nobody else may get it."""

    holder: Holder | None = None
    left: Holder | None = None  # whom a document took it from
    is_person: bool = False
    seen_at: datetime = EPOCH
    until: datetime = EPOCH


class Exclusivity(RuleBasedStateMachine):
    """Sessions view pages and documents are published, while the clock jumps both ways."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = self.url.format(folder=self.folder.name)
        self.client = EmbeddedClient(open_store(url), clock=lambda: NOON)
        self.now = NOON
        self.version = 0
        self.active: frozenset[str] = frozenset()
        self.cool_off = timedelta(0)
        self.model = {number: Held() for number in NUMBERS}

    @initialize(minutes=st.sampled_from([0, 5]))
    def begin(self, minutes: int) -> None:
        self.cool_off = minutes * MINUTE
        self.publish(frozenset(NUMBERS))

    @rule(numbers=st.frozensets(st.sampled_from(NUMBERS)))
    def publish(self, numbers: frozenset[str]) -> None:
        self.version += 1
        self.pool = pool(numbers=tuple(sorted(numbers)), cool_off=self.cool_off)
        self.client.publish(site(self.pool, version=str(self.version)), at=self.now)
        for number in self.active - numbers:
            held = self.model[number]
            if held.holder is not None:
                end = max(held.seen_at, self.now) + self.cool_off
                self.model[number] = Held(left=held.holder, until=max(held.until, end))
        self.active = numbers

    @rule(minutes=st.integers(-90, 90))
    def set_clock(self, minutes: int) -> None:
        # Never off by more than the day from which on a clock counts as wrong.
        self.now = min(max(self.now + minutes * MINUTE, NOON - DAY / 2), NOON + DAY / 2)

    @precondition(lambda self: self.version > 0)
    @rule(
        visitor=st.sampled_from("ab"),
        stay=st.sampled_from("12"),
        place=st.sampled_from(["main", "branch"]),
        pages=st.integers(1, 2),
    )
    def page_view(self, visitor: str, stay: str, place: str, pages: int) -> None:
        holder = (visitor + stay, place)
        page = view(
            visitor + stay, self.now, wanted(self.pool, place), visitor=visitor, pages=pages
        )
        [shown] = self.client.page_view(page)
        mine = [number for number in self.active if self.model[number].holder == holder]
        if mine:
            assert [shown.number] == mine, "A session keeps a number that nobody took."
        elif shown.shown is Shown.LEASE:
            self._check_taken(shown, holder)
        else:
            dry = [self._rests(number) for number in self.active]
            assert all(dry), "The overflow number is shown only when the pool is dry."
            return
        assert shown.lease is not None
        self._note(str(shown.number), holder, is_person=pages > 1)
        assert shown.lease.held_until == self.model[shown.lease.number].until - self.cool_off

    def _check_taken(self, shown: Assignment, holder: Holder) -> None:
        assert shown.number in self.active, "A retired number is shown no more."
        before = self.model[shown.number]
        is_own = before.holder is not None and before.holder[0][0] == holder[0][0]
        if is_own:  # of an earlier session: needs no rest
            assert before.until - self.cool_off <= self.now, "A hold is never broken."
            return
        is_over = before.until - self.cool_off <= self.now or before.left == holder
        came_back = is_over and self._had_before(shown.number, holder)
        assert not self._rests(shown.number) or came_back, "A hold is never broken."
        if before.holder is not None:
            free = [n for n in self.active if self.model[n].holder is None and not self._rests(n)]
            assert free == [], "No lease ends while a number is free."

    def _had_before(self, number: str, holder: Holder) -> bool:
        """The visitor had the number before; such a one may come back before it is rested."""
        leases = self.client.number_history("okna", number)
        return self.model[number].holder is None and any(
            lease.visitor == holder[0][0] for lease in leases[1:]
        )

    def _rests(self, number: str) -> bool:
        return self.model[number].until > self.now

    def _note(self, number: str, holder: Holder, *, is_person: bool) -> None:
        held = self.model[number]
        if held.holder != holder:
            held = self.model[number] = Held(holder=holder)
        held.seen_at = max(held.seen_at, self.now)
        held.is_person = held.is_person or is_person
        hold = HOLD if held.is_person else 5 * MINUTE
        held.until = max(held.until, self.now + hold + self.cool_off)

    def teardown(self) -> None:
        for number in NUMBERS:
            history = self.client.number_history("okna", number, limit=1000)
            assert overlaps(in_order(history)) == []
        self.client.close()
        self.folder.cleanup()


class InMemory(Exclusivity):
    url = "memory:"


class OnSqlite(Exclusivity):
    url = "sqlite:///{folder}/callgraft.db"


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
