"""What is advised, against sites that live: sessions come by chance, and take and leave numbers."""

from __future__ import annotations

from datetime import timedelta
from heapq import heappop, heappush
from random import Random

import pytest

from callgraft.sizing import SHARES, advise, even_days
from callgraft.sizing.demand import AFTER_LAST_PAGE, DAY, MINUTE, Demand

SITES = 50
SESSIONS = 20_000
"""So many come to a site that is tried, over as many days as that takes."""


def site(number: int) -> tuple[Demand, timedelta]:
    """One of fifty made-up sites, and its hold: small and large, calm and hasty."""
    chance = Random(number)
    per_day = 10 ** chance.uniform(2.5, 4.3)
    stay = timedelta(minutes=chance.uniform(1, 6))
    hold = timedelta(minutes=chance.choice((3, 5, 10, 15, 30, 45)))
    return even_days(per_day, stay=stay, busiest=chance.uniform(0.06, 0.12)), hold


def covered(demand: Demand, hold: timedelta, numbers: int, chance: Random) -> float:
    """The share of sessions that found a number, as it happens."""
    [mean] = {demand.stays.mean}
    keep, last = hold / MINUTE, AFTER_LAST_PAGE / MINUTE
    days = max(1, round(SESSIONS / demand.per_day))
    found, everybody = 0, 0
    busy: list[float] = []
    for minute in range(days * DAY):
        rate = demand.arrivals[minute % DAY]
        at = chance.expovariate(1.0) / rate if rate else 2.0
        while at < 1:
            now = minute + at
            while busy and busy[0] <= now:
                heappop(busy)
            everybody += 1
            if len(busy) < numbers:
                found += 1
                stay = chance.expovariate(1.0) * (mean / MINUTE)
                heappush(busy, now + max(keep, stay + last))
            at += chance.expovariate(1.0) / rate
    return found / everybody


@pytest.mark.parametrize("number", range(SITES))
def test_the_exact_form_is_right_within_three_points(number: int) -> None:
    demand, hold = site(number)
    share = SHARES[number % len(SHARES)]
    advice = advise(demand, hold, holds=())
    numbers = advice.numbers[share]
    happened = covered(demand, hold, numbers, Random(1_000 + number))
    assert happened == pytest.approx(advice.curve[numbers], abs=0.03)


def test_the_closed_form_errs_on_the_safe_side() -> None:
    errors: dict[float, list[float]] = {share: [] for share in SHARES}
    for number in range(SITES):
        demand, hold = site(number)
        advice = advise(demand, hold, holds=())
        for share, found in errors.items():
            found.append(advice.thumb[share] / advice.numbers[share] - 1)
    assert all(-0.06 <= each <= 0.34 for found in errors.values() for each in found)
    means = {share: sum(found) / SITES for share, found in errors.items()}
    assert all(abs(means[share]) <= 0.1 for share in (0.8, 0.9)), "it knows no peaks but the hour's"
    assert means[0.99] <= 0.25
