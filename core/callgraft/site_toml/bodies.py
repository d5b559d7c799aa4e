"""Reading the section ``[[bodies]]`` of a Site document: JSON, XML and text that is swapped."""

from __future__ import annotations

from callgraft.conditions.terms import pattern
from callgraft.media import FORMS
from callgraft.patterns import Pattern
from callgraft.problems import Problems, suggest
from callgraft.site_toml.table import Table
from callgraft.subresources import Bodies


def read_bodies(root: Table) -> tuple[Bodies, ...]:
    return tuple(
        Bodies(paths=_paths(table), forms=_forms(table))
        for table in root.tables("bodies", ("paths", "types"))
    )


def path_pattern(written: str, key: str, example: str, problems: Problems) -> Pattern | None:
    """The glob or ``re:`` pattern of a path on this site."""
    if written.startswith(("/", "*", "re:")):
        return pattern(written, key, problems)
    if "://" in written:
        path = "/" + written.partition("://")[2].partition("/")[2].partition("?")[0]
        problems.add(key, written, "a path stands here, without scheme and host.", _write(path))
    else:
        problems.add(key, written, "no path: it does not begin with /.", _write(example))
    return None


def _write(path: str) -> str:
    return f'Write it like "{path}", with * for any characters.'


def _paths(table: Table) -> tuple[Pattern, ...]:
    if table.get("paths") in (None, []):
        table.wrong("paths", "it needs a path.", 'Write paths = ["/api/contacts*"].')
    read = [
        path_pattern(written, key, "/api/contacts*", table.problems)
        for key, written in table.texts("paths", "/api/contacts*")
    ]
    return tuple(each for each in read if each is not None)


def _forms(table: Table) -> frozenset[str]:
    if "types" not in table:
        return FORMS
    if table.get("types") == []:
        table.wrong("types", "it is empty.", 'Write types = ["json"], or leave it out for all.')
    given = list(table.texts("types", "json"))
    for key, written in given:
        if written not in FORMS:
            cure = suggest(written.rpartition("/")[2], FORMS)
            table.problems.add(key, written, "there is no such type of body.", cure)
    return frozenset(written for _, written in given) & FORMS
