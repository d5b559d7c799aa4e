"""Doors and tracking servers attribute calls again by themselves when something comes to light."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from callgraft import Engine
from callgraft import engine as engine_module
from callgraft.client import EmbeddedClient
from callgraft.server import app as server_module
from callgraft.sites import StoredSites
from callgraft.stores import Store, open_store
from callgraft.stores.protocol import DueCall
from callgraft.tracking.values import Proof, ProofKind
from tests.core.served import served
from tests.core.tracked import FIRST, MINUTE, NOON, rings, site, view

QUICKLY = MINUTE / 3000
PATIENCE = 10.0


@pytest.fixture
def store() -> Store:
    """A call of which a proof came, that nobody has looked at yet."""
    store = open_store("memory:")
    client = EmbeddedClient(store, clock=lambda: NOON + MINUTE)
    client.publish(site(), at=NOON)
    for session in "ab":
        client.page_view(view(session))
    call = client.take_call(rings(FIRST, NOON + MINUTE))
    kind = ProofKind.CRM
    proof = Proof(site="okna", call=call.id, kind=kind, at=NOON, session="b")
    store.write(lambda transaction: transaction.add_proof(proof))
    due = DueCall(site="okna", call=call.id, due_at=NOON, why="a form")
    store.write(lambda transaction: transaction.put_due(due))
    return store


def is_proved(store: Store) -> bool:
    [call] = store.read(lambda transaction: transaction.calls("okna", limit=9))
    return call.attribution.method == "proof"


def holds(condition: Callable[[], bool]) -> bool:
    """Whether the condition holds before long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def test_a_door_attributes_calls_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "FOLLOW_EVERY", QUICKLY)
    client = EmbeddedClient(store, clock=lambda: datetime.now(UTC))
    with closing(Engine(StoredSites(), client)) as engine:
        engine.follow()
        assert holds(lambda: is_proved(store))


def test_a_tracking_server_attributes_calls_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_RESCORE_EVERY", QUICKLY)
    with served(store, clock=lambda: NOON + MINUTE):
        assert holds(lambda: is_proved(store))
