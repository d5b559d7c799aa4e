"""What a store keeps for the tracking server: tokens, and answers that may be asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """
    Leave to use the tracking server.

    ``token`` is its id, which may be seen; of the secret only a ``digest`` is kept. ``site`` is the
    one site that it is good for, "" for all.
    """

    token: str
    name: str
    digest: str = field(repr=False)
    site: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """
    What was answered to a request with an Idempotency-Key.

    ``token`` and ``key`` name the request, ``digest`` is that of its content; ``status`` 0 means
    that somebody is still working on it.
    """

    token: str
    key: str
    digest: str
    status: int
    body: bytes = field(repr=False)
    at: datetime


class Tokens(Protocol):
    """Tokens and answers, inside one transaction."""

    def add_token(self, token: Token) -> None: ...

    def tokens(self) -> Sequence[Token]:
        """All of them, also those that are revoked or expired; the oldest first."""
        ...

    def revoke_token(self, token: str, *, at: datetime) -> bool:
        """Make the token with this id invalid; False: there is none, or it is so already."""
        ...

    def lock_answer(self, token: str, key: str) -> None:
        """Be the only one who works on this answer until the transaction ends."""
        ...

    def answer(self, token: str, key: str) -> Answered | None: ...

    def put_answer(self, answered: Answered) -> None:
        """Keep the answer, in place of one of the same token and key."""
        ...

    def drop_answer(self, token: str, key: str) -> None: ...

    def drop_answers(self, *, before: datetime) -> int:
        """Forget the answers given before this moment, and return how many."""
        ...
