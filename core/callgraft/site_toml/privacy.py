"""Reading the tables ``[privacy]`` and ``[consent]``: what is kept, and who said no to it."""

from __future__ import annotations

from datetime import timedelta

from callgraft.conditions.terms import pattern
from callgraft.patterns import Pattern
from callgraft.privacy import Consent, Privacy
from callgraft.site_toml.table import Table

_LONGEST = timedelta(days=3660)
_PERIODS = ("keep_visits", "keep_calls", "keep_callers")


def read_privacy(root: Table) -> Privacy:
    table = root.table("privacy", _PERIODS)
    if table is None:
        return Privacy()
    default = Privacy()
    return Privacy(
        **{
            name: table.duration(name, getattr(default, name), longest=_LONGEST)
            for name in _PERIODS
        }
    )


def read_consent(root: Table) -> Consent:
    table = root.table("consent", ("cookie", "declined", "accepted", "required", "gpc"))
    if table is None:
        return Consent()
    consent = Consent(
        cookie=table.text("cookie", "cookie_consent") or "",
        declined=_values(table, "declined"),
        accepted=_values(table, "accepted"),
        required=table.flag("required", default=False),
        gpc=table.flag("gpc", default=False),
    )
    _check(table, consent)
    return consent


def _values(table: Table, name: str) -> tuple[Pattern, ...]:
    read = [pattern(written, key, table.problems) for key, written in table.texts(name, "no")]
    return tuple(each for each in read if each is not None)


def _check(table: Table, consent: Consent) -> None:
    """Half a rule about consent would follow people who said no, or nobody at all."""
    tells = any(table.get(name) not in (None, []) for name in ("declined", "accepted"))
    if tells and not consent.cookie:
        problem = "it is missing: whose values are these?"
        table.wrong("cookie", problem, "Name the cookie of your consent banner.")
    if consent.cookie and not tells:
        cure = 'Write the cookie\'s value for a no, like declined = ["no"].'
        table.wrong("declined", "it is missing: nothing would count as a no.", cure)
    if consent.accepted and not consent.required:
        problem = "it counts only where a yes is required."
        table.wrong("accepted", problem, "Write required = true, or leave it out.")
    if consent.required and table.get("accepted") in (None, []):
        cure = 'Write the cookie\'s value for a yes, like accepted = ["yes"].'
        table.wrong("accepted", "it is missing: nobody could say yes.", cure)
