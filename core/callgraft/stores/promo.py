"""What a store promises about promo codes."""

from __future__ import annotations

from typing import Protocol

from callgraft.tracking.promo_values import PromoCode


class PromoCodes(Protocol):
    """Codes that name sessions. A session takes its code with it when it is dropped."""

    def code_of(self, site: str, session: str) -> PromoCode | None:
        """The session's code."""
        ...

    def add_code(self, code: PromoCode) -> bool:
        """
        Keep the code; False, and nothing is kept, where another session of the site has it, or the
        session has one already.

        However many transactions add codes at one time: no code has two sessions, and no session
        two codes.
        """
        ...

    def promo_code(self, site: str, code: str) -> PromoCode | None:
        """Whose code it is."""
        ...
