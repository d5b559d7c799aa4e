"""Tokens are remembered for a few seconds, and forgotten after that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from callgraft.client import EmbeddedClient
from callgraft.errors import StoreUnavailable
from callgraft.server.issuing import Scope, digest_of, is_valid, issue
from callgraft.server.token_book import TokenBook
from callgraft.server.work import Work
from callgraft.stores import Store, open_store
from tests.core.served import Served
from tests.core.server.api import Api, slug
from tests.core.tracked import MINUTE, NOON

Result = TypeVar("Result")


class Watched:
    """A store that counts how often it is read, and can be out of reach."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads = 0
        self.is_gone = False

    def read(self, work: Callable[[Any], Result]) -> Result:
        self.reads += 1
        if self.is_gone:
            raise StoreUnavailable("gone")
        return self._store.read(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def run(story) -> Watched:
    """Tell a story of a book, its clock and its store."""
    store = Watched(open_store("memory:"))
    work = Work(store, EmbeddedClient(store, clock=lambda: NOON), threads=2, waiting=8)
    clock = Clock()

    async def told() -> None:
        seconds = timedelta(seconds=1)
        book = TokenBook(work, fresh_for=2 * seconds, good_for=4 * seconds, clock=clock)
        await story(book, clock, store)

    asyncio.run(told())
    work.close()
    return store


def make(store, **more) -> tuple[Any, str]:
    return issue(store, name="proxy", scopes=(Scope.DOOR,), at=NOON, **more)


def test_a_secret_is_kept_as_a_hash_alone() -> None:
    store = open_store("memory:")
    token, secret = make(store)
    assert secret.startswith("cg_")
    assert len(secret) == 46
    [kept] = store.read(lambda transaction: transaction.tokens())
    assert kept == token
    assert kept.digest == digest_of(secret)
    assert secret not in repr(kept)
    assert secret.removeprefix("cg_") not in str([getattr(kept, name) for name in kept.__slots__])


def test_two_tokens_have_two_secrets_and_ids() -> None:
    store = open_store("memory:")
    (one, first), (two, second) = make(store), make(store)
    assert first != second
    assert one.token != two.token


def test_a_token_is_valid_until_it_expires_or_is_revoked() -> None:
    token, _ = make(open_store("memory:"), expires_at=NOON + MINUTE)
    assert is_valid(token, NOON)
    assert not is_valid(token, NOON + MINUTE)
    assert not is_valid(replace(token, revoked_at=NOON), NOON)


def test_a_thousand_requests_cost_one_read_of_the_store() -> None:
    async def story(book, clock, store) -> None:
        token, secret = make(store)
        found = await asyncio.gather(*(book.valid(secret, at=NOON) for _ in range(1000)))
        assert set(found) == {token}
        clock.now += 1.9
        assert await book.valid(secret, at=NOON) == token

    assert run(story).reads == 1


def test_many_strangers_at_one_time_cost_no_more_than_two() -> None:
    async def story(book, clock, store) -> None:
        guesses = (book.valid(f"cg_{place}", at=NOON) for place in range(100))
        assert set(await asyncio.gather(*guesses)) == {None}

    assert run(story).reads <= 2


def test_a_new_token_is_good_at_once() -> None:
    async def story(book, clock, store) -> None:
        assert await book.valid("cg_stranger", at=NOON) is None
        token, secret = make(store)
        clock.now += 0.1
        assert await book.valid(secret, at=NOON) == token

    run(story)


def test_a_revoked_token_is_good_for_four_seconds_at_most() -> None:
    async def story(book, clock, store) -> None:
        token, secret = make(store)
        assert await book.valid(secret, at=NOON) == token
        store.write(lambda transaction: transaction.revoke_token(token.token, at=NOON))
        clock.now += 4
        assert await book.valid(secret, at=NOON) is None

    run(story)


def test_what_is_two_seconds_old_is_read_anew_while_nobody_waits() -> None:
    async def story(book, clock, store) -> None:
        token, secret = make(store)
        assert await book.valid(secret, at=NOON) == token
        store.write(lambda transaction: transaction.revoke_token(token.token, at=NOON))
        clock.now += 2
        assert await book.valid(secret, at=NOON) == token
        async with asyncio.timeout(10):
            while await book.valid(secret, at=NOON):  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0)

    assert run(story).reads == 2


def test_an_expired_token_is_not_good_even_when_it_is_remembered() -> None:
    async def story(book, clock, store) -> None:
        token, secret = make(store, expires_at=NOON + MINUTE)
        assert await book.valid(secret, at=NOON) == token
        assert await book.valid(secret, at=NOON + MINUTE) is None

    run(story)


def test_while_the_store_is_gone_tokens_are_good_for_four_seconds() -> None:
    async def story(book, clock, store) -> None:
        token, secret = make(store)
        assert await book.valid(secret, at=NOON) == token
        store.is_gone = True
        clock.now += 3.9
        assert await book.valid(secret, at=NOON) == token
        clock.now += 0.1
        with pytest.raises(StoreUnavailable):
            await book.valid(secret, at=NOON)
        store.is_gone = False
        assert await book.valid(secret, at=NOON) == token

    run(story)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer cg_nobodys",
        "Basic {secret}",
        "{secret}",
        "Bearer {secret}x",
    ],
)
def test_what_is_no_valid_token_is_answered_by_401(server: Served, authorization: str) -> None:
    secret = server.token(Scope.ADMIN)
    told = {"Authorization": authorization.format(secret=secret)}
    refused = Api(server.url)("GET", "/v1/sites", headers=told)
    assert (refused.status_code, slug(refused)) == (401, "no-token")
    assert secret not in refused.text


def test_the_word_bearer_may_be_written_in_small_letters(server: Served) -> None:
    told = {"Authorization": f"bearer {server.token(Scope.ADMIN)}"}
    assert Api(server.url)("GET", "/v1/sites", headers=told).status_code == 200
