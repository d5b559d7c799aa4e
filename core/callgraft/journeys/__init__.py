"""Journeys: all the touches of a visitor before a call, and which of them gets the credit."""

from __future__ import annotations

from callgraft.journeys.data_driven import Path, markov, shapley
from callgraft.journeys.models import MODELS, Arrival, Model, credits

__all__ = ["MODELS", "Arrival", "Model", "Path", "credits", "markov", "shapley"]
