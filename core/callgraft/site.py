"""The Site document: targets, pools, numbers and rules of one site as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from callgraft.phone import Number
from callgraft.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a route: ring these numbers together, at most this long."""

    ring: tuple[Number, ...]
    timeout: timedelta = timedelta(seconds=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A number printed on the site, to be replaced."""

    key: str
    number: Number
    route: tuple[Step, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    """Rows of the policy table that differ from the default: ``{"json_ld": "swap"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Tracking numbers for one purpose; ``source`` and ``medium`` name it where that is one."""

    key: str
    numbers: tuple[Number, ...]
    overflow: Number | None = None
    hold: timedelta = timedelta(minutes=30)
    cool_off: timedelta = timedelta(0)
    source: str = ""
    medium: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One number for one source, offline media too."""

    key: str
    number: Number
    source: str
    medium: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An account with a telephone company, and the secret that its call events are signed with."""

    key: str
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    One site. ``version`` is the digest of the document that it was read from, so equal documents
    have equal versions.
    """

    key: str
    hosts: tuple[str, ...] = ()
    region: str | None = None
    timezone: ZoneInfo = ZoneInfo("UTC")
    targets: Mapping[str, Target] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    version: str = ""
    document: str = ""
    """The TOML text itself, for publishing."""

    def serves(self, host: str) -> bool:
        """Whether pages of ``host`` belong to this site; a site that lists no hosts serves all."""
        return not self.hosts or host in self.hosts
