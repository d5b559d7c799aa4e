"""The demand on pools is told the same in this process and across the network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callgraft import read_site
from callgraft.client import TrackingClient
from callgraft.sizing.history import Bin
from tests.core.client.serving import DOCUMENT
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view

RULE = '[[rules]]\nname = "all"\ntarget = "main"\npool = "direct"\n'


def test_a_day_is_counted_by_the_document_in_force(either: TrackingClient) -> None:
    site = read_site(DOCUMENT + RULE)
    either.publish(site, at=NOON)
    for session, minute in (("a", 0), ("b", 1), ("a", 3)):
        either.page_view(view(session, NOON + minute * MINUTE))
    either.take_call(rings(FIRST, NOON + 5 * MINUTE))
    [direct] = either.demand(site, since=NOON - timedelta(hours=12)).pools
    assert direct.arrivals[720:722] == (1, 1)
    assert direct.sessions == 2
    assert direct.stays == (Bin(seconds=0, count=1), Bin(seconds=180, count=1))
    [silence] = direct.silences
    assert (silence.seconds, silence.count) == (120, pytest.approx(1, abs=0.05))
