"""What may be kept no longer is thrown away by doors, once an hour and beside the pages."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import read_site
from callgraft.client import open_client
from callgraft.housekeeping import Housekeeping, purge_all
from tests.core.tracked import view

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SITE = read_site(
    """
[site]
key = "okna"
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[pools.direct]
numbers = ["+7 499 000-00-01", "+7 499 000-00-02"]

[privacy]
keep_visits = "1d"
"""
)


@pytest.fixture
def client():
    with closing(open_client("memory:")) as client:
        client.publish(SITE, at=NOON)
        client.page_view(view("a", NOON - 2 * DAY))
        yield client


class Watched(Housekeeping):
    """Tells when it set to work, and waits until that is done."""

    def __init__(self, client):
        super().__init__(client)
        self.worked_at = []

    def purge(self, sites, at):
        self.worked_at.append((at - NOON) // MINUTE)
        super().purge(sites, at)

    def looks(self, minutes):
        self.look([SITE], at=NOON + minutes * MINUTE)
        for thread in threading.enumerate():
            if thread is self._thread:
                thread.join()


def is_known(client):
    return client.visitor_record("okna", "visitor of a") is not None


def test_a_door_purges_a_minute_after_its_start_and_every_hour(client):
    housekeeping = Watched(client)
    for minutes in (0, 0.5, 1, 2, 30, 60.5, 61, 62, 121):
        housekeeping.looks(minutes)
    assert housekeeping.worked_at == [1, 61, 121]
    assert not is_known(client)


def test_a_clock_that_was_set_back_does_not_stop_it(client):
    housekeeping = Watched(client)
    for minutes in (0, 1, -600, -599):
        housekeeping.looks(minutes)
    assert housekeeping.worked_at == [1, -600]


def test_only_one_of_the_doors_over_a_store_does_it(client):
    client.purge(SITE, at=NOON)  # another one, just now
    client.page_view(view("a", NOON - 2 * DAY))
    housekeeping = Watched(client)
    housekeeping.looks(0)
    housekeeping.looks(1)
    assert is_known(client)


def test_a_tracking_server_purges_every_site_by_its_document_in_force(client):
    purge_all(client, at=NOON)
    assert not is_known(client)


def test_a_door_that_serves_purges_what_is_too_old(tmp_path):
    """The whole way, from the engine's own thread."""
    from callgraft import engine as engine_module
    from callgraft import housekeeping, open_engine

    path = tmp_path / "okna.toml"
    path.write_text(SITE.document, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "FOLLOW_EVERY", timedelta(seconds=0.02))
        patch.setattr(housekeeping, "_AFTER_START", timedelta(0))
        with closing(open_engine(str(path), backend=f"sqlite:///{tmp_path}/callgraft.db")) as door:
            door.client.page_view(view("a", datetime.now(UTC) - 2 * DAY))
            for _ in range(500):
                if not is_known(door.client):
                    break
                threading.Event().wait(0.02)
            assert not is_known(door.client)
