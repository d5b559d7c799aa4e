import logging
from pathlib import Path

import pytest

from callgraft.errors import SetupError
from callgraft.geo import NOWHERE, GeoDatabase, Location
from examples.geo.make_geo import PLACES, database, place

FILE = Path(__file__).parents[2] / "examples" / "geo" / "test-city.mmdb"


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "city.mmdb"
    path.write_bytes(FILE.read_bytes())
    return path


def put(path, content):
    """Put a new file in the old one's place, the way geoipupdate does."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


@pytest.mark.parametrize(
    ("address", "region", "city"),
    [
        ("203.0.113.7", "RU-MOW", "Moscow"),
        ("203.0.113.255", "RU-MOW", "Moscow"),
        ("198.51.100.0", "RU-SPE", "Saint Petersburg"),
        ("192.0.2.99", "RU-SMO", "Smolensk"),
        ("2001:db8:1::5", "RU-MOW", "Moscow"),
    ],
)
def test_an_address_is_found_in_its_country_region_and_city(address, region, city):
    location = GeoDatabase(FILE).locate(address)
    assert (location.country, location.region, location.city) == ("RU", region, city)


def test_a_city_is_known_by_its_names_in_every_language():
    names = GeoDatabase(FILE).locate("203.0.113.7").city_names
    assert names == {"Moscow", "Москва", "Moskau"}


@pytest.mark.parametrize(
    "address",
    [
        "203.0.114.1",
        "2001:db8:2::1",
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "fe80::1",
        "",
        "nobody",
        "1.2",
    ],
)
def test_unknown_private_and_broken_addresses_are_nowhere(address):
    assert GeoDatabase(FILE).locate(address) is NOWHERE


@pytest.mark.parametrize(
    ("record", "location"),
    [
        (place("DE", "BE", de="Berlin"), Location(country="DE", region="DE-BE", city="Berlin")),
        ({"country": {"iso_code": "DE"}}, Location(country="DE")),
        ({"country": {"iso_code": "DE"}, "subdivisions": []}, Location(country="DE")),
        ({"subdivisions": [{"iso_code": "BE"}]}, Location()),
        ({"country": "DE", "city": "Berlin"}, Location()),
        ({"country": {"iso_code": "DE"}, "city": {"names": {"en": ["B"]}}}, Location(country="DE")),
        ("Germany", Location()),
        (
            {"country": {"iso_code": "GB"}, "subdivisions": [{"iso_code": "ENG"}, {"a": "LND"}]},
            Location(country="GB", region="GB-ENG"),
        ),
    ],
)
def test_records_are_taken_as_far_as_they_go(file, record, location):
    put(file, database({"203.0.113.0/24": record}))
    found = GeoDatabase(file).locate("203.0.113.7")
    assert (found.country, found.region, found.city) == (
        location.country,
        location.region,
        location.city,
    )


@pytest.mark.parametrize("content", [None, b"", b"no database", FILE.read_bytes()[:1000]])
def test_a_file_that_is_no_database_is_refused_at_the_start(tmp_path, content):
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError) as caught:
        GeoDatabase(path)
    assert caught.value.key == "geo"
    assert caught.value.value == str(path)
    assert caught.value.problem.startswith("It cannot be read: ")
    assert caught.value.cure == (
        "Name a .mmdb file with cities, like GeoLite2-City.mmdb, or leave it out."
    )


MOVED = database({"203.0.113.0/24": place("RU", "LEN", en="Gatchina")})


def test_a_new_file_is_taken_up_after_a_minute_and_not_before(file, clock):
    geo = GeoDatabase(file, clock=clock)
    put(file, MOVED)
    assert geo.locate("203.0.113.7").region == "RU-MOW"
    clock.seconds += 59
    assert geo.locate("203.0.113.7").region == "RU-MOW"
    clock.seconds += 1
    assert geo.locate("203.0.113.7").region == "RU-LEN"


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_file_that_went_bad_leaves_the_old_one_in_use_and_one_line(file, clock, caplog, content):
    geo = GeoDatabase(file, clock=clock)
    if content is None:
        file.unlink()
    else:
        put(file, content)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            clock.seconds += 60
            assert geo.locate("203.0.113.7").region == "RU-MOW"
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith(f"Geo database {file} cannot be read: ")
    assert "203.0.113.7" not in caplog.text


def test_after_a_bad_file_a_good_one_is_taken_up_and_the_next_bad_one_is_told_again(
    file, clock, caplog
):
    geo = GeoDatabase(file, clock=clock)
    for lines, (content, region) in enumerate(
        [(b"no database", "RU-MOW"), (MOVED, "RU-LEN"), (b"no database", "RU-LEN")], start=1
    ):
        put(file, content)
        clock.seconds += 60
        assert geo.locate("203.0.113.7").region == region
        assert len(caplog.records) == (lines + 1) // 2


def test_a_record_that_cannot_be_read_is_nowhere_and_one_line(file, caplog):
    # The head of the first record now points far beyond the end of the file.
    content = FILE.read_bytes()
    first = content.index(bytes(16)) + 16
    put(file, content[:first] + b"\x3f\xff\xff\xff\xff" + content[first + 5 :])
    geo = GeoDatabase(file)
    with caplog.at_level(logging.WARNING):
        assert [geo.locate("203.0.113.7") for _ in range(3)] == [NOWHERE] * 3
    assert len(caplog.records) == 1
    assert "203.0.113.7" not in caplog.text


def test_the_test_database_is_what_its_script_makes():
    assert FILE.read_bytes() == database(PLACES)
