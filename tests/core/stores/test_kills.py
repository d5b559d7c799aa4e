"""Processes are killed in the middle of whatever they do: nothing that they said is lost."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from callgraft.client import TrackingClient, open_client
from tests.core.backends import Backend
from tests.core.stores.killing import TERMS, Task, acknowledged, kill_again_and_again
from tests.core.stores.racing import RACED, RACED_SITE, broken_holds, histories, overlaps
from tests.core.tracked import NOON, view

KILLS = 100
PATIENCE = 10.0


def test_a_hundred_kills_lose_no_call_and_no_number(shared: Backend, tmp_path: Path) -> None:
    task = Task(shared, tmp_path / "told", time.monotonic())
    with closing(open_client(shared.url, leases=shared.leases)) as client:
        client.publish(RACED_SITE, at=NOON)
        kill_again_and_again(task, KILLS)
        told = list(acknowledged(task))
        held = histories(client)
        assert [pair for leases in held for pair in overlaps(leases)] == []
        assert [lease for leases in held for lease in broken_holds(leases)] == []
        kept = {lease.id for leases in held for lease in leases}
        assert {each["lease"] for each in told if each.get("lease")} <= kept
        calls = {call.call for call in client.calls("okna", limit=100_000)}
        taken = {each["call"] for each in told if "call" in each}
        assert taken <= calls
        assert len(taken) > KILLS / 4
        _check_that_none_is_stuck(client, task)


def _check_that_none_is_stuck(client: TrackingClient, task: Task) -> None:
    """Once all holds are over, as many sessions get a number as there are numbers."""
    later = task.now() + timedelta(hours=1)
    missing = [f"later {index}" for index in range(len(RACED.numbers))]
    deadline = time.monotonic() + PATIENCE
    while missing:
        # A number that somebody had in view when he was killed comes back after seconds.
        missing = [
            session for session in missing
            if client.page_view(view(session, later, TERMS))[0].lease is None
        ]  # fmt: skip
        assert time.monotonic() < deadline, f"{len(missing)} numbers are stuck."
