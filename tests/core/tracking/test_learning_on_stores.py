"""A site learns from what its store knows, on every store, and attributes by it."""

from __future__ import annotations

from datetime import timedelta

from callgraft.client import EmbeddedClient
from callgraft.stores import Store
from callgraft.tracking.learning_history import learn_site, read_history
from callgraft.tracking.values import CallState
from tests.core.tracked import FIRST, MINUTE, NOON, SECOND, rings, view

HOUR = 60 * MINUTE
CALLS = 160


def lived(client: EmbeddedClient, calls: int) -> None:
    """Every hour a visitor looks at two pages, and rings half a minute later."""
    for place in range(calls):
        at = NOON + place * HOUR
        [shown] = client.page_view(view(f"s{place}", at))
        client.page_view(view(f"s{place}", at + MINUTE, path="/okna"))
        caller = f"+7499{place:07}"
        ring = at + 1.5 * MINUTE
        client.take_call(rings(shown.number or "", ring, call=f"c{place}", caller=caller))


def test_a_site_learns_and_its_next_call_is_attributed_by_that(
    client: EmbeddedClient, store: Store
) -> None:
    lived(client, CALLS)
    at = NOON + CALLS * HOUR
    lesson = learn_site(store, "okna", at=at)
    assert (lesson.state, lesson.calls) == ("published", CALLS)
    assert lesson.before is not None
    assert lesson.after is not None
    assert lesson.after > lesson.before
    before = client.calls("okna", limit=1)[0].attribution
    [shown] = client.page_view(view("new", at))
    client.page_view(view("new", at + MINUTE, path="/okna"))
    ring = rings(shown.number or "", at + 1.5 * MINUTE, call="new", caller="+74991239999")
    found = client.take_call(ring).attribution
    assert (before.tables, found.tables) == ("default-1", "learned-20250609T040000")
    assert found.session == "new"
    assert store.read(lambda here: here.tables("okna", found.tables)) is not None
    assert store.read(lambda here: here.tables("dveri")) is None


def test_a_site_with_few_calls_keeps_the_defaults(client: EmbeddedClient, store: Store) -> None:
    lived(client, 3)
    assert learn_site(store, "okna", at=NOON + 9 * HOUR).state == "still learning"
    assert store.read(lambda here: here.tables("okna")) is None


def test_only_first_calls_of_the_last_60_days_are_learned_from(
    client: EmbeddedClient, store: Store
) -> None:
    client.page_view(view("a"))
    early, late = NOON + MINUTE, NOON + 61 * timedelta(days=1)
    client.take_call(rings(FIRST, early, call="old", caller="+74991230001"))
    client.page_view(view("b", late - MINUTE))
    client.take_call(rings(SECOND, late, call="new", caller="+74991230002"))
    client.take_call(rings(SECOND, late + MINUTE, call="again", caller="+74991230002"))
    client.take_call(rings(SECOND, late, call="hidden", state=CallState.ENDED))
    found = read_history(store, "okna", at=late + HOUR)
    assert [(call.number, call.rang_at) for call in found.calls] == [(SECOND, late)]
