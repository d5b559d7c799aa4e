"""Two doors over one store: whoever publishes last wins, and every door follows."""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, open_engine, read_site
from callgraft import engine as engine_module
from callgraft.client import open_client
from callgraft.client.late import open_late
from callgraft.config import Settings
from callgraft.errors import SetupError, StoreUnavailable
from callgraft.sites import SiteFile, StoredSites

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOCUMENT = """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.main]
number = "+7 495 123-45-67"

[fixed.all]
number = "+7 499 000-00-70"
source = "all"

[[rules]]
name = "Everyone"
target = "main"
fixed = "all"
"""
AGENT = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
ORIGINAL = "8 (495) 123-45-67"
PROMISED = 2.0
quickly = pytest.mark.usefixtures("looks_often")


def document(last):
    """A document by which everybody is shown the number that ends like this."""
    return DOCUMENT.replace("00-70", f"00-{last}")


def number(last):
    return f"8 (499) 000-00-{last}"


def shown(engine, host="okna.example"):
    visit = Visit(url=f"https://{host}/", received_at=datetime.now(UTC), headers=(AGENT,))
    head = Head(headers=(("Content-Type", "text/html"),))
    page = Page(head=head, body=ORIGINAL.encode())
    return engine.swap(visit, page).body.decode() if engine.wants(head, visit) else "unwanted"


def within(seconds, condition):
    """Whether the condition comes true in this time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def doors(tmp_path):
    """Starts doors over one SQLite store, each with a file, or with what the store has."""
    with ExitStack() as stack:

        def start(site):
            if "\n" in site:
                path = tmp_path / f"door{len(list(tmp_path.iterdir()))}.toml"
                path.write_text(site, encoding="utf-8")
                site = str(path)
            backend = f"sqlite:///{tmp_path}/callgraft.db"
            return stack.enter_context(closing(open_engine(site, backend=backend, strict=True)))

        yield start


@pytest.fixture
def looks_often(monkeypatch):
    """Doors look twenty times as often as they do for people."""
    monkeypatch.setattr(engine_module, "FOLLOW_EVERY", timedelta(seconds=0.05))


@pytest.fixture
def store(tmp_path):
    with closing(open_client(f"sqlite:///{tmp_path}/callgraft.db")) as client:
        yield client


def age(path, by):
    """Make the file older than it is."""
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


def test_a_document_that_somebody_publishes_is_served_by_every_door_within_two_seconds(
    doors, store
):
    first, second = doors(document("01")), doors("store:okna")
    assert (shown(first), shown(second)) == (number("01"), number("01"))
    store.publish(read_site(document("02")), at=datetime.now(UTC), by="anna")
    assert within(PROMISED, lambda: shown(first) == shown(second) == number("02"))


@quickly
def test_a_file_that_changes_is_published_and_the_others_follow(doors, store, tmp_path):
    first, second = doors(document("01")), doors("store:okna")
    [path] = tmp_path.glob("*.toml")
    path.write_text(document("02"), encoding="utf-8")
    assert within(2 * PROMISED, lambda: shown(first) == shown(second) == number("02"))
    assert [each.edition for each in store.editions("okna")] == [2, 1]
    assert path.name in store.editions("okna")[0].by


@quickly
def test_a_door_that_starts_with_an_older_file_serves_what_was_published_since(
    doors, store, tmp_path, caplog
):
    doors(document("01"))
    store.publish(read_site(document("02")), at=datetime.now(UTC) + timedelta(seconds=1))
    late = doors(document("01"))
    assert shown(late) == number("02")
    assert "is older than what was published since" in caplog.text
    assert [each.edition for each in store.editions("okna")] == [2, 1]


@quickly
def test_two_doors_with_different_files_do_not_fight(doors, store):
    first, second = doors(document("01")), doors(document("02"))
    assert within(PROMISED, lambda: shown(first) == shown(second) == number("02"))
    time.sleep(0.3)  # a fight would go on at each look
    assert [each.edition for each in store.editions("okna")] == [2, 1]


@quickly
def test_a_file_that_goes_back_to_an_older_text_is_published_anew(doors, store, tmp_path):
    first = doors(document("01"))
    [path] = tmp_path.glob("*.toml")
    for last in ("02", "01"):
        path.write_text(document(last), encoding="utf-8")
        assert within(2 * PROMISED, lambda last=last: shown(first) == number(last))
    assert [each.edition for each in store.editions("okna")] == [3, 2, 1]


@quickly
def test_an_old_text_written_after_the_newest_edition_wins_at_a_start(doors, store, tmp_path):
    store.publish(read_site(document("01")), at=NOON)
    store.publish(read_site(document("02")), at=NOON + timedelta(minutes=1))
    assert shown(doors(document("01"))) == number("01")
    assert len(store.editions("okna")) == 3


@quickly
def test_a_file_that_becomes_another_sites_document_serves_that(doors, store, tmp_path):
    first = doors(document("01"))
    [path] = tmp_path.glob("*.toml")
    other = document("02").replace('key = "okna"', 'key = "a-new-name"')
    path.write_text(other.replace("123-45-67", "123-45-68"), encoding="utf-8")
    assert within(2 * PROMISED, lambda: shown(first) == ORIGINAL)  # it has another target now
    assert list(store.sites()) == ["a-new-name", "okna"]
    store.publish(read_site(document("03")), at=datetime.now(UTC))
    time.sleep(0.3)
    assert shown(first) == ORIGINAL


@quickly
def test_a_file_whose_numbers_are_another_sites_stays_out(doors, store, tmp_path, caplog):
    pooled = document("01") + '\n[pools.all]\nnumbers = ["+7 499 000-00-11"]\n'
    first = doors(pooled)
    [path] = tmp_path.glob("*.toml")
    path.write_text(pooled.replace('key = "okna"', 'key = "pvc"'), encoding="utf-8")
    assert within(2 * PROMISED, lambda: "of the site pvc stays out" in caplog.text)
    time.sleep(0.3)
    assert caplog.text.count("stays out") == 1
    assert shown(first) == number("01")


@quickly
def test_an_older_edition_comes_back_everywhere(doors, store):
    first, second = doors(document("01")), doors(document("02"))
    back = store.restore("okna", 1, at=datetime.now(UTC), by="boris")
    assert (back.edition, back.by, back.document) == (3, "boris", document("01"))
    assert within(PROMISED, lambda: shown(first) == shown(second) == number("01"))


@quickly
def test_a_host_that_a_newer_edition_adds_is_served_and_one_that_it_drops_is_left(doors, store):
    first = doors(document("01"))
    assert shown(first, "new.example") == "unwanted"
    moved = document("02").replace("okna.example", "new.example")
    store.publish(read_site(moved), at=datetime.now(UTC))
    assert within(PROMISED, lambda: shown(first, "new.example") == number("02"))
    assert shown(first) == "unwanted"


@quickly
def test_all_sites_of_the_store_are_followed_also_those_to_come(doors, store):
    door = doors("store:*")
    assert shown(door) == "unwanted"
    store.publish(read_site(document("01")), at=datetime.now(UTC))
    assert within(PROMISED, lambda: shown(door) == number("01"))
    other = DOCUMENT.replace("okna", "pvc").replace("00-70", "00-71").replace("123-45", "123-46")
    store.publish(read_site(other.replace("495 123-46-67", "495 123-45-67")), at=NOON)
    assert within(PROMISED, lambda: shown(door, "pvc.example") == number("71"))


@quickly
def test_sites_that_are_not_named_are_not_followed(doors, store):
    door = doors("store:pvc")
    store.publish(read_site(document("01")), at=datetime.now(UTC))
    time.sleep(0.3)
    assert shown(door) == "unwanted"


@quickly
def test_an_edition_that_cannot_be_read_leaves_the_last_good_one(doors, store, caplog):
    door = doors(document("01"))
    newer = read_site(document("02"))
    object.__setattr__(newer, "document", document("02") + "\n[newer]\nx = 1\n")
    object.__setattr__(newer, "version", "of a newer version")
    store.publish(newer, at=datetime.now(UTC))
    assert within(PROMISED, lambda: "Edition 2 of the site okna cannot be served" in caplog.text)
    time.sleep(0.3)
    assert caplog.text.count("cannot be served") == 1
    assert shown(door) == number("01")


@quickly
def test_a_secret_that_is_not_known_here_does_not_keep_an_edition_out(doors, store):
    door = doors("store:okna")
    secret = '\n[providers.generic]\nsecret = "env:CALLGRAFT_NOBODY_HAS_THIS"\n'
    store.publish(read_site(document("01") + secret, environ=None), at=datetime.now(UTC))
    assert within(PROMISED, lambda: shown(door) == number("01"))


@pytest.mark.parametrize("written", ["store:", "store:a b", "store:okna,", "store:../x"])
def test_what_names_no_site_of_the_store_is_refused_with_the_cure(written):
    with pytest.raises(SetupError, match="Write the key of a site"):
        open_engine(written, backend="memory:")


class Opening:
    """A store that answers from some moment on; how often it was tried before counts."""

    def __init__(self):
        self.answers = False
        self.tries = 0

    def __call__(self):
        self.tries += 1
        if not self.answers:
            raise StoreUnavailable("connection refused")
        return open_client("memory:")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(document("01"), encoding="utf-8")
    return path


@quickly
def test_an_engine_starts_without_its_store_and_gets_ready_when_it_answers(path, caplog):
    caplog.set_level(logging.INFO)
    opening = Opening()
    with closing(Engine(SiteFile(path), open_late(opening), settings=Settings())) as engine:
        with pytest.raises(StoreUnavailable, match="connection refused"):
            engine.make_ready(at=NOON)
        engine.follow()
        began = time.monotonic()
        pages = [shown(engine) for _ in range(200)]
        assert time.monotonic() - began < 2  # nobody waits for what does not answer
        assert set(pages) == {ORIGINAL}
        assert opening.tries <= 4
        opening.answers = True
        assert within(2 * PROMISED, lambda: shown(engine) == number("01"))
    assert caplog.text.count("The tracking store answers") == 1


@quickly
def test_no_cache_keeps_the_original_of_a_door_that_is_not_ready(path):
    with closing(Engine(SiteFile(path), open_late(Opening()))) as engine:
        visit = Visit(url="https://okna.example/", received_at=NOON, headers=(AGENT,))
        head = Head(headers=(("Content-Type", "text/html"), ("Cache-Control", "public")))
        page = engine.swap(visit, Page(head=head, body=ORIGINAL.encode()))
    assert page.body == ORIGINAL.encode()
    assert page.head.header("cache-control") == "private, no-cache"
    assert page.head.header("set-cookie") is None


@quickly
def test_a_server_that_is_down_stops_no_door_and_a_file_that_cannot_be_used_does(path, caplog):
    with closing(open_engine(path, backend="postgresql://okna@127.0.0.1:1/okna")) as engine:
        assert shown(engine) == ORIGINAL
    assert caplog.text.count("until the tracking store answers") == 1
    (path.parent / "callgraft.db").write_text("no database at all, but long enough to be one")
    with pytest.raises(StoreUnavailable):
        open_engine(path, backend=f"sqlite:///{path.parent}/callgraft.db")


@quickly
def test_sites_of_the_store_are_nobodys_until_it_answers():
    with closing(Engine(StoredSites("okna"), open_late(Opening()))) as engine:
        assert shown(engine) == "unwanted"


@quickly
def test_a_process_that_was_forked_off_follows_too(doors, store):
    door = doors(document("01"))
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        shown(door)  # the first page of the child sets it going
        told = within(4 * PROMISED, lambda: shown(door) == number("02"))
        os.write(writing, b"follows" if told else b"stays")
        os._exit(0)
    time.sleep(0.2)
    store.publish(read_site(document("02")), at=datetime.now(UTC))
    os.waitpid(child, 0)
    assert os.read(reading, 20) == b"follows"
