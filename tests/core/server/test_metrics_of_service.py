"""What pools had to give, told to Prometheus with the numbers that they need."""

from __future__ import annotations

from tests.core.server.api import Api
from tests.core.server.test_metrics import samples
from tests.core.tracked import view


def test_sessions_are_told_by_what_the_pool_had_to_give_them(api: Api) -> None:
    for session in "abcdef":
        api.show(view(session), view(session))
    api.get("/v1/sites/okna/service")  # what was counted is written by then
    told = samples(api, site="okna", pool="direct")
    assert told["callgraft_pool_sessions_last_day own"] == 2
    assert told["callgraft_pool_sessions_last_day overflow"] == 4
    assert told["callgraft_pool_numbers_to_add"] > 0


def test_a_pool_that_was_never_dry_needs_nothing(api: Api) -> None:
    api.show(view("a"))
    api.get("/v1/sites/okna/service")
    told = samples(api, site="okna", pool="direct")
    assert told["callgraft_pool_sessions_last_day own"] == 1
    assert "callgraft_pool_numbers_to_add" not in told
