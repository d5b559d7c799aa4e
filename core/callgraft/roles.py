"""What a number is to a site: a target, a pool's, a pool's overflow number, or a fixed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from callgraft.conditions import AllOf, TextIs

if TYPE_CHECKING:
    from callgraft.rules import Condition, Rule
    from callgraft.site import Pool, Site


class RoleKind(StrEnum):
    TARGET = "target"
    POOL = "pool"
    OVERFLOW = "overflow"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """
    What one number is; ``key`` is that of its target, pool or fixed number.

    ``source`` … ``campaign`` are what a call to it tells of its origin even when the visitor is
    unknown; empty means that it tells nothing.
    """

    kind: RoleKind
    key: str
    source: str = ""
    medium: str = ""
    campaign: str = ""


def roles_of(site: Site) -> dict[str, Role]:
    """The role of every number of the site, by E.164."""
    roles: dict[str, Role] = {}
    for number, role in (*_targets(site), *_pools(site), *_fixed(site)):
        roles.setdefault(number, role)
    return roles


def origin_of(pool: Pool, rules: Iterable[Rule]) -> tuple[str, str]:
    """The source and medium that the pool names, or else that every rule to it demands."""
    if pool.source or pool.medium:
        return pool.source, pool.medium
    leading = [rule.when for rule in rules if rule.enabled and rule.pool == pool.key]
    source = _common(leading, "source")
    # A medium alone ("cpc") is no origin: whose clicks were they?
    return (source, _common(leading, "medium")) if source else ("", "")


def _targets(site: Site) -> Iterator[tuple[str, Role]]:
    for target in site.targets.values():
        yield target.number.e164, Role(kind=RoleKind.TARGET, key=target.key)


def _pools(site: Site) -> Iterator[tuple[str, Role]]:
    for pool in site.pools.values():
        source, medium = origin_of(pool, site.rules)
        role = Role(kind=RoleKind.POOL, key=pool.key, source=source, medium=medium)
        yield from ((number.e164, role) for number in pool.every_number)
        if pool.overflow is not None:
            spare = Role(kind=RoleKind.OVERFLOW, key=pool.key, source=source, medium=medium)
            yield pool.overflow.e164, spare


def _fixed(site: Site) -> Iterator[tuple[str, Role]]:
    for fixed in site.fixed.values():
        yield (
            fixed.number.e164,
            Role(
                kind=RoleKind.FIXED,
                key=fixed.key,
                source=fixed.source,
                medium=fixed.medium,
                campaign=fixed.campaign,
            ),
        )


def _common(conditions: Iterable[Condition | None], name: str) -> str:
    demanded = {_demanded(condition, name) for condition in conditions}
    return demanded.pop() if len(demanded) == 1 else ""


def _demanded(condition: Condition | None, name: str) -> str:
    if isinstance(condition, AllOf):
        return next(filter(None, (_demanded(part, name) for part in condition.parts)), "")
    if isinstance(condition, TextIs) and condition.name == name and len(condition.patterns) == 1:
        pattern = condition.patterns[0]
        return pattern.written if pattern.is_literal else ""
    return ""
