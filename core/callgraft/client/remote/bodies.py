"""What a tracking server's answers hold, as values."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.stores.protocol import Published
from callgraft.tracking.rescoring import Rescored
from callgraft.tracking.values import Assignment, Call, Lease, PoolState


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    assignments: tuple[tuple[Assignment, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    items: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoredCalls:
    items: tuple[Rescored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    items: tuple[Lease, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStates:
    items: tuple[PoolState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    items: tuple[Published, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInForce:
    site: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesInForce:
    items: tuple[SiteInForce, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    released: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    secret: bytes
