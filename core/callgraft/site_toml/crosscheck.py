"""What must hold across a Site document: each number stands in one place only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callgraft.phone import Number
from callgraft.problems import Problems, below
from callgraft.roles import origin_of
from callgraft.site import Pool, Site, Target

Places = Iterator[tuple[str, Number]]


def check_numbers(site: Site, problems: Problems) -> None:
    """No number twice, no tracking number that is a target, no route back to one."""
    printed = _printed(site.targets.values(), problems)
    tracking: dict[Number, str] = {}
    places = (*_pools(site.pools.values()), *_overflows(site, problems), *_fixed(site))
    for key, number in places:
        if number in printed:
            problem = f"it is the target at {printed[number]}."
            problems.add(key, number.e164, problem, "A target is replaced by another number.")
        elif number in tracking:
            problem = f"it stands already at {tracking[number]}."
            cure = "A tracking number has one purpose: remove it from one of the two."
            problems.add(key, number.e164, problem, cure)
        else:
            tracking[number] = key
    for key, number in _routes(site.targets.values()):
        if number in tracking:
            problem = (
                f"it is the tracking number at {tracking[number]}: a call would go in circles."
            )
            problems.add(key, number.e164, problem, "Ring a number where somebody answers.")


def _printed(targets: Iterable[Target], problems: Problems) -> dict[Number, str]:
    found: dict[Number, str] = {}
    for target in targets:
        key = f"{below('targets', target.key)}.number"
        first = found.setdefault(target.number, key)
        if first != key:
            problem = f"it is the target at {first} already."
            problems.add(key, target.number.e164, problem, "Make one target of the two.")
    return found


def _pools(pools: Iterable[Pool]) -> Places:
    for pool in pools:
        key = below("pools", pool.key)
        for name in ("numbers", "quarantine", "draining"):
            for place, number in enumerate(getattr(pool, name)):
                yield f"{key}.{name}[{place}]", number


def _overflows(site: Site, problems: Problems) -> Places:
    """Each overflow number once: the pools that show it have one source, or it would tell none."""
    first: dict[Number, Pool] = {}
    for pool in site.pools.values():
        if pool.overflow is None:
            continue
        key, before = f"{below('pools', pool.key)}.overflow", first.get(pool.overflow)
        if before is None:
            first[pool.overflow] = pool
            yield key, pool.overflow
        elif origin_of(pool, site.rules) != origin_of(before, site.rules):
            problem = f"the pool {before.key!r} shows it too, and stands for another source."
            cure = "Give each an overflow number of its own, or the same source and medium."
            problems.add(key, pool.overflow.e164, problem, cure)


def _fixed(site: Site) -> Places:
    for each in site.fixed.values():
        yield f"{below('fixed', each.key)}.number", each.number


def _routes(targets: Iterable[Target]) -> Places:
    for target in targets:
        for place, step in enumerate(target.route):
            for which, number in enumerate(step.ring):
                yield f"{below('targets', target.key)}.route[{place}].ring[{which}]", number
