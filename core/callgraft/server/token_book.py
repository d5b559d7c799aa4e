"""The tokens that are valid, remembered for a few seconds."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from callgraft.errors import StoreUnavailable
from callgraft.server.issuing import digest_of, is_valid
from callgraft.server.work import Work
from callgraft.stores.tokens import Token

_NEW_AFTER = 0.25
"""Seconds between two looks for a token that nobody knows."""


class TokenBook:
    """
    Knows all tokens, so that a request costs no call of the store and a stranger's costs no more.

    :param fresh_for: how long it believes what it read.
    :param good_for: how long it goes by it while the store does not answer; then it knows nothing.
        A token that was revoked works no longer than that.
    """

    def __init__(
        self,
        work: Work,
        *,
        fresh_for: timedelta,
        good_for: timedelta,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._fresh_for = fresh_for.total_seconds()
        self._good_for = good_for.total_seconds()
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def valid(self, secret: str, *, at: datetime) -> Token | None:
        """
        The valid token with this secret, or None.

        :raises StoreUnavailable: what is remembered is too old, and the store does not answer.
        """
        asked_at = self._clock()
        digest = digest_of(secret)
        await self._read_unless(newer_than=asked_at - self._fresh_for)
        if digest not in self._tokens and self._read_at < asked_at:
            # It may be new. Strangers wait for each other here, and cost the store little.
            await asyncio.sleep(self._read_at + _NEW_AFTER - asked_at)
            await self._read_unless(newer_than=asked_at)
        token = self._tokens.get(digest)
        is_it = token is not None and hmac.compare_digest(token.digest, digest)
        return token if token is not None and is_it and is_valid(token, at) else None

    async def _read_unless(self, *, newer_than: float) -> None:
        if self._read_at > newer_than:
            return
        async with self._reading:
            if self._read_at > newer_than:
                return  # somebody else has read them meanwhile
            begun_at = self._clock()
            try:
                found = await self._work.run(
                    lambda: self._work.store.read(lambda transaction: transaction.tokens())
                )
            except StoreUnavailable:
                if self._clock() - self._read_at > self._good_for:
                    raise
                return
            self._tokens = {token.digest: token for token in found}
            self._read_at = begun_at
