"""Promo codes as the store told of them a moment ago, kept in the process."""

from __future__ import annotations

from datetime import datetime, timedelta

from callgraft.tracking.promo_values import PromoWanted

_MOST = 20_000
"""How many sessions' codes are remembered at least."""
_FOR = timedelta(minutes=10)
"""For so long: another process may have forgotten the visitor, whose code is free then."""
_Codes = dict[tuple[str, str], tuple[datetime, str]]


class RememberedCodes:
    """The codes of the sessions that came last, safe from several threads without a lock."""

    def __init__(self) -> None:
        self._young: _Codes = {}
        self._old: _Codes = {}

    def recall(self, wanted: PromoWanted) -> str:
        """The session's code; empty where the store must be asked."""
        key = (wanted.site, wanted.session)
        told_at, code = self._young.get(key) or self._old.get(key) or (wanted.at - 2 * _FOR, "")
        return code if abs(wanted.at - told_at) < _FOR else ""

    def keep(self, wanted: PromoWanted, code: str) -> None:
        """Remember what the store answered."""
        if len(self._young) >= _MOST:
            self._old, self._young = self._young, {}
        self._young[wanted.site, wanted.session] = (wanted.at, code)

    def forget_all(self) -> None:
        """Forget everything: somebody was forgotten for good."""
        self._young, self._old = {}, {}
