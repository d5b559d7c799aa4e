"""Reading the sections ``[pools]`` and ``[fixed]`` of a Site document."""

from __future__ import annotations

from datetime import timedelta

from callgraft.site import Fixed, Pool
from callgraft.site_toml.table import Table

_POOL = ("numbers", "overflow", "hold", "cool_off", "source", "medium", "when_full")


def read_pools(root: Table, region: str | None) -> dict[str, Pool]:
    return {name: _pool(name, table, region) for name, table in root.named("pools", _POOL)}


def _pool(name: str, table: Table, region: str | None) -> Pool:
    _check_when_full(table)
    return Pool(
        key=name,
        numbers=table.numbers("numbers", region),
        overflow=table.number("overflow", region),
        hold=table.duration("hold", timedelta(minutes=30)),
        cool_off=table.duration("cool_off", timedelta(0), zero=True),
        source=table.text("source", "yandex") or "",
        medium=table.text("medium", "cpc") or "",
    )


def _check_when_full(table: Table) -> None:
    value = table.get("when_full", "overflow")
    if value == "share":
        problem = "this version cannot share a number between two sessions."
        table.wrong("when_full", problem, 'Write "overflow", and give the pool an overflow number.')
    elif value != "overflow":
        table.wrong("when_full", "there is no such choice.", 'Write "overflow".')


def read_fixed(root: Table, region: str | None) -> dict[str, Fixed]:
    fixed = {}
    for name, table in root.named("fixed", ("number", "source", "medium", "campaign")):
        number = table.number("number", region, required=True)
        source = table.text("source", "billboard", required=True)
        medium, campaign = table.text("medium", "offline"), table.text("campaign", "spring")
        if number is not None:
            fixed[name] = Fixed(
                key=name,
                number=number,
                source=source or "",
                medium=medium or "",
                campaign=campaign or "",
            )
    return fixed
