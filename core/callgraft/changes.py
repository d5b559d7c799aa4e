"""What a new version of a Site document changes, in words for an audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from callgraft.rules import Rule
from callgraft.site import Pool, Site

_NAMED = ("targets", "pools", "fixed", "providers")
_LISTED = ("bodies", "images")
_UNSEEN = ("key", "version", "document", "rules", *_NAMED, *_LISTED)


def changes(before: Site | None, after: Site) -> Sequence[str]:
    """Say what is other than ``before``, part by part: "pools.direct: 2 numbers added"."""
    if before is None:
        return ("the first edition",)
    found = [
        *_of_values(before, after),
        *(line for name in _NAMED for line in _of_named(before, after, name)),
        *_of_rules(before.rules, after.rules),
        *(f"{name}: changed" for name in _LISTED if _is_other(before, after, name)),
    ]
    return found or ("nothing that counts: comments or spaces",)


def _of_values(before: Site, after: Site) -> Iterator[str]:
    for field in fields(Site):
        if field.compare and field.name not in _UNSEEN and _is_other(before, after, field.name):
            yield f"{field.name}: changed"


def _of_named(before: Site, after: Site, section: str) -> Iterator[str]:
    old: Mapping[str, Any] = getattr(before, section)
    new: Mapping[str, Any] = getattr(after, section)
    for key in dict.fromkeys((*old, *new)):
        name = f"{section}.{key}"
        if key not in old:
            yield f"{name}: added"
        elif key not in new:
            yield f"{name}: removed"
        elif old[key] != new[key]:
            yield f"{name}: {', '.join(_of_parts(old[key], new[key]))}"


def _of_parts(old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Pool) and isinstance(new, Pool):
        yield from _of_numbers(old, new)
    for field in fields(old):
        if field.name != "numbers" and _is_other(old, new, field.name):
            yield f"{field.name.rstrip('_')} changed"


def _of_numbers(old: Pool, new: Pool) -> Iterator[str]:
    had, has = {each.e164 for each in old.numbers}, {each.e164 for each in new.numbers}
    for count, what in ((len(has - had), "added"), (len(had - has), "removed")):
        if count:
            yield f"{count} number{'s' if count > 1 else ''} {what}"
    if had == has and old.numbers != new.numbers:
        yield "numbers in another order"


def _of_rules(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[str]:
    had, has = {rule.name: rule for rule in old}, {rule.name: rule for rule in new}
    for name in dict.fromkeys((*had, *has)):
        if name not in had:
            yield f"rule {name!r}: added"
        elif name not in has:
            yield f"rule {name!r}: removed"
        elif had[name] != has[name]:
            yield f"rule {name!r}: changed"
    both = [name for name in had if name in has]
    if both != [name for name in has if name in had]:
        yield "rules: in another order"


def _is_other(old: object, new: object, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))
