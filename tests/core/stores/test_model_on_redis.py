"""The model of exclusivity on leases in Redis, where transactions fail and Redis is filled anew."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from callgraft.stores import Transaction
from callgraft.stores.hybrid import HybridStore
from callgraft.stores.redis_book import RedisBook
from callgraft.tracking.signs import release
from callgraft.tracking.visits import page_view
from tests.core.stores.test_model import SESSIONS, VISITS, Exclusivity
from tests.core.tracked import view, wanted
from tests.servers import redis, uses_redis


class HalfWay(Exception):
    """Raised where a transaction has done everything but committed."""


class OnRedis(Exclusivity):
    url = "sqlite:///{folder}/callgraft.db"
    leases = staticmethod(lambda: redis().url)

    @precondition(lambda self: self.version > 0)
    @rule(visit=VISITS)
    def fail_after_a_page_view(self, visit: tuple[str, str, int, str]) -> None:
        session, place, pages, network = visit
        terms = wanted(self.pool, place)
        page = view(session, self.now, terms, visitor=session[0], pages=pages, network=network)
        self._fail(lambda transaction: page_view(transaction, page))

    @rule(session=SESSIONS)
    def fail_after_a_release(self, session: str) -> None:
        self._fail(lambda transaction: release(transaction, "okna", session, at=self.now))

    @rule(how=st.sampled_from(["known", "loaded"]))
    def fill_anew(self, how: str) -> None:
        """While Redis is the same, nothing is lost, not even what SQL was not told."""
        assert isinstance(self.store, HybridStore)
        RedisBook(self.store._server, self.store._name).forget("okna")
        if how == "loaded":
            self.store._load("okna")

    def _fail(self, work: object) -> None:
        def fail(transaction: Transaction) -> None:
            work(transaction)  # type: ignore[operator]  # a function of a transaction
            raise HalfWay

        with pytest.raises(HalfWay):
            self.store.write(fail)


if uses_redis():
    TestOnRedis = OnRedis.TestCase
    TestOnRedis.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
