"""Examining the store: is it there, of which version, and does its clock agree?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from callgraft.doctor.finding import Asked, Finding, Level
from callgraft.errors import CallgraftError, SetupError
from callgraft.stores.upkeep import StoreFacts, look_at
from callgraft.stores.urls import without_secrets

_NOTICEABLE = timedelta(seconds=2)
_HARMFUL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreExamined:
    findings: tuple[Finding, ...]
    is_usable: bool


def examine_store(asked: Asked) -> StoreExamined:
    """Look at the store from outside; opening it would migrate its tables."""
    if not asked.backend.startswith(("sqlite:", "postgresql")):
        return StoreExamined(findings=(), is_usable=True)
    try:
        facts = look_at(asked.backend, clock=asked.clock)
    except CallgraftError as exc:
        cure = "Start the database, and check the address and who may connect."
        if isinstance(exc, SetupError):
            cure = "Name the store of your door with --backend; a door makes its store."
        found = Finding(check="store", level=Level.FAIL, told=_without(asked, str(exc)), cure=cure)
        return StoreExamined(findings=(found,), is_usable=False)
    tables = _tables(facts)
    return StoreExamined(
        findings=(tables, *examine_clock(facts)), is_usable=facts.found == facts.newest
    )


def _tables(facts: StoreFacts) -> Finding:
    if facts.found == facts.newest:
        return Finding(check="tables", told=f"They are those of this version ({facts.found}).")
    if not facts.is_known:
        told = f"A newer version of Callgraft made them ({facts.found}, here {facts.newest})."
        return Finding(check="tables", level=Level.FAIL, told=told, cure="Update callgraft.")
    told = f"They are older ({facts.found or 'none'}, here {facts.newest})."
    cure = "The next door that starts migrates them, or do it now: callgraft migrate"
    return Finding(check="tables", level=Level.WARN, told=told, cure=cure)


def examine_clock(facts: StoreFacts) -> tuple[Finding, ...]:
    """Look how far the clock of the database is from ours."""
    if facts.ahead is None:
        return ()
    off = abs(facts.ahead)
    way = "ahead of" if facts.ahead > timedelta(0) else "behind"
    told = f"The database's is {off.total_seconds():.1f} s {way} this machine's."
    if off < _NOTICEABLE:
        return (Finding(check="clock", told=told),)
    cure = "Let both set their clocks by NTP; calls are matched to visits by these clocks."
    level = Level.FAIL if off >= _HARMFUL else Level.WARN
    return (Finding(check="clock", level=level, told=told, cure=cure),)


def _without(asked: Asked, told: str) -> str:
    """Nothing that a driver says may bring a password into a terminal."""
    return " ".join(told.replace(asked.backend, without_secrets(asked.backend)).split())
