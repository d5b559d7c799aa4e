"""What a Site document says of promo codes: how the site marks where they go."""

from __future__ import annotations

from dataclasses import dataclass

PROMO = "{{ promo_code }}"
"""How a site marks the place of a code, unless its document names another mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promo:
    """
    The section ``[promo]``.

    ``placeholder`` is what the site's pages hold where the code goes, ``fallback`` the text for
    who gets none, ``digits`` how long codes are while there are enough such, the check digit
    among them.
    """

    placeholder: str = PROMO
    fallback: str = ""
    digits: int = 6
