"""What must hold across a Site document: each number stands in one place only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callgraft.phone import Number
from callgraft.problems import Problems, below
from callgraft.site import Fixed, Pool, Site, Target

Places = Iterator[tuple[str, Number]]


def check_numbers(site: Site, problems: Problems) -> None:
    """No number twice, no tracking number that is a target, no route back to one."""
    printed = _printed(site.targets.values(), problems)
    tracking: dict[Number, str] = {}
    for key, number in (*_pools(site.pools.values()), *_fixed(site.fixed.values())):
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
        for place, number in enumerate(pool.numbers):
            yield f"{key}.numbers[{place}]", number
        if pool.overflow is not None:
            yield f"{key}.overflow", pool.overflow


def _fixed(fixed: Iterable[Fixed]) -> Places:
    for each in fixed:
        yield f"{below('fixed', each.key)}.number", each.number


def _routes(targets: Iterable[Target]) -> Places:
    for target in targets:
        for place, step in enumerate(target.route):
            for which, number in enumerate(step.ring):
                yield f"{below('targets', target.key)}.route[{place}].ring[{which}]", number
