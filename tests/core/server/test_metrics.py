"""Counters and pools, told to Prometheus."""

from __future__ import annotations

import threading
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from callgraft.errors import StoreUnavailable
from callgraft.server.issuing import Scope
from callgraft.server.settings import ServerSettings
from callgraft.stores import open_store
from tests.core.served import Served, served
from tests.core.server.api import Api, slug
from tests.core.tracked import NOON, view

HOUR = timedelta(hours=1)


def samples(api: Api, **wanted: str) -> dict[str, float]:
    """The samples with these labels, by name and the labels that are not asked for."""
    told = api.get("/metrics")
    assert told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(told.text):
        for sample in family.samples:
            if wanted.items() <= sample.labels.items():
                rest = [value for name, value in sample.labels.items() if name not in wanted]
                found[" ".join((sample.name, *sorted(rest)))] = sample.value
    return found


def test_requests_are_counted_by_route_status_and_time(api: Api) -> None:
    api.show(view("a"))
    api.show(view("b"))
    Api(api.url)("POST", "/v1/page-views", body={"views": []})
    counted = samples(api, route="/v1/page-views", method="POST")
    assert counted["callgraft_requests_total 200"] == 2
    assert counted["callgraft_requests_total 401"] == 1
    assert counted["callgraft_request_seconds_count"] == 3
    assert counted["callgraft_request_seconds_bucket +Inf"] == 3
    assert 0 < counted["callgraft_request_seconds_sum"] < 30


def test_no_visitor_and_no_address_is_a_label(api: Api) -> None:
    api.get("/v1/sites/okna/visitors/somebody")
    api.get("/v1/nowhere/at/all")
    text = api.get("/metrics").text
    assert "somebody" not in text
    assert "nowhere" not in text
    assert 'route="/v1/sites/{site}/visitors/{visitor}"' in text


def test_pools_are_told_and_which_of_them_is_dry(api: Api) -> None:
    free = samples(api, site="okna", pool="direct")
    assert free["callgraft_pool_numbers free"] == 2
    assert free["callgraft_pool_dry"] == 0
    api.show(view("a"), view("b"), view("c"))
    dry = samples(api, site="okna", pool="direct")
    assert (dry["callgraft_pool_numbers free"], dry["callgraft_pool_numbers held"]) == (0, 2)
    assert dry["callgraft_pool_dry"] == 1


def test_what_the_store_did_not_do_is_counted(api: Api) -> None:
    api.show(view("a"), headers={"Callgraft-Budget": "0"})
    assert samples(api)["callgraft_store_errors_total"] == 1


class Gone:
    """A store that can be out of reach."""

    def __init__(self, store) -> None:
        self._store = store
        self.is_gone = False

    def read(self, work):
        if self.is_gone:
            raise StoreUnavailable("postgresql://db.internal does not answer")
        return self._store.read(work)

    def __getattr__(self, name: str):
        return getattr(self._store, name)


def test_a_server_without_its_store_is_healthy_and_not_ready() -> None:
    store = Gone(open_store("memory:"))
    with served(store, clock=lambda: NOON) as running:
        api = Api(running.url)
        assert (api.get("/health").json()["status"], api.get("/ready").status_code) == ("ok", 200)
        store.is_gone = True
        not_ready = api.get("/ready")
        assert (not_ready.status_code, slug(not_ready)) == (503, "not-ready")
        assert "db.internal" not in not_ready.text
        assert api.get("/health").status_code == 200
        refused = Api(running.url, "cg_any").get("/v1/sites")
        assert (refused.status_code, slug(refused)) == (503, "store-unavailable")
        assert "db.internal" not in refused.text
        store.is_gone = False
        assert api.get("/ready").status_code == 200


class Hanging(Gone):
    """A store that lets its readers wait."""

    def __init__(self, store) -> None:
        super().__init__(store)
        self.let_go = threading.Event()

    def read(self, work):
        if self.is_gone:
            self.let_go.wait()
        return self._store.read(work)


def test_a_store_that_hangs_is_not_ready_after_a_second_and_costs_one_thread() -> None:
    store = Hanging(open_store("memory:"))
    two = ServerSettings(threads=2, tokens_fresh_for=HOUR, tokens_good_for=HOUR)
    with served(store, clock=lambda: NOON, settings=two) as running:
        admin = Api(running.url, running.token(Scope.ADMIN))
        admin.publish()
        store.is_gone = True
        try:
            assert [slug(admin.get("/ready")) for _ in range(2)] == ["not-ready"] * 2
            # The other thread is free still: writing goes on.
            assert admin.show(view("a")).status_code == 200
        finally:
            store.is_gone = False
            store.let_go.set()
        assert admin.get("/ready").status_code == 200


def test_a_reader_of_one_site_is_told_no_metrics(server: Served) -> None:
    theirs = Api(server.url, server.token(Scope.READ, site="okna"))
    assert slug(theirs.get("/metrics")) == "wrong-site"
