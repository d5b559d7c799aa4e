"""The worlds that can be simulated: how much traffic, and what is unlike the ordinary in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    A world's free parameters; shares are between 0 and 1.

    ``helper`` is the share of visitors whose browser runs the helper, ``signs`` the share of its
    signs that arrive, and ``presses`` that of presses on the call link; ``rings`` is how many
    sessions of persons lead to a first call; ``soon``, ``same_day`` and ``later`` are the shares of
    first calls within half an hour of being shown without staying on the page, within a day, and on
    days 2 to 7; ``trust`` is how often a caller's region is the session's beyond luck; ``strays``
    is strangers per second and number; ``burst`` is how much more traffic one hour of each day has.
    """

    name: str
    sessions_per_day: float = 10_000
    numbers: int = 101
    days: int = 12
    regions: int = 20
    trust: float = 0.5
    mobile: float = 0.62
    helper: float = 0.85
    signs: float = 1.0
    presses: float = 1.0
    bots: float = 0.04
    returns: float = 0.2
    lost_cookies: float = 0.1
    rings: float = 0.034
    soon: float = 0.3
    same_day: float = 0.07
    later: float = 0.016
    again: float = 0.3
    hidden: float = 0.07
    strays: float = 2e-6
    burst: float = 1.0


STANDARD = Scenario(name="standard")

_UNUSUAL: Mapping[str, Mapping[str, float]] = {
    "no-presses": {"presses": 0.0},
    "weak-script": {"signs": 0.4},
    "one-region": {"regions": 1},
    "slow-callers": {"soon": 0.45, "same_day": 0.16, "later": 0.05},
    "more-strays": {"strays": 1e-5, "bots": 0.12},
    "lost-cookies": {"lost_cookies": 0.6},
    "hidden-callers": {"hidden": 0.5},
    "no-script": {"helper": 0.7},
    "bursts": {"burst": 5.0},
}
"""What is other than usual in each of the disturbed worlds."""


def _unlike(name: str, changed: Mapping[str, float]) -> Scenario:
    return replace(STANDARD, name=name, **changed)  # type: ignore[arg-type]  # regions are whole


_EVERYTHING: Mapping[str, float] = {
    name: value for unlike in _UNUSUAL.values() for name, value in unlike.items()
}

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        STANDARD,
        replace(STANDARD, name="small", sessions_per_day=1_000, numbers=11),
        replace(STANDARD, name="small-21", sessions_per_day=1_000, numbers=21),
        replace(STANDARD, name="large", sessions_per_day=100_000, numbers=1_001),
        *(_unlike(name, unlike) for name, unlike in _UNUSUAL.items()),
        _unlike("everything", _EVERYTHING),
    )
}
