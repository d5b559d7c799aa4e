"""The dry run: what rules and pools would have done with traffic that was."""

from __future__ import annotations

from callgraft.replay.real_calls import RealCall
from callgraft.replay.running import Outcome, Replayed, TooLong, replay
from callgraft.replay.scenarios import Scenario, scenarios_of
from callgraft.replay.tally import Hour, PoolFigures

__all__ = [
    "Hour",
    "Outcome",
    "PoolFigures",
    "RealCall",
    "Replayed",
    "Scenario",
    "TooLong",
    "replay",
    "scenarios_of",
]
