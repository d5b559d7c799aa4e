"""Reading the table ``[site]``: what a site is called, where it is, how its numbers are read."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from callgraft.countries import meant_country
from callgraft.patterns import MAX_PATTERN
from callgraft.problems import kind
from callgraft.site_toml import scalars
from callgraft.site_toml.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The table ``[site]``."""

    key: str
    hosts: tuple[str, ...]
    region: str | None
    timezone: ZoneInfo
    contact_pages: tuple[str, ...]


def read_head(root: Table) -> Head:
    value = root.get("site")
    if not isinstance(value, dict):
        found = "it is missing" if value is None else f"it takes a table, not {kind(value)}"
        root.wrong("site", f"{found}.", 'Write [site] and below it key = "okna".')
        return Head(key="", hosts=(), region=None, timezone=ZoneInfo("UTC"), contact_pages=())
    known = ("key", "hosts", "region", "timezone", "contact_pages")
    table = Table(value, "site", known, root.problems)
    return Head(
        key=_key(table),
        hosts=_hosts(table),
        region=_region(table),
        timezone=_timezone(table),
        contact_pages=_contact_pages(table),
    )


def _key(table: Table) -> str:
    key = table.text("key", "okna", required=True)
    if key is not None and not scalars.KEY.fullmatch(key):
        table.wrong("key", scalars.KEY_PROBLEM, 'Give it a plain one, like "okna".')
    return key or ""


def _hosts(table: Table) -> tuple[str, ...]:
    read = [
        scalars.host(written, key, table.problems)
        for key, written in table.texts("hosts", "okna.example")
    ]
    return tuple(dict.fromkeys(host for host in read if host is not None))


def _region(table: Table) -> str | None:
    written = table.text("region", "RU")
    if written is None:
        return None
    # A wrong code must not make every number of the document wrong as well.
    return scalars.region(written, table.path("region"), table.problems) or meant_country(written)


def _timezone(table: Table) -> ZoneInfo:
    written = table.text("timezone", "Europe/Moscow")
    read = written and scalars.timezone(written, table.path("timezone"), table.problems)
    return read or ZoneInfo("UTC")


def _contact_pages(table: Table) -> tuple[str, ...]:
    pages = tuple(table.texts("contact_pages", "/contacts/*"))
    for key, page in pages:
        if not page.startswith(("/", "*")) or len(page) > MAX_PATTERN:
            problem = "no glob of a page's path."
            table.problems.add(key, page, problem, 'Write it like "/contacts/*" or "*contact*".')
    return tuple(page for _, page in pages)
