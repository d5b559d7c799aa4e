"""``callgraft rescore``, and what ``callgraft calls`` tells of calls that were attributed again."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from callgraft import read_site
from callgraft.cli import main
from callgraft.client import EmbeddedClient
from callgraft.server.issuing import Scope
from callgraft.source import Touch
from callgraft.stores import open_store
from callgraft.tracking.learned import text_of
from callgraft.tracking.tables import DEFAULT
from callgraft.tracking.values import Proof, ProofKind
from tests.core.served import served
from tests.core.tracked import FIRST, MINUTE, NOON, rings, view, wanted

DOCUMENT = """
[site]
key = "okna"
region = "RU"
[targets.main]
number = "+7 495 123-45-67"
[pools.direct]
numbers = ["+7 499 000-00-01"]
when_full = "share"
"""
GOOGLE = Touch(source="google", medium="organic", channel="organic search")
DAY = timedelta(days=1)


def run(*arguments: str):
    return CliRunner().invoke(main, [*arguments, "--site", "okna.toml"])


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Three calls of a number that two visitors were shown, a day apart; then new weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("CALLGRAFT_BACKEND", "sqlite:///callgraft.db")
    (tmp_path / "okna.toml").write_text(DOCUMENT, encoding="utf-8")
    with closing(open_store("sqlite:///callgraft.db")) as store:
        client = EmbeddedClient(store, clock=lambda: NOON + 3 * DAY)
        site = read_site(DOCUMENT)
        client.publish(site, at=NOON)
        terms = replace(wanted(), is_sharing=True, overflow=None)
        for day in range(3):
            at = NOON + day * DAY
            client.page_view(view(f"a{day}", at, terms, visitor=f"anna {day}"))
            client.page_view(view(f"b{day}", at + MINUTE, terms, visitor="ben", touch=GOOGLE))
            client.take_call(rings(FIRST, at + 2 * MINUTE, call=f"call-{day}"))
        new = replace(DEFAULT, version="learned-1", src={"yandex": 500.0})
        store.write(lambda transaction: transaction.put_tables("okna", "learned-1", text_of(new)))
        yield store


def sessions(store) -> list[str]:
    calls = store.read(lambda transaction: transaction.calls("okna", limit=9))
    return [call.attribution.session for call in calls]


def test_a_dry_run_tells_what_would_change_and_changes_nothing(store):
    before = sessions(store)
    done = run("rescore", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "3 calls of okna; of 3 other things would be told now." in done.output
    assert "another visitor" in done.output or "visitor found" in done.output
    assert sessions(store) == before


def test_calls_of_a_period_are_attributed_anew(store):
    before = sessions(store)
    done = run("rescore", "--from", "2025-06-03", "--to", "2025-06-04", "--json")
    summary = json.loads(done.output)
    assert (summary["calls"], summary["changed"]) == (1, 1)
    assert summary["items"][0]["after"]["session"] == "a1"
    assert sessions(store) == [before[0], "a1", before[2]]
    assert json.loads(run("rescore", "--from", "2025-06-03", "--json").output)["changed"] == 1


def test_the_second_time_nothing_changes(store):
    run("rescore")
    assert sessions(store) == ["a2", "a1", "a0"]
    assert run("rescore").output == "3 calls of okna; of 0 other things are told now.\n"


def test_a_call_tells_what_was_told_of_it_before(store):
    client = EmbeddedClient(store, clock=lambda: NOON + DAY)
    call = client.calls("okna")[-1]
    kind = ProofKind.PROMO_CODE
    client.prove(Proof(site="okna", call=call.id, kind=kind, at=NOON, session="a0"))
    told = run("calls", call.id[:8]).output
    assert "What was told before" in told
    assert "2025-06-03 12:00:00" in told
    assert "a0 99% yandex" in told
    assert "a promo code" in told


def test_a_tracking_server_does_the_same(store, tmp_path, monkeypatch):
    with served(store, clock=lambda: NOON + 3 * DAY) as running:
        monkeypatch.setenv("CALLGRAFT_BACKEND", running.url)
        monkeypatch.setenv("CALLGRAFT_TOKEN", running.token(Scope.ADMIN))
        monkeypatch.setenv("CALLGRAFT_STATE", str(tmp_path / "state"))
        done = run("rescore", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["changed"] == 3


def test_a_wrong_date_is_told(store):
    done = run("rescore", "--from", "yesterday")
    assert done.exit_code == 2
    assert "'yesterday' does not match" in done.output
