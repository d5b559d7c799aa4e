"""Tokens for the tracking server: made, shown once, and kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from callgraft.stores.protocol import Store
from callgraft.stores.tokens import Token

PREFIX = "cg_"
"""What every secret begins with, so that scanners of leaked secrets know it."""

_BYTES = 32


class Scope(StrEnum):
    """What a token is good for."""

    DOOR = "door"
    """Page views, signs of life, the secret of cookies; documents are read and published."""
    EVENTS = "events"
    """Call events."""
    READ = "read"
    """Calls, leases, pools and documents are read."""
    ADMIN = "admin"
    """Everything: documents are brought back, visitors are forgotten."""


def issue(
    store: Store,
    *,
    name: str,
    scopes: tuple[Scope, ...],
    site: str = "",
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """
    Make a token, and return it with its secret, which nobody can find out afterwards.

    :param site: the one site that it is good for, "" for all.
    """
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    token = Token(
        token=f"tk_{secrets.token_hex(4)}",
        name=name,
        digest=digest_of(secret),
        site=site,
        scopes=tuple(scope.value for scope in Scope if scope in scopes),
        made_at=at,
        expires_at=expires_at,
    )
    store.write(lambda transaction: transaction.add_token(token), for_good=True)
    return token, secret


def digest_of(secret: str) -> str:
    """
    The hash by which a token is found.

    A plain one will do: nobody guesses 32 random bytes, however fast they can try.
    """
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def is_valid(token: Token, at: datetime) -> bool:
    """Whether the token is neither revoked nor expired."""
    is_over = token.expires_at is not None and token.expires_at <= at
    return token.revoked_at is None and not is_over
