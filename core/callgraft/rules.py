"""When a target is swapped and by what: conditions, rules, and the decision explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from callgraft.geo import NOWHERE, Location
from callgraft.promo import PROMO
from callgraft.source import Touch

if TYPE_CHECKING:
    from callgraft.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """
    All that a rule may look at.

    ``at`` is aware (conditions read it in the site's time zone); ``language`` is the first one of
    ``Accept-Language``; ``device`` is ``mobile``, ``tablet`` or ``desktop``; ``address`` is the
    visitor's full address, for ``network`` conditions only: it is never stored.
    """

    at: datetime
    touch: Touch
    location: Location = NOWHERE
    path: str = "/"
    query: str = ""
    device: str = "desktop"
    language: str = ""
    is_returning: bool = False
    address: str = ""


class Condition(Protocol):
    """Something that holds or does not, and can say why."""

    def holds(self, site: Site, here: Circumstances) -> bool: ...

    def because(self, site: Site, here: Circumstances) -> str:
        """Why it holds or does not: ``source is "google"; the rule wants "yandex"``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    Swap ``target`` by a number of ``pool``, by the ``fixed`` number, or (neither) leave it alone.

    ``when`` None always holds. With ``target`` PROMO it is about the promo code, and ``promo`` says
    whether one is shown.
    """

    name: str
    target: str
    pool: str | None = None
    fixed: str | None = None
    promo: bool = False
    reveal: bool = False
    """Whether the number is hidden until somebody clicks, and taken from the pool only then."""
    when: Condition | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One rule that was tried, whether it matched, and why."""

    rule: str
    matched: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What becomes of one target for one visitor; neither ``pool`` nor ``fixed`` keeps the original.

    ``rule`` is the name of the rule that matched, None when none did; ``tried`` are the rules in
    the order in which they were tried, those that are switched off among them.
    """

    target: str
    pool: str | None
    fixed: str | None
    rule: str | None
    tried: tuple[Trial, ...]
    promo: bool = False
    """Whether a promo code is shown, where the decision is about that: ``target`` is PROMO."""
    reveal: bool = False

    @property
    def because(self) -> str:
        """The decision in one sentence."""
        stays = "no promo code is shown" if self.target == PROMO else "the number stays"
        if self.rule is None:
            return f"no rule matched; {stays}"
        why = f": {self.tried[-1].because}" if self.tried else ""
        end = "" if self.pool or self.fixed or self.promo else f"; {stays}"
        return f'rule "{self.rule}" matched{why}{end}'


def decide(site: Site, target: str, here: Circumstances, *, explain: bool = True) -> Decision:
    """
    The first enabled rule for ``target`` that matches decides; none leaves the number alone.

    :param explain: without it ``tried`` stays empty, at a fraction of the cost: for pages that are
        served rather than explained. The same circumstances can be explained at any later time.
    """
    tried: list[Trial] = []
    for rule in site.rules:
        if rule.target != target:
            continue
        matched = rule.enabled and (rule.when is None or rule.when.holds(site, here))
        if explain:
            because = _because(rule, site, here)
            tried.append(Trial(rule=rule.name, matched=matched, because=because))
        if matched:
            return Decision(
                target=target,
                pool=rule.pool,
                fixed=rule.fixed,
                rule=rule.name,
                tried=tuple(tried),
                promo=rule.promo,
                reveal=rule.reveal,
            )
    return Decision(target=target, pool=None, fixed=None, rule=None, tried=tuple(tried))


def _because(rule: Rule, site: Site, here: Circumstances) -> str:
    if not rule.enabled:
        return "switched off"
    if rule.when is None:
        return "the rule has no condition"
    return rule.when.because(site, here)
