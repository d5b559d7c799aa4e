"""Tokens and answers in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from callgraft.stores.locks import lock
from callgraft.stores.schema import answers, tokens
from callgraft.stores.tokens import Answered, Token
from callgraft.stores.upsert import insert_or_update

_TOKEN = tuple(each.name for each in fields(Token))
_ANSWER = tuple(each.name for each in fields(Answered))
_CHANGED = tuple(name for name in _ANSWER if name not in ("token", "key"))


class SqlTokens:
    """The part of a transaction that deals with the tracking server's own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_token(self, token: Token) -> None:
        row = {name: getattr(token, name) for name in _TOKEN}
        self._connection.execute(insert(tokens), row | {"scopes": " ".join(token.scopes)})

    def tokens(self) -> Sequence[Token]:
        rows = self._connection.execute(select(tokens).order_by(tokens.c.made_at, tokens.c.token))
        return [Token(**dict(row._mapping) | {"scopes": tuple(row.scopes.split())}) for row in rows]

    def revoke_token(self, token: str, *, at: datetime) -> bool:
        statement = (
            update(tokens)
            .where(tokens.c.token == token, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return self._connection.execute(statement).rowcount == 1

    def lock_answer(self, token: str, key: str) -> None:
        lock(self._connection, "answer", token, key)

    def answer(self, token: str, key: str) -> Answered | None:
        row = self._connection.execute(select(answers).where(_is(token, key))).one_or_none()
        return None if row is None else Answered(**row._mapping)

    def put_answer(self, answered: Answered) -> None:
        row = {name: getattr(answered, name) for name in _ANSWER}
        dialect = self._connection.dialect.name
        self._connection.execute(insert_or_update(dialect, answers, _CHANGED), row)

    def drop_answer(self, token: str, key: str) -> None:
        self._connection.execute(delete(answers).where(_is(token, key)))

    def drop_answers(self, *, before: datetime) -> int:
        return self._connection.execute(delete(answers).where(answers.c.at < before)).rowcount


def _is(token: str, key: str) -> ColumnElement[bool]:
    return and_(answers.c.token == token, answers.c.key == key)
