"""Tokens and answers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from callgraft.stores.memory_tables import Changes, Rows
from callgraft.stores.tokens import Answered, Token


class MemoryTokens:
    """The part of the memory store that deals with the tracking server's own."""

    def __init__(self, changes: Changes) -> None:
        self._tokens: Rows[str, Token] = Rows(changes)
        self._answers: Rows[tuple[str, str], Answered] = Rows(changes)

    def add_token(self, token: Token) -> None:
        self._tokens.put(token.token, token)

    def tokens(self) -> Sequence[Token]:
        found = (token for _, token in self._tokens.items())
        return sorted(found, key=lambda token: (token.made_at, token.token))

    def revoke_token(self, token: str, *, at: datetime) -> bool:
        known = self._tokens.get(token)
        if known is None or known.revoked_at is not None:
            return False
        self._tokens.put(token, replace(known, revoked_at=at))
        return True

    def lock_answer(self, token: str, key: str) -> None:
        """One transaction runs at a time."""

    def answer(self, token: str, key: str) -> Answered | None:
        return self._answers.get((token, key))

    def put_answer(self, answered: Answered) -> None:
        self._answers.put((answered.token, answered.key), answered)

    def drop_answer(self, token: str, key: str) -> None:
        if (token, key) in self._answers:
            self._answers.drop((token, key))

    def drop_answers(self, *, before: datetime) -> int:
        old = [key for key, answered in self._answers.items() if answered.at < before]
        for key in old:
            self._answers.drop(key)
        return len(old)
