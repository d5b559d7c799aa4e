"""Promo codes in memory."""

from __future__ import annotations

from callgraft.stores.memory_tables import Changes, Rows
from callgraft.tracking.promo_values import PromoCode


class MemoryPromo:
    """The part of the memory store that deals with promo codes."""

    def __init__(self, changes: Changes) -> None:
        self._codes: Rows[tuple[str, str], PromoCode] = Rows(changes)
        self._codes_of: Rows[tuple[str, str], PromoCode] = Rows(changes)

    def code_of(self, site: str, session: str) -> PromoCode | None:
        return self._codes_of.get((site, session))

    def add_code(self, code: PromoCode) -> bool:
        if (code.site, code.code) in self._codes or (code.site, code.session) in self._codes_of:
            return False
        self._codes.put((code.site, code.code), code)
        self._codes_of.put((code.site, code.session), code)
        return True

    def promo_code(self, site: str, code: str) -> PromoCode | None:
        return self._codes.get((site, code))

    def _drop_code_of(self, site: str, session: str) -> None:
        code = self._codes_of.get((site, session))
        if code is not None:
            self._codes.drop((site, code.code))
            self._codes_of.drop((site, session))
