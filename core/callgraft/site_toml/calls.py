"""Reading the table ``[calls]``: what a site's calls count as."""

from __future__ import annotations

from callgraft.call_terms import CallTerms
from callgraft.site_toml.scalars import number
from callgraft.site_toml.table import Table


def read_calls(root: Table, region: str | None) -> CallTerms:
    table = root.table("calls", ("target_talk", "service", "clients"))
    if table is None:
        return CallTerms()
    service, clients = _phones(table, "service", region), _phones(table, "clients", region)
    if service & clients:
        problem = f"{min(service & clients)} stands in service too."
        table.wrong("clients", problem, "List each phone in one of the two.")
    return CallTerms(
        target_talk=table.duration("target_talk", CallTerms().target_talk, zero=True),
        service=service,
        clients=clients,
    )


def _phones(table: Table, name: str, region: str | None) -> frozenset[str]:
    read = [
        number(written, key, region, table.problems)
        for key, written in table.texts(name, "+7 916 000-00-01")
    ]
    return frozenset(each.e164 for each in read if each is not None)
