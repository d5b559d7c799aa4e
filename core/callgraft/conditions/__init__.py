"""Conditions: what a rule may ask of the circumstances of a visit, each able to say why."""

from callgraft.conditions.combined import AllOf, AnyOf, Not
from callgraft.conditions.leaf import Leaf
from callgraft.conditions.moments import Span, TimeIs, WeekdayIs
from callgraft.conditions.reading import condition_of, read_condition
from callgraft.conditions.visitors import NetworkIs, ReturningIs
from callgraft.conditions.words import CodeIs, QueryHas, TextIs

__all__ = [
    "AllOf",
    "AnyOf",
    "CodeIs",
    "Leaf",
    "NetworkIs",
    "Not",
    "QueryHas",
    "ReturningIs",
    "Span",
    "TextIs",
    "TimeIs",
    "WeekdayIs",
    "condition_of",
    "read_condition",
]
