"""Who comes to the site, and what each session does there until it leaves or rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log
from random import Random

from callgraft.simulation.scenarios import Scenario
from callgraft.source import Touch
from callgraft.tracking.states import SignKind

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0
HALF_HOUR = 30 * MINUTE
WEEK = 7 * DAY

Entry = tuple[float, SignKind, bool]
"""One entry of a session's log: when, what, and whether it loaded a contact page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A source with its share of visitors, and how much likelier than others they ring."""

    touch: Touch
    share: float
    rings: float


def _origin(
    source: str, medium: str, channel: str, campaign: str, share: float, rings: float
) -> Origin:
    touch = Touch(source=source, medium=medium, channel=channel, campaign=campaign)
    return Origin(touch=touch, share=share, rings=rings)


# Who pays for visitors buys those who ring; who reads along on a social network hardly does.
ORIGINS = (
    _origin("google", "organic", "organic", "", 0.24, 0.9),
    _origin("google", "cpc", "paid", "brand", 0.06, 1.7),
    _origin("google", "cpc", "paid", "windows", 0.11, 1.3),
    _origin("direct", "none", "direct", "", 0.17, 1.1),
    _origin("bing", "organic", "organic", "", 0.08, 0.9),
    _origin("bing", "cpc", "paid", "windows", 0.09, 1.3),
    _origin("facebook", "social", "social", "spring", 0.10, 0.4),
    _origin("maps", "referral", "referral", "", 0.05, 1.6),
    _origin("newsletter", "email", "email", "march", 0.04, 0.8),
    _origin("partner.example", "referral", "referral", "", 0.06, 0.7),
)
_SHARES = [each.share for each in ORIGINS]


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody, with a phone; ``visitor`` is the id in the cookie, which may be lost."""

    key: int
    device: str
    region: int
    phone_region: int
    is_hidden: bool
    has_helper: bool
    visitor: str
    is_bot: bool = False


@dataclass(slots=True, kw_only=True)
class Stay:
    """One session: what is known of it, and ``ring``, when its person rings for the first time."""

    key: int
    person: Person
    visitor: str
    began: float
    touch: Touch
    log: list[Entry] = field(default_factory=list)
    ring: float | None = None


def person(chance: Random, key: int, world: Scenario, shares: Sequence[float]) -> Person:
    """Somebody who comes for the first time."""
    [region] = chance.choices(range(world.regions), shares)
    phone_region = region
    if chance.random() >= world.trust:
        [phone_region] = chance.choices(range(world.regions), shares)
    is_bot = chance.random() < world.bots
    return Person(
        key=key,
        device="mobile" if chance.random() < world.mobile else "desktop",
        region=region,
        phone_region=phone_region,
        is_hidden=chance.random() < world.hidden,
        has_helper=not is_bot and chance.random() < world.helper,
        visitor=f"v{key}",
        is_bot=is_bot,
    )


def stay(chance: Random, key: int, who: Person, at: float, world: Scenario) -> Stay:
    """What the person does in one session that begins at ``at``."""
    [origin] = chance.choices(ORIGINS, _SHARES)
    made = Stay(key=key, person=who, visitor=who.visitor, began=at, touch=origin.touch)
    if who.is_bot:
        made.log.append((at, SignKind.PAGE, False))
        return made
    eager = 1.12 if who.device == "mobile" else 0.8
    will_ring = chance.random() < world.rings * origin.rings * eager
    at = _pages(chance, made, will_ring=will_ring)
    if will_ring:
        _ring(chance, made, at, world)
    else:
        _leave(chance, made, at)
    if who.has_helper:
        _lose(chance, made, world)
    made.log.sort(key=_moment)
    return made


def _pages(chance: Random, made: Stay, *, will_ring: bool) -> float:
    """Load pages and read them; returns when the last one was read."""
    at, more = made.began, 0.62 if will_ring else 0.47
    if made.person.has_helper:
        made.log.append((at + 0.5, SignKind.HELPER, False))
    while True:
        is_last = chance.random() >= more
        is_contact = chance.random() < (0.45 if will_ring and is_last else 0.05)
        made.log.append((at, SignKind.PAGE, is_contact))
        dwell = _dwell(chance, will_ring=will_ring, is_only=is_last and at == made.began)
        if made.person.has_helper:
            _read(chance, made, at, at + dwell)
        at += dwell
        if is_last:
            return at


def _dwell(chance: Random, *, will_ring: bool, is_only: bool) -> float:
    """How long a page is looked at: half of those who see only one are gone at once."""
    if is_only and not will_ring and chance.random() < 0.5:
        return 1 + 5 * exp(chance.gauss(0, 0.7))
    seconds = 10 + 28 * exp(chance.gauss(0, 0.9)) if will_ring else 3 + 22 * exp(chance.gauss(0, 1))
    return min(seconds, 15 * MINUTE)


def _read(chance: Random, made: Stay, at: float, until: float) -> None:
    """Scrolling and clicking, told of once per ten seconds."""
    at += 1 + 4 * chance.random()
    while at < until:
        if chance.random() < 0.75:
            made.log.append((at, SignKind.ACTIVE, False))
        at += 10 + 2 * chance.random()


def _leave(chance: Random, made: Stay, at: float) -> None:
    """Close the tab, or leave it open; some come back to it, some press the number in vain."""
    who = made.person
    if not who.has_helper:
        return
    if chance.random() < (0.022 if who.device == "mobile" else 0.006):
        made.log.append((at, SignKind.TEL_PRESSED, False))
        at += 3
    if chance.random() < 0.012:
        made.log.append((max(at - 5, made.began), SignKind.NUMBER_TOUCHED, False))
    if chance.random() < 0.9:
        made.log.append((at, SignKind.HIDDEN, False))
    if chance.random() < 0.07:
        _come_back(chance, made, at + _between(chance, 2 * MINUTE, 40 * MINUTE), 40)


def _come_back(chance: Random, made: Stay, at: float, seconds: float) -> float:
    """Look at the tab again; returns when that ends."""
    made.log.append((at, SignKind.VISIBLE, False))
    end = at + seconds * (0.3 + chance.random())
    _read(chance, made, at, end)
    made.log.append((end, SignKind.HIDDEN, False))
    return end


def _ring(chance: Random, made: Stay, at: float, world: Scenario) -> None:
    """Ring from the page, soon after leaving it, later that day, or some days later."""
    kind, edge = chance.random(), world.later
    if kind < edge:
        made.ring = made.began + _between(chance, DAY, WEEK)
    elif kind < (edge := edge + world.same_day):
        made.ring = made.began + _between(chance, HALF_HOUR, DAY)
    elif kind < edge + world.soon and at + MINUTE < made.began + HALF_HOUR:
        made.ring = _between(chance, MINUTE, made.began + HALF_HOUR - at) + at
    else:
        _ring_from_page(chance, made, at)
        return
    helped = made.person.has_helper
    if helped and chance.random() < 0.9:
        made.log.append((at, SignKind.HIDDEN, False))
    if helped and made.ring - at > 3 * MINUTE and chance.random() < 0.3:
        _dial(chance, made, made.ring)
        made.log.append((made.ring - 10 - 40 * chance.random(), SignKind.VISIBLE, False))


def _ring_from_page(chance: Random, made: Stay, at: float) -> None:
    """The number is in view: it is pressed on a phone, typed off the screen elsewhere."""
    made.ring = at
    if made.person.has_helper:
        _dial(chance, made, at)


def _dial(chance: Random, made: Stay, at: float) -> None:
    """What a browser tells of somebody who rings at ``at``."""
    is_mobile = made.person.device == "mobile"
    if chance.random() < (0.72 if is_mobile else 0.1):
        pressed = max(at - 7 * exp(chance.gauss(0, 0.5)), made.began)
        made.log.append((pressed, SignKind.TEL_PRESSED, False))
        if is_mobile:
            # The dialler covers the page.
            made.log.append((pressed + 0.5, SignKind.HIDDEN, False))
    elif chance.random() < (0.1 if is_mobile else 0.35):
        seen = max(at - 3 - 25 * chance.random(), made.began)
        made.log.append((seen, SignKind.NUMBER_TOUCHED, False))


def _lose(chance: Random, made: Stay, world: Scenario) -> None:
    """Keep what reaches the server; page loads always do."""
    if world.signs == 1 and world.presses == 1:
        return
    kept = {SignKind.PAGE: 1.0, SignKind.HELPER: 1.0, SignKind.TEL_PRESSED: world.presses}
    made.log = [each for each in made.log if chance.random() < kept.get(each[1], world.signs)]


def _between(chance: Random, low: float, high: float) -> float:
    """A span, each as likely as twice it: people act soon or much later."""
    return low * exp(chance.random() * log(high / low))


def _moment(entry: Entry) -> float:
    return entry[0]
