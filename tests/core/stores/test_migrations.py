"""The migrations make the tables in use, and can be gone up and down with data in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, inspect, text

from callgraft.client import EmbeddedClient
from callgraft.stores import migrate
from callgraft.stores.database import Database
from callgraft.stores.schema import metadata
from callgraft.stores.sql import SqlStore, SqlTransaction
from callgraft.stores.upkeep import check_migrations, differences, migrate_store
from callgraft.stores.urls import database_url
from callgraft.tracking.values import CallState
from tests.core.tracked import (
    FIRST,
    MINUTE,
    NOON,
    OVERFLOW,
    SECOND,
    number,
    numbers_shown,
    pool,
    rings,
    site,
    view,
    wanted,
)

TABLES = set(metadata.tables)
_OF_0006 = {
    "answers",
    "due_calls",
    "dry_sessions",
    "pool_hours",
    "promo_codes",
    "proofs",
    "signs",
    "tokens",
}


@pytest.fixture
def database(sql_url: str) -> Iterator[Database]:
    database = Database(database_url(sql_url))
    yield database
    database.close()


@pytest.fixture
def client(sql_url: str, database: Database) -> Iterator[EmbeddedClient]:
    """A client of a store with a lease and a call in it."""
    client = EmbeddedClient(SqlStore(sql_url), clock=lambda: NOON)
    client.publish(site(), at=NOON)
    client.page_view(view("a"))
    client.take_call(rings(FIRST, NOON + MINUTE))
    yield client
    client.close()


def _tables(database: Database) -> set[str]:
    return database.read(lambda here: set(inspect(here).get_table_names()) - {"alembic_version"})


def _down_to(database: Database, revision: str) -> None:
    database.write(lambda here: migrate.downgrade(here, revision))


def _up(database: Database) -> None:
    database.write(lambda here: migrate.upgrade(here, shown="test"))


def test_the_migrations_make_exactly_the_tables_in_use(database: Database) -> None:
    assert database.read(differences) == []
    assert check_migrations() == []


def test_a_difference_is_told(database: Database) -> None:
    database.write(lambda here: here.execute(text("DROP INDEX leases_one_per_number")))
    [difference] = database.read(differences)
    assert "leases_one_per_number" in difference


def test_calls_can_be_taken_out_and_leases_stay(client: EmbeddedClient, database: Database) -> None:
    _down_to(database, "0002")
    assert _tables(database) == TABLES - {"calls", "call_events", "number_roles", *_OF_0006}
    _up(database)
    assert client.calls("okna") == []
    assert [lease.session for lease in client.number_history("okna", FIRST)] == ["a"]
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [SECOND]


def test_calls_of_sites_that_call_them_alike_come_apart_and_together(
    client: EmbeddedClient, database: Database
) -> None:
    [before] = client.calls("okna")
    theirs = replace(rings(FIRST, NOON + MINUTE), site="pvc", caller="+74991239999")
    client.take_call(theirs)
    _down_to(database, "0003")
    # The older tables have room for one of the two; they are read in their words.
    kept = database.read(lambda here: here.execute(text("SELECT id, site FROM calls")).all())
    assert kept == [(before.id, "okna")]
    _up(database)
    assert database.read(differences) == []
    client.take_call(rings(FIRST, NOON + 2 * MINUTE, state=CallState.ENDED))
    client.take_call(theirs)
    [after] = client.calls("okna")
    assert (after.id, after.state) == (before.id, CallState.ENDED)
    assert [call.caller for call in client.calls("pvc")] == ["+74991239999"]


def test_of_two_sites_that_lease_one_number_the_newest_keeps_it(
    client: EmbeddedClient, database: Database
) -> None:
    _down_to(database, "0004")
    later = replace(view("b", NOON + MINUTE), site="dveri")
    journal = SqlTransaction
    database.write(lambda here: journal(here).add_session(later))
    # Of the older tables, so in their words.
    columns = "pool, target, number, visitor, state, seen_at, held_until, released_why"
    copied = (
        f"INSERT INTO leases (id, site, session, shown_at, {columns})"
        f" SELECT 'theirs', 'dveri', 'b', shown_at + 60000000, {columns} FROM leases"
    )
    database.write(lambda here: here.execute(text(copied)))
    _up(database)
    assert database.read(differences) == []
    [ours] = client.number_history("okna", FIRST)
    assert (ours.released_at, ours.released_why) == (NOON, "two sites")
    assert [each.released_at for each in client.number_history("dveri", FIRST)] == [None]


def test_of_those_who_share_a_number_one_keeps_it_in_the_older_tables(
    client: EmbeddedClient, database: Database
) -> None:
    one = replace(pool(numbers=(FIRST,)), when_full="share")
    client.publish(site(one, version="2"), at=NOON)
    for session in "abc":
        client.page_view(view(session, NOON + MINUTE, wanted(one)))
    _down_to(database, "0005")
    _up(database)
    assert database.read(differences) == []
    leases = client.number_history("okna", FIRST)
    assert sorted(lease.released_why for lease in leases) == ["", "shared", "shared"]
    [kept] = [lease for lease in leases if lease.released_at is None]
    client.release("okna", kept.session, at=NOON + MINUTE)
    assert numbers_shown(client, view("d", NOON + 40 * MINUTE, wanted(one))) == [FIRST]


def test_numbers_that_wait_or_run_dry_are_not_shown_by_the_older_version(
    client: EmbeddedClient, database: Database
) -> None:
    used = replace(pool(numbers=(FIRST,)), quarantine=(number(SECOND),))
    client.publish(site(used, version="2"), at=NOON)
    _down_to(database, "0005")
    states = text("SELECT number, state FROM numbers ORDER BY number")
    assert [tuple(row) for row in database.read(lambda here: here.execute(states).all())] == [
        (FIRST, "active"),
        (SECOND, "retired"),
    ]
    _up(database)
    client.publish(site(used, version="3"), at=NOON)
    assert client.pool_states(site(used), at=NOON)[0].quarantined == 1


def test_a_store_of_an_older_version_learns_the_roles_of_its_numbers(
    client: EmbeddedClient, database: Database
) -> None:
    _down_to(database, "0004")
    _up(database)
    client.publish(site(), at=NOON + 2 * MINUTE)
    found = client.take_call(rings(OVERFLOW, NOON + MINUTE, call="call-2")).attribution
    assert (found.method, found.source) == ("source_only", "yandex")


def test_without_leases_every_number_is_free_again(
    client: EmbeddedClient, database: Database
) -> None:
    _down_to(database, "0001")
    assert _tables(database) == {"meta", "sites", "numbers"}
    _up(database)
    assert client.pool_states(site(), at=NOON)[0].free == 2
    assert numbers_shown(client, view("b", NOON + MINUTE)) == [FIRST]


def test_all_can_be_taken_out_and_made_again(client: EmbeddedClient, database: Database) -> None:
    _down_to(database, "base")
    assert _tables(database) == set()
    _up(database)
    assert database.read(differences) == []
    client.publish(site(), at=NOON)
    assert numbers_shown(client, view("a")) == [FIRST]


def test_a_migration_that_fails_half_way_leaves_everything_as_it_was(
    client: EmbeddedClient, database: Database
) -> None:
    def fail(here: Connection) -> None:
        migrate.downgrade(here, "base")
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        database.write(fail)
    assert _tables(database) == TABLES
    assert database.read(migrate.revision) == migrate.newest()
    assert len(client.calls("okna")) == 1


def test_migrating_says_what_it_did(sql_url: str) -> None:
    assert migrate_store(sql_url) == "The tables were made (0006)."
    database = Database(database_url(sql_url))
    _down_to(database, "0001")
    database.close()
    assert migrate_store(sql_url) == "The tables were migrated from 0001 to 0006."
    assert "already" in migrate_store(sql_url)
