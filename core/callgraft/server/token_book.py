"""The tokens that are valid, remembered for a few seconds."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from callgraft.errors import StoreUnavailable
from callgraft.server.issuing import digest_of, is_valid
from callgraft.server.work import Work, heeded
from callgraft.stores.tokens import Token

_NEW_AFTER = 0.25
"""Seconds between two looks for a token that nobody knows."""
_PATIENCE = 1.0


class TokenBook:
    """
    Knows all tokens, so that a request costs no call of the store and a stranger's costs no more.

    :param fresh_for: how long it goes by what it read without asking anew.
    :param good_for: how long it goes by it at most. A revoked token works no longer than that.
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
        self._reading: asyncio.Task[None] | None = None

    async def valid(self, secret: str, *, at: datetime) -> Token | None:
        """
        The valid token with this secret, or None.

        :raises StoreUnavailable: what is remembered is too old, and the store does not answer.
        """
        asked_at = self._clock()
        digest = digest_of(secret)
        await self._be_fresh(asked_at)
        if digest not in self._tokens and self._read_at < asked_at:
            # It may be new. Strangers wait for each other here, and cost the store little.
            await asyncio.sleep(self._read_at + _NEW_AFTER - asked_at)
            await self._read(since=asked_at)
        token = self._tokens.get(digest)
        is_it = token is not None and hmac.compare_digest(token.digest, digest)
        return token if token is not None and is_it and is_valid(token, at) else None

    async def _be_fresh(self, now: float) -> None:
        """Read anew what is old; what is not too old is good meanwhile, and nobody waits."""
        age = now - self._read_at
        if age >= self._good_for:
            await self._read(since=now - self._fresh_for)
        elif age >= self._fresh_for:
            self._begin()

    async def _read(self, *, since: float) -> None:
        """Wait for a reading that began at this moment or later; all who wait share it."""
        while self._read_at < since:
            reading = self._begin()
            try:
                await asyncio.wait_for(asyncio.shield(reading), _PATIENCE)
            except TimeoutError as exc:
                raise StoreUnavailable("The store did not tell its tokens in time.") from exc

    def _begin(self) -> asyncio.Task[None]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._now())
            self._reading.add_done_callback(heeded)
        return self._reading

    async def _now(self) -> None:
        begun_at = self._clock()
        found = await self._work.run(
            lambda: self._work.store.read(lambda transaction: transaction.tokens())
        )
        self._tokens = {token.digest: token for token in found}
        self._read_at = begun_at
