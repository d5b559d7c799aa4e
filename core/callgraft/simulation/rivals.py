"""The trade's two policies, played through the same world: a fixed hold, and lazy reclaim."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from callgraft.simulation.outcomes import UNMATCHED, Outcome
from callgraft.simulation.people import MINUTE, Stay
from callgraft.simulation.world import Ring, World
from callgraft.tracking.states import SignKind

FIXED_HOLD = 6 * MINUTE
HOLDS = tuple(minutes * MINUTE for minutes in (1, 2, 3, 4, 6, 9, 15, 30))
"""Reservations that the lazy policy is tuned over."""

Life = tuple[float, int, bool]
"""A sign of life: when, the session's place, and whether it loaded a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    Whoever had the number last made the call.

    A number is a session's own for ``hold`` seconds after its last sign of life. After that the
    one idle longest goes to whoever comes next; if ``keeps``, the session has it until then.
    ``remembers`` is caller memory: a known phone is the person it was first matched with.
    """

    hold: float
    keeps: bool
    remembers: bool


FIXED = Policy(hold=FIXED_HOLD, keeps=False, remembers=False)


def lazy(hold: float) -> Policy:
    """Lazy reclaim with a reservation of ``hold`` seconds."""
    return Policy(hold=hold, keeps=True, remembers=True)


def lives(world: World) -> list[Life]:
    """All signs of life in their order; they are the same for every policy."""
    found = [
        (at, place, kind is SignKind.PAGE)
        for place, stay in enumerate(world.stays)
        for at, kind, _ in stay.log
        if kind is not SignKind.HELPER and kind is not SignKind.NUMBER_TOUCHED
    ]
    found.sort()
    return found


def play_rival(world: World, told: Sequence[Life], numbers: int, policy: Policy) -> list[Outcome]:
    """What becomes of each call after the middle under the policy."""
    run = _Run(world=world, policy=policy)
    for number in range(numbers):
        run.idle[number] = -1e9
        run.holder[number] = None
    return run.outcomes(told)


@dataclass(slots=True, kw_only=True)
class _Run:
    """Who has which number; ``idle`` has the numbers by last sign of life, longest idle first."""

    world: World
    policy: Policy
    idle: OrderedDict[int, float] = field(default_factory=OrderedDict)
    holder: dict[int, Stay | None] = field(default_factory=dict)
    shown: dict[int, int | None] = field(default_factory=dict)
    number_of: dict[str, int] = field(default_factory=dict)
    phones: dict[int, Stay] = field(default_factory=dict)

    def outcomes(self, told: Sequence[Life]) -> list[Outcome]:
        found, place, count = [], 0, len(told)
        for ring in self.world.rings:
            while place < count and told[place][0] <= ring.at:
                self._live(*told[place])
                place += 1
            outcome = self._attributed(ring)
            if ring.at >= self.world.middle:
                found.append(outcome)
        return found

    def _live(self, at: float, place: int, is_page: bool) -> None:
        stay = self.world.stays[place]
        number = self.number_of.get(stay.visitor)
        if number is not None and self._is_own(stay, number, at):
            self.idle[number] = at
            self.idle.move_to_end(number)
        elif is_page:
            number = self._taken(stay, at)
        if is_page:
            self.shown[stay.key] = number

    def _is_own(self, stay: Stay, number: int, at: float) -> bool:
        """Whether the number is still the visitor's, who may be back with another session."""
        holder = self.holder[number]
        if holder is None or holder.visitor != stay.visitor:
            return False
        if not self.policy.keeps and at > self.idle[number] + self.policy.hold:
            return False
        self.holder[number] = stay
        return True

    def _taken(self, stay: Stay, at: float) -> int | None:
        number, since = next(iter(self.idle.items()))
        if since + self.policy.hold > at:
            self.number_of.pop(stay.visitor, None)
            return None
        self.idle[number] = at
        self.idle.move_to_end(number)
        self.holder[number] = stay
        self.number_of[stay.visitor] = number
        return number

    def _attributed(self, ring: Ring) -> Outcome:
        number: int | None = ring.place
        if ring.stay is not None:
            number = self.shown.get(ring.stay.key)
        matched = self.holder[number] if number is not None else None
        if self.policy.remembers and not ring.is_hidden:
            matched = self.phones.get(ring.phone, matched)
            if matched is not None:
                self.phones.setdefault(ring.phone, matched)
        if ring.stay is None:
            return _outcome(matched, None, has_number=True)
        return _outcome(matched, ring.stay, has_number=number is not None)


def _outcome(matched: Stay | None, caller: Stay | None, *, has_number: bool) -> Outcome:
    if matched is None:
        return UNMATCHED
    return Outcome(
        is_visitor=caller is not None,
        has_number=has_number,
        probability=1.0,
        is_right=caller is not None and matched.person is caller.person,
        is_source_right=caller is not None and matched.touch.source == caller.touch.source,
    )
