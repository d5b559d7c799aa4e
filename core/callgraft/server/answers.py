"""Requests with an Idempotency-Key: carried out once, answered as often as they are sent."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from callgraft.errors import StoreUnavailable
from callgraft.server.asked import Answer
from callgraft.server.refusal import Refused
from callgraft.server.work import Work
from callgraft.stores.protocol import Transaction
from callgraft.stores.tokens import Answered

LONGEST_KEY = 255
HEADER = "Idempotency-Key"

_UNDER_WAY = 0
_ABANDONED_AFTER = timedelta(minutes=1)
"""A process that died in the middle never gives its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request under its key: whose it is, and what it asks for, in bytes."""

    token: str
    key: str
    content: bytes = field(repr=False)
    at: datetime

    def answered(self, status: int, body: bytes = b"") -> Answered:
        digest = sha256(self.content).hexdigest()
        return Answered(
            token=self.token, key=self.key, digest=digest, status=status, body=body, at=self.at
        )


class Answers:
    """
    What was answered under which key, kept in the store, so that every worker knows it.

    Only what was carried out is kept. A request that came to nothing may be sent again under its
    key: the document that it lacked may be published by then.
    """

    def __init__(self, work: Work, *, kept_for: timedelta) -> None:
        self._work = work
        self._kept_for = kept_for

    async def known(self, claim: Claim) -> Answer | None:
        """
        The answer that was given under this key, or None: then it is the caller's to give.

        :raises Refused: the key is another request's, or somebody is working on this one.
        """
        mine = claim.answered(_UNDER_WAY)
        found = await self._work.run(
            lambda: self._work.store.write(lambda transaction: self._claim(transaction, mine))
        )
        if found is None:
            return None
        if found.digest != mine.digest:
            raise _another()
        if found.status == _UNDER_WAY:
            raise _still_under_way()
        replayed = (("Idempotency-Replayed", "true"),)
        return Answer(status=found.status, body=found.body, headers=replayed)

    async def first(self, claim: Claim, work: Awaitable[Answer]) -> Answer:
        """Return the answer of a claimed request, and keep it."""
        is_kept = False
        try:
            answer = await work
            kept = claim.answered(answer.status, answer.body)
            await self._write(lambda transaction: transaction.put_answer(kept))
            is_kept = True
            return answer
        finally:
            if not is_kept:
                with contextlib.suppress(StoreUnavailable):
                    await self._write(lambda tx: tx.drop_answer(claim.token, claim.key))

    async def forget_old(self, *, at: datetime) -> int:
        """Forget answers that nobody asks for any more, and return how many they were."""
        before = at - self._kept_for
        return await self._work.run(
            lambda: self._work.store.write(lambda tx: tx.drop_answers(before=before))
        )

    async def _write(self, work: Callable[[Transaction], None]) -> None:
        await self._work.run(lambda: self._work.store.write(work))

    def _claim(self, transaction: Transaction, mine: Answered) -> Answered | None:
        transaction.lock_answer(mine.token, mine.key)
        known = transaction.answer(mine.token, mine.key)
        if known is not None and not self._is_over(known, mine.at):
            return known
        transaction.put_answer(mine)
        return None

    def _is_over(self, known: Answered, at: datetime) -> bool:
        limit = _ABANDONED_AFTER if known.status == _UNDER_WAY else self._kept_for
        return at - known.at > limit


def _another() -> Refused:
    return Refused(
        422,
        "key-reused",
        "This key is another request's",
        f"{HEADER}: another request of other content had this key in the last 24 hours."
        " Give every request a key of its own, and repeat a request with the same key and body.",
    )


def _still_under_way() -> Refused:
    return Refused(
        409,
        "under-way",
        "This request is still under way",
        f"{HEADER}: the first request with this key has no answer yet. Send it again soon.",
        ("Retry-After", "1"),
    )
