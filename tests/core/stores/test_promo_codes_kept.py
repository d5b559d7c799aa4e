"""Promo codes in every store: one per session, and none twice."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from callgraft.client import EmbeddedClient, open_client
from callgraft.privacy import Privacy
from callgraft.tracking.promo_values import PromoCode, PromoWanted
from tests.core.backends import Backend
from tests.core.stores.racing import in_processes, in_threads
from tests.core.tracked import MINUTE, NOON, site, view

CODE = PromoCode(site="okna", code="5724", session="a", visitor="anna", issued_at=NOON)
DAY = timedelta(days=1)


def wanted(session: str, digits: int = 6) -> PromoWanted:
    return PromoWanted(
        site="okna", session=session, visitor=f"visitor of {session}", at=NOON, digits=digits
    )


def test_a_code_is_found_by_itself_and_by_its_session(store):
    assert store.write(lambda found: found.add_code(CODE))
    assert store.read(lambda found: found.promo_code("okna", "5724")) == CODE
    assert store.read(lambda found: found.code_of("okna", "a")) == CODE
    assert store.read(lambda found: found.promo_code("dveri", "5724")) is None
    assert store.read(lambda found: found.code_of("okna", "b")) is None


def test_a_code_is_kept_once_and_a_session_has_one(store):
    store.write(lambda found: found.add_code(CODE))
    for other in (replace(CODE, session="b"), replace(CODE, code="0000"), CODE):
        assert not store.write(lambda found, other=other: found.add_code(other))
    assert store.write(lambda found: found.add_code(replace(CODE, site="dveri")))
    assert store.read(lambda found: found.code_of("okna", "b")) is None
    assert store.read(lambda found: found.promo_code("okna", "0000")) is None


def test_a_code_that_was_undone_is_free(store):
    def fails(found):
        found.add_code(CODE)
        raise ZeroDivisionError

    for _ in range(2):
        try:
            store.write(fails)
        except ZeroDivisionError:
            continue
    assert store.write(lambda found: found.add_code(CODE))


def test_a_forgotten_visitor_takes_the_code_along(client):
    client.page_view(view("a", visitor="visitor of a"))
    code = client.promo_code(wanted("a"))
    client.forget("okna", visitor="visitor of a", at=NOON)
    assert client.promo("okna", code) is None


def test_a_code_goes_with_its_session_when_the_time_is_over(client):
    client.page_view(view("a"))
    client.page_view(view("b", NOON + 20 * DAY))
    old, new = client.promo_code(wanted("a")), client.promo_code(wanted("b"))
    kept = replace(site(), privacy=Privacy(keep_visits=15 * DAY))
    client.purge(kept, at=NOON + 21 * DAY)
    assert client.promo("okna", old) is None
    assert client.promo("okna", new) is not None


def test_a_code_tells_the_visit(client):
    client.page_view(view("a", path="/landing", visitor="visitor of a"))
    client.page_view(view("a", NOON + MINUTE, path="/contacts", visitor="visitor of a"))
    code = client.promo_code(wanted("a"))
    found = client.promo("okna", f"{code[:3]} {code[3:]}")
    assert found is not None
    assert (found.code.session, found.code.visitor) == ("a", "visitor of a")
    assert found.stay is not None
    assert found.stay.touch.campaign == "okna"
    assert [each.path for each in found.stay.visits] == ["/landing", "/contacts"]


def _ask(index: int, backend: Backend, sessions: int) -> dict[str, str]:
    """Ask for the codes of all sessions, each process from another one on."""
    names = [f"s{(index * 7 + number) % sessions}" for number in range(sessions)]
    with closing(open_client(backend.url, leases=backend.leases)) as client:
        return {name: client.promo_code(wanted(name, digits=4)) for name in names}


def test_processes_that_race_give_each_session_one_code_and_none_twice(shared: Backend) -> None:
    # Of 900 short codes: many are drawn twice.
    sessions = 120
    told = in_processes(4, _ask, shared, sessions)
    assert all(each == told[0] for each in told)
    assert len(set(told[0].values())) == sessions


def test_threads_that_race_give_each_session_one_code_and_none_twice(store):
    client = EmbeddedClient(store, clock=lambda: NOON)

    def ask(index: int) -> dict[str, str]:
        names = [f"s{(index * 11 + number) % 40}" for number in range(40)]
        return {name: client.promo_code(wanted(name, digits=4)) for name in names}

    told = in_threads(4, ask)
    assert all(each == told[0] for each in told)
    assert len(set(told[0].values())) == 40
