"""What a site's calls count as: whose phones are whose, and how long a call must be to count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerms:
    """
    The table ``[calls]`` of a Site document; phones are E.164.

    ``target_talk`` is the talk time from which a call is a target call. ``service`` are phones of
    the firm's own: their calls are marked, and nothing is learned from them. ``clients`` are phones
    of people who are clients already: their calls are no visitor's.
    """

    target_talk: timedelta = timedelta(seconds=60)
    service: frozenset[str] = field(default=frozenset(), repr=False)
    clients: frozenset[str] = field(default=frozenset(), repr=False)
