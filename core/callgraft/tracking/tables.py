"""
The weights of attribution: how fast a session in a given state rings, and who else may.

The figures are defaults from a simulation of the trade's published facts; a site learns its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callgraft.tracking.states import State

Grid = tuple[tuple[float, ...], ...]
"""One row per level, one column per bin of the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """
    One version of all weights.

    ``lam`` and ``val`` are kept per device class, ``mobile`` and ``other``: first calls per second,
    and further calls to expect. ``rho`` is how often a caller's region is the session's beyond
    luck, ``pi`` each region's share of callers (``pi_elsewhere`` for a region without a figure),
    ``src`` how much likelier than others a source's sessions ring. ``stray`` is unknown callers per
    second by number (``stray_elsewhere`` for a number without a figure), ``hour`` their rhythm over
    the 24 hours of a UTC day. ``offset`` is how many seconds late a provider's rings are.
    """

    version: str
    lam: Mapping[str, Grid]
    val: Mapping[str, Grid]
    rho: Mapping[str, float]
    pi: Mapping[str, float] = field(default_factory=dict)
    pi_elsewhere: float = 1 / 20
    src: Mapping[str, float] = field(default_factory=dict)
    stray: Mapping[str, float] = field(default_factory=dict)
    stray_elsewhere: float = 2e-6
    hour: tuple[float, ...] = (1.0,) * 24
    offset: Mapping[str, float] = field(default_factory=dict)

    def rate(self, device: str, state: State) -> float:
        """First calls per second from a session in this state."""
        return self.lam[device_class(device)][state.level][state.bin]

    def worth(self, device: str, state: State) -> float:
        """Further calls to expect from a session in this state."""
        return self.val[device_class(device)][state.level][state.bin]

    def trust(self, device: str) -> float:
        """How often the caller's region is the session's, beyond luck."""
        return self.rho[device_class(device)]

    def share_of(self, region: str) -> float:
        """The region's share of callers."""
        return self.pi.get(region, self.pi_elsewhere)

    def rang_at(self, provider: str, told_at: datetime) -> datetime:
        """When it rang, by what the provider told."""
        return told_at - timedelta(seconds=self.offset.get(provider, 0.0))

    def strays(self, number: str) -> float:
        """Unknown callers per second of the number."""
        return self.stray.get(number, self.stray_elsewhere)


def device_class(device: str) -> str:
    """Return the device class that the tables know ``device`` by."""
    return "mobile" if device == "mobile" else "other"


# fmt: off
_WATCHED_LAM = (1.2e-4, 1e-4, 3e-5, 2e-5, 1e-5, 5e-6, 2.5e-6, 1.2e-6, 6e-7, 3e-7, 1.5e-7, 8e-8,
                4e-8, 2e-8, 1e-8, 5e-9, 1e-9)
_PRESSED_LAM = (1e-2, 2e-2, 4e-3, 5e-4, 1e-4, 3e-5, 1e-5, 5e-6, 2e-6, 1e-6, 5e-7, 2e-7,
                1e-7, 5e-8, 2e-8, 1e-8, 2e-9)
_BLIND_LAM = (2e-5, 8e-5, 1.5e-4, 1.2e-4, 7e-5, 3e-5, 1.2e-5, 5e-6, 2e-6, 8e-7, 3.5e-7, 1.6e-7,
              8e-8, 4e-8, 2e-8, 1e-8, 2e-9)
_WATCHED_VAL = (1, .9, .6, .35, .28, .2, .14, .1, .08, .06, .05, .04, .03, .02, .012, .006, .002)
_BLIND_VAL = (1, 1, .95, .8, .6, .35, .2, .14, .1, .08, .06, .04, .03, .02, .012, .006, .002)
# fmt: on


def _row(shape: tuple[float, ...], factor: float, late: float = 1.0) -> tuple[float, ...]:
    """A shape times its factor; from bin 3 on times ``late`` too."""
    return tuple(factor * value * (late if bin_ >= 3 else 1.0) for bin_, value in enumerate(shape))


def _default_lam() -> Grid:
    watched = {0: 0.05, 1: 0.5, 2: 1.0, 3: 5.0, 4: 6.0, 6: 3.0}
    blind = {7: 0.6, 8: 1.0, 9: 1.2, 10: 5.0}
    rows = {level: _row(_WATCHED_LAM, factor) for level, factor in watched.items()}
    rows |= {level: _row(_BLIND_LAM, factor) for level, factor in blind.items()}
    rows[5] = _PRESSED_LAM
    return tuple(rows[level] for level in range(11))


def _default_val() -> Grid:
    watched = {0: 0.9, 1: 1.0, 2: 1.2, 3: 6.0, 4: 6.0, 5: 16.0, 6: 4.0}
    late = {0: 0.05, 1: 0.5}
    blind = {7: 0.8, 8: 1.0, 9: 1.2, 10: 5.0}
    rows = {
        level: _row(_WATCHED_VAL, 0.03 * factor, late.get(level, 1.0))
        for level, factor in watched.items()
    }
    rows |= {level: _row(_BLIND_VAL, 0.03 * factor) for level, factor in blind.items()}
    return tuple(rows[level] for level in range(11))


DEFAULT = Tables(
    version="default-1",
    lam={"mobile": _default_lam(), "other": _default_lam()},
    val={"mobile": _default_val(), "other": _default_val()},
    rho={"mobile": 0.5, "other": 0.5},
)
"""What holds until a site has learned; both devices are alike."""
