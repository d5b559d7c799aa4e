"""Reading the table ``[calls]``: what a site's calls count as."""

from __future__ import annotations

from collections.abc import Iterator

from callgraft import phone
from callgraft.call_terms import CallTerms
from callgraft.errors import NotANumber
from callgraft.site_toml.providers import Secrets
from callgraft.site_toml.scalars import number
from callgraft.site_toml.table import Table

_ENV = "env:"


def read_calls(root: Table, region: str | None, secrets: Secrets) -> CallTerms:
    """
    The terms of the site's calls.

    ``env:NAME`` in a list of phones stands for those in that variable, with commas between them: a
    published document is read by many who need not know the staff's phones.
    """
    table = root.table("calls", ("target_talk", "service", "clients"))
    if table is None:
        return CallTerms()
    service, clients = (_phones(table, name, region, secrets) for name in ("service", "clients"))
    if service & clients:
        problem = f"{min(service & clients)} stands in service too."
        table.wrong("clients", problem, "List each phone in one of the two.")
    return CallTerms(
        target_talk=table.duration("target_talk", CallTerms().target_talk, zero=True),
        service=service,
        clients=clients,
    )


def _phones(table: Table, name: str, region: str | None, secrets: Secrets) -> frozenset[str]:
    phones: set[str] = set()
    for key, written in table.texts(name, "+7 916 000-00-01"):
        if written.startswith(_ENV):
            phones.update(_looked_up(table, key, written, region, secrets))
        elif read := number(written, key, region, table.problems):
            phones.add(read.e164)
    return frozenset(phones)


def _looked_up(
    table: Table, key: str, written: str, region: str | None, secrets: Secrets
) -> Iterator[str]:
    """The phones of a variable. A problem never shows one: problems go to logs."""
    if secrets.environ is None:
        return
    name = written.removeprefix(_ENV)
    found = secrets.environ.get(name)
    if found is None and not secrets.may_lack:
        cure = f'Set {name or "one"} before the start, like "+79160000001, +79160000002".'
        table.problems.add(key, written, "the environment has no such variable.", cure)
    listed = [each.strip() for each in (found or "").split(",")]
    for place, each in enumerate(filter(None, listed), start=1):
        try:
            yield phone.read(each, region).e164
        except NotANumber:
            if not secrets.may_lack:
                cure = "Write phones in full, with commas between them."
                table.problems.add(
                    key, written, f"what stands there as no. {place} is no phone.", cure
                )
