"""What was told of a call before something came to light."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    An attribution that another one took the place of, at ``until`` and because of ``why``.

    ``why`` goes after "because of": "a promo code", "signs that came late".
    """

    until: datetime
    why: str
    method: str
    probability: float = 0.0
    visitor: str = ""
    session: str = ""
    source: str = ""
