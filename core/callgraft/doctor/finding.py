"""What an examination asks about, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``cure`` says what to do about what is not right."""

    check: str
    level: Level = Level.OK
    told: str
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The installation: what a door is started with."""

    site: str
    backend: str
    leases: str | None
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
