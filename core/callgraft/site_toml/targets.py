"""Reading the section ``[targets]`` of a Site document."""

from __future__ import annotations

from datetime import timedelta

from callgraft.html import POLICY
from callgraft.html.selectors import selector_problem
from callgraft.phone import Number, local_form
from callgraft.problems import kind
from callgraft.site import Step, Target
from callgraft.site_toml.table import Table

PLACES = tuple(POLICY)
"""The rows of the policy table."""
KEYS = ("number", "route", "places", "local", "only", "except")


_CSS = {"only": "#header .phone", "except": "footer"}


def read_targets(root: Table, region: str | None) -> dict[str, Target]:
    targets = {}
    for name, table in root.named("targets", KEYS):
        target = _target(name, table, region)
        if target is not None:
            targets[name] = target
    if root.get("targets") in (None, {}):
        cure = 'Write [targets.main] and below it number = "+7 495 123-45-67".'
        root.wrong("targets", "the site has no target: no number to replace.", cure)
    return targets


def _target(name: str, table: Table, region: str | None) -> Target | None:
    number = table.number("number", region, required=True)
    route, places = _route(table, region), _places(table)
    local = _local(table, number)
    only, excluded = _selectors(table, "only"), _selectors(table, "except")
    if number is None:
        return None
    return Target(
        key=name,
        number=number,
        route=route,
        places=places,
        local=local,
        only=only,
        except_=excluded,
    )


def _local(table: Table, number: Number | None) -> bool:
    local = table.flag("local", default=False)
    if local and number is not None and local_form(number) is None:
        table.wrong("local", f"nobody rings {number} without its first digits.", "Leave it out.")
    return local


def _selectors(table: Table, name: str) -> tuple[str, ...]:
    found = []
    for key, css in table.texts(name, _CSS[name]):
        problem = selector_problem(css)
        if problem is None:
            found.append(css)
        else:
            cure = f'Write it as in a style sheet, like "{_CSS[name]}".'
            table.problems.add(key, css, f"no CSS selector: {problem}.", cure)
    return tuple(found)


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
