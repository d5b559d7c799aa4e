"""What a page view asks the store for: numbers, a promo code; and what it hides instead."""

from __future__ import annotations

from collections.abc import Mapping

from callgraft.html import Plan
from callgraft.html.hiding import Mask
from callgraft.images import Drawing
from callgraft.network import truncated
from callgraft.packed import PackedPlan
from callgraft.person import Person
from callgraft.phone import Number
from callgraft.promo import PROMO
from callgraft.reveal import is_shown
from callgraft.rules import Decision, decide
from callgraft.site import Site
from callgraft.tracking.limits import wanted_of
from callgraft.tracking.promo_values import PromoWanted
from callgraft.tracking.values import PageView
from callgraft.visit import Visit


def view_of(
    site: Site,
    person: Person,
    plan: Plan | PackedPlan | Drawing,
    decisions: tuple[Decision, ...],
    *,
    is_load: bool,
) -> PageView | None:
    """The page view with the numbers that it takes; None where nothing is to be kept of it."""
    here = person.here
    if person.identity is None or not (is_load or any(each.pool for each in decisions)):
        return None
    return PageView(
        site=site.key,
        at=here.at,
        identity=person.identity,
        path=here.path,
        location=here.location,
        device=here.device,
        network=truncated(here.address),
        is_contact=site.is_contact_page(here.path, shows_target=bool(plan.targets)),
        is_load=is_load,
        wanted=tuple(
            wanted_of(site.pools[each.pool], each.target) for each in decisions if each.pool
        ),
    )


def code_of(site: Site, person: Person, plan: Plan | PackedPlan | Drawing) -> PromoWanted | None:
    """Which code to ask for: nobody who declined gets one, for it is kept with the session."""
    identity = person.identity
    if identity is None or isinstance(plan, Drawing) or not plan.has_code or site.promo is None:
        return None
    if not decide(site, PROMO, person.here, explain=False).promo:
        return None
    return PromoWanted(
        site=site.key,
        session=identity.session,
        visitor=identity.visitor,
        at=person.here.at,
        digits=site.promo.digits,
    )


def to_hide(
    site: Site,
    visit: Visit,
    person: Person,
    plan: Plan | PackedPlan | Drawing,
    decisions: tuple[Decision, ...],
    *,
    is_load: bool,
) -> Mapping[str, Mask]:
    """
    The targets that take no number before a click, and how they are hidden.

    Nothing for who declined, whose click could not be remembered, and on a page where the number
    stands in no place that can be hidden.
    """
    identity = person.identity
    found: dict[str, Mask] = {}
    for each in decisions:
        if not each.reveal or identity is None or is_shown(visit, identity, each.target):
            continue
        mask = mask_of(site, each)
        if not is_load or (not isinstance(plan, Drawing) and plan.hides(mask)):
            found[each.target] = mask
    return found


def mask_of(site: Site, decision: Decision) -> Mask:
    """How a target is hidden: by what its possible numbers have in common."""
    numbers: tuple[Number, ...] = (site.targets[decision.target].number,)
    if decision.pool:
        pool = site.pools[decision.pool]
        numbers = (*pool.every_number, *([pool.overflow] if pool.overflow else []))
    elif decision.fixed:
        numbers = (site.fixed[decision.fixed].number,)
    return Mask(target=decision.target, numbers=numbers, label=site.reveal_label)
