"""Reading the section ``[[rules]]`` of a Site document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callgraft.conditions import condition_of
from callgraft.problems import suggest
from callgraft.promo import PROMO
from callgraft.rules import Rule
from callgraft.site_toml.table import Table

_KNOWN = ("name", "target", "pool", "fixed", "keep", "promo", "reveal", "when", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The names that rules may refer to, also of entries that are faulty inside."""

    targets: tuple[str, ...]
    pools: tuple[str, ...]
    fixed: tuple[str, ...]

    @classmethod
    def of(cls, root: Table) -> Declared:
        return cls(
            targets=_names(root.get("targets")),
            pools=_names(root.get("pools")),
            fixed=_names(root.get("fixed")),
        )


def _names(section: object) -> tuple[str, ...]:
    return tuple(section) if isinstance(section, Mapping) else ()


def read_rules(root: Table, declared: Declared) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for table in root.tables("rules", _KNOWN):
        name = table.get("name")
        with table.problems.inside(f'rule "{name[:80]}"' if isinstance(name, str) else ""):
            rules[table.key] = _rule(table, declared)
    _check_names(root, rules)
    return tuple(rules.values())


def _rule(table: Table, declared: Declared) -> Rule:
    return _promo_rule(table) if "promo" in table else _number_rule(table, declared)


def _promo_rule(table: Table) -> Rule:
    """A rule about the promo code: it speaks of no number."""
    for name in ("target", "pool", "fixed", "keep", "reveal"):
        if name in table:
            problem = "a rule about the promo code is about no number."
            table.wrong(name, problem, f"Take {name} away, or make two rules of it.")
    key, when = table.path("when"), table.get("when")
    return Rule(
        name=table.text("name", "Promo code for advertising", required=True) or "",
        target=PROMO,
        promo=table.flag("promo", default=True),
        when=None if when is None else condition_of(when, key, table.problems),
        enabled=table.flag("enabled", default=True),
    )


def _number_rule(table: Table, declared: Declared) -> Rule:
    _check_outcome(table)
    key, when = table.path("when"), table.get("when")
    return Rule(
        name=table.text("name", "Yandex Direct, Moscow", required=True) or "",
        target=_reference(table, "target", declared.targets, "target", required=True) or "",
        pool=_reference(table, "pool", declared.pools, "pool"),
        fixed=_reference(table, "fixed", declared.fixed, "fixed number"),
        reveal=table.flag("reveal", default=False),
        when=None if when is None else condition_of(when, key, table.problems),
        enabled=table.flag("enabled", default=True),
    )


def _reference(
    table: Table, name: str, declared: tuple[str, ...], what: str, *, required: bool = False
) -> str | None:
    found = table.text(name, next(iter(declared), "main"), required=required)
    if found is not None and found not in declared:
        table.wrong(name, f"there is no such {what}.", suggest(found, declared))
    return found


def _check_outcome(table: Table) -> None:
    keep = table.get("keep", False)
    if not isinstance(keep, bool):
        table.flag("keep", default=False)
        return
    given = [name for name in ("pool", "fixed") if name in table]
    if len(given) == 2:
        table.wrong("fixed", "a rule leads to a pool or to a fixed number.", "Take one away.")
    elif keep and given:
        problem = f"a rule that keeps the number leads to no {given[0]}."
        table.wrong("keep", problem, f"Take keep away, or {given[0]}.")
    elif not keep and not given:
        cure = "Write pool = … or fixed = …, or keep = true to leave the number alone."
        table.problems.add(table.key, None, "it leads nowhere.", cure)


def _check_names(root: Table, rules: Mapping[str, Rule]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for key, rule in rules.items():
        first = seen.setdefault((rule.target, rule.name), key)
        if rule.name and first != key:
            problem = f"{first} has this name already, and explanations would be unclear."
            root.problems.add(f"{key}.name", rule.name, problem, "Give it another name.")
