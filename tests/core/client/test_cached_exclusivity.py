"""Whatever several processes remember, no number is shown for two sessions at one time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from callgraft.client import EmbeddedClient
from callgraft.client.cached import CachedClient
from callgraft.site import Pool
from callgraft.stores.memory import MemoryStore
from callgraft.tracking.values import Assignment, SessionSign, SignKind
from tests.core.tracked import FIRST, NOON, SECOND, pool, site, view, wanted

SESSIONS = ("a", "b", "c")
SECONDS = timedelta(seconds=1)
HOLDS = (30, 400, 1800)


def terms_of(numbers: tuple[str, ...], hold: int) -> Pool:
    return replace(pool(numbers=numbers), hold=hold * SECONDS)


class Doors(RuleBasedStateMachine):
    """Two processes that remember, over one store, and time that only goes on."""

    @initialize(hold=st.sampled_from(HOLDS))
    def open(self, hold: int) -> None:
        self.hold = hold
        self.now = NOON
        self.store = MemoryStore()
        self.doors = [
            CachedClient(EmbeddedClient(self.store, clock=lambda: NOON)) for _ in range(2)
        ]
        self.version = 0
        self.over: set[str] = set()
        self.change((FIRST,), 0)

    @rule(numbers=st.sampled_from([(FIRST,), (SECOND,), (FIRST, SECOND)]), door=st.integers(0, 1))
    def change(self, numbers: tuple[str, ...], door: int) -> None:
        """One process publishes; the other one has not heard of it yet."""
        self.version += 1
        self.terms = terms_of(numbers, self.hold)
        self.doors[door].publish(site(self.terms, version=str(self.version)), at=self.now)

    @rule(door=st.integers(0, 1))
    def look(self, door: int) -> None:
        self.doors[door].sites()

    @rule(hundredths=st.sampled_from([1, 9, 10, 11, 50, 100, 300]))
    def wait(self, hundredths: int) -> None:
        """Time passes, by the hundredth of a hold."""
        self.now += self.hold * SECONDS * hundredths / 100

    @rule(
        first=st.sampled_from(SESSIONS), second=st.sampled_from(SESSIONS), pages=st.integers(1, 2)
    )
    def page_views(self, first: str, second: str, pages: int) -> None:
        """One at each door; most of what happens at doors is this."""
        for door, session in ((0, first), (1, second), (0, first)):
            page = view(session, self.now, wanted(self.terms), pages=pages)
            self.over.discard(session)
            self.check(session, self.doors[door].page_view(page))

    @rule(session=st.sampled_from(SESSIONS), door=st.integers(0, 1))
    def page_view_in_an_outage(self, session: str, door: int) -> None:
        if session not in self.over:
            page = view(session, self.now, wanted(self.terms))
            self.check(session, self.doors[door].in_need(page))

    @rule(session=st.sampled_from(SESSIONS), door=st.integers(0, 1))
    def sign(self, session: str, door: int) -> None:
        sign = SessionSign(site="okna", session=session, at=self.now, kind=SignKind.VISIBLE)
        self.doors[door].take_signs([sign])
        self.doors[door]._later.flush()

    @rule(session=st.sampled_from(SESSIONS), door=st.integers(0, 1))
    def end(self, session: str, door: int) -> None:
        self.doors[door].release("okna", session, at=self.now)
        self.over.add(session)

    def check(self, session: str, assigned: tuple[Assignment, ...]) -> None:
        """Whoever the store knows to have the number is the one who is shown it."""
        for each in assigned:
            if each.lease is None:
                continue
            number = each.lease.number
            [newest] = self.store.read(
                lambda here, number=number: here.leases_on("okna", number, limit=1)
            )
            assert newest.session == session

    def teardown(self) -> None:
        for door in getattr(self, "doors", []):
            door.close()


TestDoors = Doors.TestCase
TestDoors.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
