"""Exclusivity against a simple model: whatever happens in whatever order, by whatever clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from callgraft.client import EmbeddedClient
from callgraft.site import Pool
from callgraft.stores import open_store
from callgraft.tracking.numbers import Quiet
from callgraft.tracking.renewal import PromptStore
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import Assignment, SessionSign, Why
from tests.core.stores.pool_model import QUIET, Hold, Holder, Modelled, PoolModel
from tests.core.stores.racing import in_order, overlaps
from tests.core.tracked import (
    FIRST,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    THIRD,
    number,
    pool,
    rings,
    site,
    view,
    wanted,
)

DAY = timedelta(days=1)
NUMBERS = (FIRST, SECOND, THIRD)
NETWORKS = ("203.0.113.0", "198.51.100.0")
LISTINGS = st.fixed_dictionaries(
    {each: st.sampled_from(["active"] * 9 + ["quarantined", "draining", "out"]) for each in NUMBERS}
)
SESSIONS = st.sampled_from(["a1", "a2", "b1", "b2"])
VISITS = st.tuples(
    SESSIONS, st.sampled_from(["main", "branch"]), st.integers(1, 2), st.sampled_from(NETWORKS)
)


class Exclusivity(RuleBasedStateMachine):
    """Sessions come and go and documents are published, while the clock jumps both ways."""

    url: ClassVar[str]
    leases: ClassVar[Callable[[], str | None]] = staticmethod(lambda: None)

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = self.url.format(folder=self.folder.name)
        self.store = open_store(url, leases=self.leases())
        self.client = EmbeddedClient(self.store, clock=lambda: NOON)
        self.now = NOON
        self.version = self.calls = 0
        self.pool: Pool = pool()
        self.model = PoolModel({number: Modelled() for number in NUMBERS})

    @initialize(
        minutes=st.sampled_from([0, 5]),
        when_full=st.sampled_from(["overflow", "share"]),
        per_network=st.sampled_from([0, 1]),
    )
    def begin(self, minutes: int, when_full: str, per_network: int) -> None:
        self.pool = replace(
            pool(numbers=(), cool_off=minutes * MINUTE),
            when_full=when_full,
            per_network=per_network,
            quiet=Quiet(span=QUIET),
        )
        self.publish(dict.fromkeys(NUMBERS, "active"))

    @rule(listings=LISTINGS)
    def publish(self, listings: dict[str, str]) -> None:
        self.version += 1
        lists = {
            state: tuple(number(each) for each in NUMBERS if listings[each] == state)
            for state in ("active", "quarantined", "draining")
        }
        self.pool = replace(
            self.pool,
            numbers=lists["active"],
            quarantine=lists["quarantined"],
            draining=lists["draining"],
        )
        self.client.publish(site(self.pool, version=str(self.version)), at=self.now)
        for each, listing in listings.items():
            self.model[each].list_as(listing, self.now)
        self._settle()

    @rule(minutes=st.sampled_from([-60, 60]) | st.integers(-90, 90))
    def set_clock(self, minutes: int) -> None:
        # Never off by more than the day from which on a clock counts as wrong.
        self.now = min(max(self.now + minutes * MINUTE, NOON - DAY / 2), NOON + DAY / 2)

    @rule(rung=st.sampled_from(NUMBERS))
    def call(self, rung: str) -> None:
        self.calls += 1
        self.client.take_call(rings(rung, self.now, call=f"call {self.calls}"))
        self.model[rung].rang_at = max(self.model[rung].rang_at, self.now)

    @rule(session=SESSIONS)
    def sign(self, session: str) -> None:
        told = SessionSign(site="okna", session=session, at=self.now, kind=SignKind.ACTIVE)
        self.client.take_signs([told])
        for each in self.model.values():
            for holder, hold in each.holds.items():
                if holder[0] == session:
                    hold.renew(self.now, is_person=True)

    @rule(session=SESSIONS)
    def release(self, session: str) -> None:
        ended = self.client.release("okna", session, at=self.now)
        assert ended == sum(each.leave(session, self.now) for each in self.model.values())

    @precondition(lambda self: self.version > 0)
    @rule(visits=st.lists(VISITS, min_size=1, max_size=6))
    def page_views(self, visits: list[tuple[str, str, int, str]]) -> None:
        for session, place, pages, network in visits:
            self._page_view(session, place, pages, network)

    def _page_view(self, session: str, place: str, pages: int, network: str) -> None:
        self.now += timedelta.resolution  # so that of any two page views one is the newer
        holder = (session, place)
        terms = wanted(self.pool, place)
        page = view(session, self.now, terms, visitor=session[0], pages=pages, network=network)
        before = self.model.of(holder)
        if not before and terms.quarantine:
            self._settle()
        [shown] = self.client.page_view(page)
        if before:
            assert ([shown.number], shown.why) == (before, Why.KEPT), "A session keeps its number."
        else:
            self._check(shown, holder, network, is_person=pages > 1)
        if shown.lease is None:
            return
        hold = self.model[shown.lease.number].holds.setdefault(holder, Hold(network=network))
        hold.renew(self.now, is_person=pages > 1)
        assert shown.lease.held_until == hold.until
        assert shown.lease.is_shared == (len(self.model[shown.lease.number].holds) > 1)

    @rule()
    def look(self) -> None:
        [state, *_] = self.client.pool_states(site(self.pool), at=self.now)
        self._settle()
        active = dict(self.model.active())
        assert state.total == len(active)
        assert state.shared == sum(len(each.holds) > 1 for each in active.values())
        assert state.quarantined == sum(each.state == "quarantined" for each in self.model.values())
        in_force = [
            [hold.is_person for hold in each.holds.values() if hold.until > self.now]
            for each in active.values()
        ]
        assert state.held == sum(any(persons) for persons in in_force)
        assert state.provisional == sum(bool(each) and not any(each) for each in in_force)
        assert state.free == len(self.model.free(self.rested))

    @invariant()
    def the_model_knows_who_has_what(self) -> None:
        for tracking_number, modelled in self.model.items():
            held = self._open(tracking_number)
            assert set(held) == set(modelled.holds)
            assert set(held.values()) <= {len(held) > 1}, "A lease says whether it is shared."

    def teardown(self) -> None:
        if self.pool.when_full == "overflow":
            for each in NUMBERS:
                history = self.client.number_history("okna", each, limit=1000)
                assert overlaps(in_order(history)) == []
        self.client.close()
        self.folder.cleanup()

    @property
    def rested(self) -> datetime:
        return self.now - self.pool.cool_off

    def _settle(self) -> None:
        for each in self.model.values():
            each.settle(self.now)

    def _open(self, tracking_number: str) -> dict[Holder, bool]:
        if isinstance(self.store, PromptStore):
            self.store.catch_up("okna")
        leases = self.store.read(lambda book: book.open_on("okna", tracking_number))
        return {(lease.session, lease.target): lease.is_shared for lease in leases}

    def _check(self, shown: Assignment, holder: Holder, network: str, *, is_person: bool) -> None:
        self._end_what_ended(shown, holder)
        taken = self.model.get(str(shown.number))
        if shown.lease is not None:
            assert taken is not None
            assert taken.state == "active", "Only active numbers are shown."
        else:
            assert shown.number == OVERFLOW
        if shown.why is Why.RETURNED:
            assert taken is not None
            assert taken.holds == {}, "A hold is never broken."
            assert taken.idle_since <= self.now or holder in taken.left
            return
        assert (shown.why is Why.NETWORK) == self._has_enough(network, is_person=is_person)
        if shown.why is not Why.NETWORK:
            self._check_need(shown, holder)

    def _check_need(self, shown: Assignment, holder: Holder) -> None:
        free = self.model.free(self.rested)
        if shown.why is Why.FREE:
            assert shown.number in free
            return
        is_needed = set(free) <= {shown.number} or shown.chosen
        assert is_needed, "Nothing is taken from anybody while a number is free, unless by cost."
        if shown.why is Why.RECLAIMED:
            assert self.model[str(shown.number)].holds == {}, "A hold is never broken."
            return
        assert self.model.reclaimable(self.rested) == []
        others = self.model.held_by_others(holder[0]) if self.pool.is_sharing else {}
        if not others:
            assert (shown.why, shown.number) == (Why.FULL, OVERFLOW)
            return
        # By cost it may be any of them; else it is whose holders are silent longest.
        to_share = set(others) if shown.chosen else {min(others, key=lambda each: others[each])}
        assert shown.why is Why.SHARED
        assert shown.number in to_share

    def _has_enough(self, network: str, *, is_person: bool) -> bool:
        limit = self.pool.per_network
        holds = self.model.in_force(network, self.now)
        provisional = [hold for hold in holds if not hold.is_person]
        is_full = len(holds) >= 3 * (limit or 0) or (
            not is_person and len(provisional) >= (limit or 0)
        )
        return bool(limit) and is_full

    def _end_what_ended(self, shown: Assignment, holder: Holder) -> None:
        """Take over from the store which leases it ended, where it may have."""
        is_free = bool(self.model.free(self.rested))
        for tracking_number, modelled in self.model.items():
            for gone in set(modelled.holds) - set(self._open(tracking_number)):
                is_own = gone[0] != holder[0] and (gone[0][0], gone[1]) == (holder[0][0], holder[1])
                until = modelled.holds.pop(gone).until
                is_needed = bool(modelled.holds) or tracking_number == shown.number
                # A visitor's new session takes over what an earlier one holds.
                assert is_own or until <= self.rested
                assert is_own or (is_needed and (not is_free or shown.chosen)), "Without need."
                if not modelled.holds:
                    modelled.idle_since = self.now


class InMemory(Exclusivity):
    url = "memory:"


class OnSqlite(Exclusivity):
    url = "sqlite:///{folder}/callgraft.db"


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
