"""Reading ``when = {…}``: from a table of TOML or JSON to a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callgraft.conditions.combined import AllOf, AnyOf, denied
from callgraft.conditions.leaves import LEAVES, leaf_of
from callgraft.problems import Problems, below, kind, suggest

if TYPE_CHECKING:
    from callgraft.rules import Condition

MAX_DEPTH = 50
"""Deeper than anybody writes; what is deeper still would exhaust the stack on every page."""

_COMBINING = ("all", "any", "not")
_EXAMPLE = 'Write for example { source = "yandex", medium = "cpc" }.'


def read_condition(when: object, *, key: str = "when") -> Condition:
    """
    The condition that a table describes: several keys are all wanted, a list is any of its values.

    :raises SiteErrors: it describes none; every mistake in it is told.
    """
    problems = Problems(key)
    condition = condition_of(when, key, problems)
    problems.raise_if_any()
    if condition is None:
        raise AssertionError("A condition that cannot be read leaves a problem.")
    return condition


def condition_of(when: object, key: str, problems: Problems, *, depth: int = 0) -> Condition | None:
    """The condition at ``key``, or None, and then ``problems`` say why."""
    if not isinstance(when, dict):
        problems.add(key, when, f"a condition is a table, not {kind(when)}.", _EXAMPLE)
    elif not when:
        problems.add(key, when, "the condition says nothing.", "Leave it out, or write one.")
    elif depth > MAX_DEPTH:
        cure = "Split the rule into several."
        problems.add(key, None, f"conditions are nested deeper than {MAX_DEPTH}.", cure)
    else:
        parts = [_entry(name, when[name], below(key, name), problems, depth) for name in when]
        return _joined(AllOf, parts)
    return None


def _entry(name: str, value: object, key: str, problems: Problems, depth: int) -> Condition | None:
    if name in LEAVES:
        return leaf_of(name, value, key, problems)
    if name == "not":
        return _not(value, key, problems, depth)
    if name in _COMBINING:
        parts = _listed(value, key, problems, depth)
        return _joined(AllOf if name == "all" else AnyOf, parts)
    cure = suggest(name, {*_COMBINING, *LEAVES})
    problems.add(key, value, "there is no such condition.", cure)
    return None


def _not(value: object, key: str, problems: Problems, depth: int) -> Condition | None:
    if isinstance(value, list):
        cure = "Write not = { any = [ … ] }, or not = { all = [ … ] }."
        problems.add(key, value, "it is unclear how a list is meant here.", cure)
        return None
    condition = condition_of(value, key, problems, depth=depth + 1)
    return None if condition is None else denied(condition)


def _listed(value: object, key: str, problems: Problems, depth: int) -> list[Condition | None]:
    if isinstance(value, list) and value:
        return [
            condition_of(part, f"{key}[{place}]", problems, depth=depth + 1)
            for place, part in enumerate(value)
        ]
    found = "an empty one" if value == [] else kind(value)
    cure = 'Write for example [{ source = "yandex" }, { region = "RU-MOW" }].'
    problems.add(key, value, f"it takes a list of conditions, not {found}.", cure)
    return [None]


def _joined(join: type[AllOf] | type[AnyOf], parts: Sequence[Condition | None]) -> Condition | None:
    read = tuple(part for part in parts if part is not None)
    if len(read) < len(parts):
        return None
    return read[0] if len(read) == 1 else join(read)
