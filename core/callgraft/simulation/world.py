"""
A site's days, lived through once: everybody who comes, what they do, and who rings when.

The parameters reproduce what the trade publishes, and are the same for every policy: 2-5 % of
visitors ring; 91.4 % of first calls come within 30 minutes of the number being shown and 1.6 % on
days 2 to 7. The rest is chosen so that sessions ring about as fast as the default tables of
attribution say for their level and silence, as far as those agree with that. The share of callers
who ring soon after leaving the page is the freest of them: it was raised from .16 to .3 for that
after first runs had been scored, and policies lie further apart with .3. About every second session
has a single page, and half of these are over in seconds; most who ring from a phone press the call
link, and half of all presses are followed by a call; three first calls of ten come up to half an
hour after the page was left. A fifth of the sessions are followed by another one of the same person
within a week, one in ten of these without the cookie; three callers of ten ring again, under the
number they know. Regions and sources differ in size as in a country and in a trade. Strangers ring
numbers that stood in old print.

Late callers ring at any hour, nobody has two phones, and no beacon comes late: there the world is
kinder than the real one, to every policy alike.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count
from random import Random

from callgraft.simulation.people import DAY, HOUR, MINUTE, WEEK, Person, Stay, person, stay
from callgraft.simulation.scenarios import Scenario

# Sessions by hour of the day, as shops and services have them; only the shape matters.
HOURS = (
    *(10, 7, 5, 5, 6, 10, 18, 30, 48, 62, 70, 74),
    *(73, 71, 70, 70, 69, 66, 61, 55, 47, 36, 24, 13),
)
_BURST_HOUR = 20
_LONGEST_AWAY = 10 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """
    One call: of a session, or of a stranger, who rings the number at ``place`` in the pool.

    ``phone`` is the caller's, ``is_first`` whether it never rang before.
    """

    at: float
    phone: int
    region: int
    is_hidden: bool
    stay: Stay | None = None
    place: int = 0
    is_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Sessions by when they began, calls by when they rang; seconds since the first midnight."""

    scenario: Scenario
    until: float
    stays: list[Stay]
    rings: list[Ring]

    @property
    def middle(self) -> float:
        """Policies learn before it and are scored after it."""
        return self.until / 2


def live(scenario: Scenario, seed: int, *, numbers: int) -> World:
    """Live through the scenario; the same seed gives the same world, whatever the machine."""
    until = scenario.days * DAY
    stays = _stays(_chance("stays", seed), scenario, until)
    rings = _calls(_chance("calls", seed), scenario, stays, until)
    rings += _strays(_chance("strays", seed), scenario, numbers, until)
    rings.sort(key=lambda ring: ring.at)
    return World(scenario=scenario, until=until, stays=stays, rings=rings)


def _chance(what: str, seed: int) -> Random:
    """Its own stream for each part: another number of numbers changes no visitor."""
    return Random(f"{what} {seed}")  # noqa: S311  # it must be repeatable, not secret


def region_shares(regions: int) -> list[float]:
    """Large regions and small ones, as countries have them: the k-th has 1/k of the first."""
    return [1 / (place + 1) for place in range(regions)]


def _stays(chance: Random, scenario: Scenario, until: float) -> list[Stay]:
    """Those who come for the first time by the hour of the day, and those who come back."""
    shares = region_shares(scenario.regions)
    keys, people = count(), count()
    waiting: list[tuple[float, int, Person]] = []
    stays: list[Stay] = []

    def come(at: float, who: Person) -> None:
        stays.append(stay(chance, next(keys), who, at, scenario))
        if not who.is_bot and chance.random() < scenario.returns:
            back = stays[-1].log[-1][0] + HOUR * 168 ** chance.random()
            heapq.heappush(waiting, (back, who.key, who))

    for at in _arrivals(chance, scenario, until):
        while waiting and waiting[0][0] <= at:
            back, _, who = heapq.heappop(waiting)
            if chance.random() < scenario.lost_cookies:
                who.visitor = f"v{next(people)}"
            come(back, who)
        come(at, person(chance, next(people), scenario, shares))
    return stays


def _arrivals(chance: Random, scenario: Scenario, until: float) -> list[float]:
    """Arrivals of persons who are new, each hour at its own rate."""
    new = scenario.sessions_per_day * (1 - scenario.returns)
    weights = [
        weight * (scenario.burst if hour == _BURST_HOUR else 1) for hour, weight in enumerate(HOURS)
    ]
    found: list[float] = []
    for hour in range(int(until / HOUR)):
        rate = new * weights[hour % 24] / sum(HOURS) / HOUR
        at = hour * HOUR + chance.expovariate(rate)
        while at < (hour + 1) * HOUR:
            found.append(at)
            at += chance.expovariate(rate)
    return found


def _calls(chance: Random, scenario: Scenario, stays: list[Stay], until: float) -> list[Ring]:
    """First calls as the sessions make them, and what those callers ring about again."""
    rings = []
    for each in stays:
        at, is_first = each.ring, True
        while at is not None and at < until:
            rings.append(_ring(each, at, is_first=is_first))
            is_again = chance.random() < scenario.again
            at = at + MINUTE * (WEEK / MINUTE) ** chance.random() if is_again else None
            is_first = False
    return rings


def _ring(stay: Stay, at: float, *, is_first: bool) -> Ring:
    who = stay.person
    return Ring(
        at=at,
        phone=who.key,
        region=who.phone_region,
        is_hidden=who.is_hidden,
        stay=stay,
        is_first=is_first,
    )


def _strays(chance: Random, scenario: Scenario, numbers: int, until: float) -> list[Ring]:
    """Strangers and robots: they ring any number, at any hour."""
    shares = region_shares(scenario.regions)
    rings: list[Ring] = []
    at = chance.expovariate(scenario.strays * numbers)
    while at < until:
        [region] = chance.choices(range(scenario.regions), shares)
        rings.append(
            Ring(
                at=at,
                phone=-1 - len(rings),
                region=region,
                is_hidden=chance.random() < scenario.hidden,
                place=chance.randrange(numbers),
            )
        )
        at += chance.expovariate(scenario.strays * numbers)
    return rings
