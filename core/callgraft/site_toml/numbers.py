"""Reading the sections ``[pools]`` and ``[fixed]`` of a Site document."""

from __future__ import annotations

from datetime import timedelta

from callgraft.phone import Number
from callgraft.site import TWO_WEEKS, Fixed, Pool, Quiet
from callgraft.site_toml.table import Table

_LISTS = ("numbers", "quarantine", "draining")
_POOL = (
    *("numbers", "overflow", "hold", "cool_off", "source", "medium", "when_full", "per_network"),
    *("quarantine", "quarantine_for", "quarantine_calls", "draining"),
)
_FULL = ("overflow", "share")


def read_pools(root: Table, region: str | None) -> dict[str, Pool]:
    return {name: _pool(name, table, region) for name, table in root.named("pools", _POOL)}


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


def _pool(name: str, table: Table, region: str | None) -> Pool:
    numbers, quarantine, draining = (_listed(table, each, region) for each in _LISTS)
    return Pool(
        key=name,
        numbers=numbers,
        overflow=table.number("overflow", region),
        hold=table.duration("hold", timedelta(minutes=30)),
        cool_off=table.duration("cool_off", timedelta(0), zero=True),
        source=table.text("source", "yandex") or "",
        medium=table.text("medium", "cpc") or "",
        when_full=_when_full(table),
        per_network=table.whole("per_network", None, 20),
        quarantine=quarantine,
        quiet=Quiet(
            span=table.duration("quarantine_for", TWO_WEEKS.span),
            calls=table.whole("quarantine_calls", 0, 1) or 0,
        ),
        draining=draining,
    )


def _listed(table: Table, name: str, region: str | None) -> tuple[Number, ...]:
    """The numbers of one of the lists; a pool may do without ``numbers`` while others wait."""
    is_needed = name == "numbers" and not any(table.get(other) for other in _LISTS[1:])
    return table.numbers(name, region) if is_needed or table.get(name) else ()


def _when_full(table: Table) -> str:
    value = table.get("when_full", "")
    if value and value not in _FULL:
        table.wrong("when_full", "there is no such choice.", 'Write "overflow" or "share".')
    return value if isinstance(value, str) else ""
