import logging
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from callgraft.errors import SiteError
from callgraft.site import Site
from callgraft.sites import FixedSites, SiteFile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

DOCUMENT = """
[site]
key = "{key}"
hosts = ["okna.example"]

[targets.main]
number = "+7 495 123-45-67"
"""
BAD = DOCUMENT.replace("hosts", "hots").format(key="bad")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "okna.toml"
    path.write_text(DOCUMENT.format(key="first"))
    return path


def key(sites, after=0.0):
    return sites.for_host("okna.example", at=NOON + timedelta(seconds=after)).key


def change(path, text):
    """Write the file as editors do: into another one that takes its place."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


def test_a_file_is_read_at_the_start(path):
    sites = SiteFile(path)
    assert sites.site.key == "first"
    assert key(sites) == "first"
    assert sites.for_host("other.example", at=NOON) is None


def test_a_faulty_file_stops_the_start(path):
    path.write_text(BAD)
    with pytest.raises(SiteError, match=r'okna.toml has 1 mistake:\n  site\.hots .* "hosts"\?'):
        SiteFile(path)


def test_a_missing_file_stops_the_start(tmp_path):
    with pytest.raises(SiteError, match=r"none\.toml: the file cannot be read: No such file"):
        SiteFile(tmp_path / "none.toml")


def test_a_file_that_is_not_utf_8_says_so(path):
    path.write_bytes("# Окна".encode("cp1251"))
    with pytest.raises(SiteError, match=r"the file is not UTF-8 \(byte 3\)\. Save it as UTF-8\."):
        SiteFile(path)


def test_secrets_come_from_the_given_environment(path):
    path.write_text(DOCUMENT.format(key="first") + '[providers.generic]\nsecret = "env:NAME"')
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert SiteFile(path, {"NAME": secret}).site.providers["generic"].secrets == (secret,)


def test_a_changed_file_is_in_force_within_a_second(path):
    sites = SiteFile(path)
    assert key(sites) == "first"
    change(path, DOCUMENT.format(key="second"))
    assert key(sites, 0.9) == "first"
    assert key(sites, 1.0) == "second"


def test_the_log_says_which_document_came_into_force(path, caplog):
    caplog.set_level(logging.INFO, logger="callgraft.sites")
    sites = SiteFile(path)
    change(path, DOCUMENT.format(key="second"))
    key(sites, 1)
    version = sites.site.version
    assert [record.getMessage() for record in caplog.records] == [
        f"Site document {version} of {path} is in force."
    ]
    change(path, DOCUMENT.format(key="second"))
    key(sites, 2)
    assert len(caplog.records) == 1


def test_a_change_of_the_same_length_is_seen(path):
    sites = SiteFile(path)
    path.write_text(DOCUMENT.format(key="fifth"))
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert key(sites) == "fifth"


def test_the_old_document_stays_in_force_while_the_new_one_is_faulty(path, caplog):
    sites = SiteFile(path)
    change(path, BAD)
    assert [key(sites, after) for after in (1, 2, 3)] == ["first"] * 3
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == (
        f"Site document {sites.site.version} stays in force: {path} has 1 mistake:\n"
        "  site.hots = ['okna.example']: there is no such key here. Did you mean \"hosts\"?"
    )
    change(path, DOCUMENT.format(key="mended"))
    assert key(sites, 4) == "mended"


def test_each_faulty_change_is_told_once(path, caplog):
    sites = SiteFile(path)
    for after in range(1, 4):
        change(path, BAD + "# again\n" * after)
        key(sites, after)
        key(sites, after + 0.5)
    assert len(caplog.records) == 3


def test_a_file_that_goes_away_leaves_its_document_in_force(path, caplog):
    sites = SiteFile(path)
    path.unlink()
    assert [key(sites, after) for after in (1, 2)] == ["first"] * 2
    assert ["the file cannot be read" in each.getMessage() for each in caplog.records] == [True]
    path.write_text(DOCUMENT.format(key="again"))
    assert key(sites, 3) == "again"


def test_a_clock_that_was_set_back_does_not_stop_the_looking(path):
    sites = SiteFile(path)
    key(sites, 3600)
    change(path, DOCUMENT.format(key="second"))
    assert key(sites, 0) == "second"


def test_threads_see_the_old_document_or_the_new_one_and_nothing_else(path):
    sites = SiteFile(path)
    seen, start = [], threading.Barrier(9)

    def visitor(number):
        start.wait()
        seen.extend(key(sites, number / 10 + round_) for round_ in range(200))

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    for number in range(20):
        change(path, BAD if number % 3 == 0 else DOCUMENT.format(key=f"key{number}"))
    for thread in threads:
        thread.join()
    known = {"first", *(f"key{number}" for number in range(20) if number % 3)}
    assert len(seen) == 8 * 200
    assert set(seen) <= known
    assert key(sites, 10_000) == "key19"


def test_each_host_has_its_site():
    okna, dveri = Site(key="okna", hosts=("okna.example",)), Site(key="dveri", hosts=("d.example",))
    sites = FixedSites(okna, dveri)
    assert sites.for_host("okna.example", at=NOON) is okna
    assert sites.for_host("d.example", at=NOON) is dveri
    assert sites.for_host("other.example", at=NOON) is None


def test_a_site_that_lists_the_host_goes_before_one_that_serves_all():
    anything, okna = Site(key="anything"), Site(key="okna", hosts=("okna.example",))
    sites = FixedSites(anything, okna)
    assert sites.for_host("okna.example", at=NOON) is okna
    assert sites.for_host("other.example", at=NOON) is anything


def test_two_sites_cannot_share_a_host():
    with pytest.raises(SiteError, match="the site 'a' serves this host already"):
        FixedSites(Site(key="a", hosts=("x.example",)), Site(key="b", hosts=("x.example",)))
