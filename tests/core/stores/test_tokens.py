"""Tokens and answers, in every store."""

from __future__ import annotations

from dataclasses import replace

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.stores.tokens import Answered, Token
from tests.core.stores.racing import in_threads
from tests.core.tracked import FIRST, MINUTE, NOON, rings

DOOR = Token(
    token="one", name="proxy", digest="d1", site="okna", scopes=("door", "events"), made_at=NOON
)
ALL = Token(
    token="two",
    name="reports",
    digest="d2",
    site="",
    scopes=("read",),
    made_at=NOON - MINUTE,
    expires_at=NOON + MINUTE,
)
ANSWER = Answered(token="one", key="k", digest="d", status=200, body=b"\x00{}", at=NOON)


def test_tokens_are_kept_and_the_oldest_is_told_first(store: Store) -> None:
    store.write(lambda tx: tx.add_token(DOOR))
    store.write(lambda tx: tx.add_token(ALL))
    assert store.read(lambda tx: tx.tokens()) == [ALL, DOOR]


def test_a_token_is_revoked_once(store: Store) -> None:
    store.write(lambda tx: tx.add_token(DOOR))
    assert store.write(lambda tx: tx.revoke_token("one", at=NOON + MINUTE))
    assert not store.write(lambda tx: tx.revoke_token("one", at=NOON + 2 * MINUTE))
    assert not store.write(lambda tx: tx.revoke_token("nobody's", at=NOON))
    assert store.read(lambda tx: tx.tokens()) == [replace(DOOR, revoked_at=NOON + MINUTE)]


def test_a_secret_s_digest_stays_out_of_what_is_printed() -> None:
    assert "d1" not in repr(DOOR)


def test_an_answer_belongs_to_its_token_and_key_and_can_be_replaced(store: Store) -> None:
    store.write(lambda tx: tx.put_answer(ANSWER))
    later = replace(ANSWER, status=204, body=b"", at=NOON + MINUTE)
    store.write(lambda tx: tx.put_answer(later))
    assert store.read(lambda tx: tx.answer("one", "k")) == later
    assert store.read(lambda tx: tx.answer("two", "k")) is None
    assert store.read(lambda tx: tx.answer("one", "l")) is None


def test_answers_are_forgotten_one_by_one_or_by_age(store: Store) -> None:
    for key, at in (("a", NOON), ("b", NOON + MINUTE), ("c", NOON + 2 * MINUTE)):
        answer = replace(ANSWER, key=key, at=at)
        store.write(lambda tx, answer=answer: tx.put_answer(answer))
    store.write(lambda tx: tx.drop_answer("one", "c"))
    store.write(lambda tx: tx.drop_answer("one", "c"))
    assert store.write(lambda tx: tx.drop_answers(before=NOON + MINUTE)) == 1
    left = [key for key in "abc" if store.read(lambda tx, key=key: tx.answer("one", key))]
    assert left == ["b"]


def test_of_many_who_claim_an_answer_at_one_time_one_does(store: Store) -> None:
    def claim(place: int) -> bool:
        def work(tx):
            tx.lock_answer("one", "k")
            if tx.answer("one", "k"):
                return False
            tx.put_answer(ANSWER)
            return True

        return bool(store.write(work))

    assert sum(in_threads(8, claim)) == 1


def test_a_call_is_found_by_its_id_in_its_site_alone(client: EmbeddedClient, store: Store) -> None:
    call = client.take_call(rings(FIRST, NOON))
    assert store.read(lambda tx: tx.call("okna", call.id)) == call
    assert store.read(lambda tx: tx.call("dveri", call.id)) is None
    assert store.read(lambda tx: tx.call("okna", "no such")) is None
