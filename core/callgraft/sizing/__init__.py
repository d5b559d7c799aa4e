"""How many numbers a pool needs, before one is bought."""

from __future__ import annotations

from callgraft.sizing.advice import SHARES, Advice, HoldChoice, advise
from callgraft.sizing.demand import Demand, Stays, even_days
from callgraft.sizing.erlang import blocked

__all__ = [
    "SHARES",
    "Advice",
    "Demand",
    "HoldChoice",
    "Stays",
    "advise",
    "blocked",
    "even_days",
]
