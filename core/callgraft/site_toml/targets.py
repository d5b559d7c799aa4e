"""Reading the section ``[targets]`` of a Site document."""

from __future__ import annotations

from datetime import timedelta

from callgraft.html import POLICY
from callgraft.problems import kind
from callgraft.site import Step, Target
from callgraft.site_toml.table import Table

PLACES = tuple(POLICY)
"""The rows of the policy table."""


def read_targets(root: Table, region: str | None) -> dict[str, Target]:
    targets = {}
    for name, table in root.named("targets", ("number", "route", "places")):
        number = table.number("number", region, required=True)
        route, places = _route(table, region), _places(table)
        if number is not None:
            targets[name] = Target(key=name, number=number, route=route, places=places)
    if root.get("targets") in (None, {}):
        cure = 'Write [targets.main] and below it number = "+7 495 123-45-67".'
        root.wrong("targets", "the site has no target: no number to replace.", cure)
    return targets


def _route(table: Table, region: str | None) -> tuple[Step, ...]:
    return tuple(
        Step(
            ring=step.numbers("ring", region),
            timeout=step.duration("timeout", timedelta(seconds=25)),
        )
        for step in table.tables("route", ("ring", "timeout"))
    )


def _places(table: Table) -> dict[str, str]:
    value = table.get("places", {})
    if not isinstance(value, dict):
        cure = 'Write for example places.json_ld = "swap".'
        table.wrong("places", f"it takes a table, not {kind(value)}.", cure)
        return {}
    places = Table(value, table.path("places"), PLACES, table.problems)
    chosen = {row: value[row] for row in PLACES if row in places}
    for row, choice in chosen.items():
        if choice not in ("swap", "keep"):
            places.wrong(row, "a place is swapped or kept.", 'Write "swap" or "keep".')
    return chosen
