"""People's data: what a site may keep of them, for how long, and who said no to all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

from callgraft.patterns import Pattern
from callgraft.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """
    How long things are kept.

    ``keep_visits`` counts for sessions, their page loads, signs and leases; ``keep_calls`` for
    calls and their events; ``keep_callers`` for the caller's number in them, and for the events'
    text, which may hold it too.
    """

    keep_visits: timedelta = timedelta(days=400)
    keep_calls: timedelta = timedelta(days=1100)
    keep_callers: timedelta = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """
    How a site's own consent banner tells what the visitor chose.

    ``cookie`` is the banner's cookie; ``declined`` and ``accepted`` are patterns of its value, as
    it is or percent-decoded. With ``required`` whoever has not accepted counts as declined. With
    ``gpc`` the header ``Sec-GPC: 1`` (Global Privacy Control) declines, too.
    """

    cookie: str = ""
    declined: tuple[Pattern, ...] = ()
    accepted: tuple[Pattern, ...] = ()
    required: bool = False
    gpc: bool = False

    def is_declined(self, visit: Visit) -> bool:
        """Whether this visitor must not be followed."""
        if self.gpc and (visit.header("sec-gpc") or "").strip() == "1":
            return True
        chosen = visit.cookie(self.cookie) if self.cookie else None
        if chosen is None:
            return self.required
        if _is_one_of(chosen, self.declined):
            return True
        return self.required and not _is_one_of(chosen, self.accepted)


def _is_one_of(value: str, patterns: tuple[Pattern, ...]) -> bool:
    return any(each.matches(value) or each.matches(unquote(value)) for each in patterns)
