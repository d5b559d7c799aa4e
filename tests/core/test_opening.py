from contextlib import closing
from datetime import timedelta

import pytest
from callgraft import Site, open_engine
from callgraft.errors import SetupError

OKNA = Site(key="okna")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 50}, "budget = 50: is no length of time. Give a timedelta"),
        ({"budget": timedelta(0)}, "budget = datetime.timedelta(0): is no length of time."),
        ({"max_body": "8MiB"}, "max_body = '8MiB': is no size. Give a number of bytes"),
        ({"max_body": 0}, "max_body = 0: is no size."),
        ({"trusted_proxies": "10.0.0.0/8"}, "trusted_proxies = '10.0.0.0/8': is no list."),
        ({"trusted_proxies": ["10.0.0"]}, "trusted_proxies[0] = '10.0.0': This is no network."),
        ({"backend": None}, "backend: is no URL. Write it like"),
        ({"geo": "nowhere.mmdb"}, "geo = 'nowhere.mmdb': It cannot be read"),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused_by_name(options, message):
    with pytest.raises(SetupError) as caught:
        open_engine(OKNA, **{"backend": "memory:", **options})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("site", [None, 7])
def test_what_is_no_site_is_refused_before_a_visitor_comes(site):
    with pytest.raises(SetupError) as caught:
        open_engine(site, backend="memory:")
    assert caught.value.key == "site"


def test_a_geo_database_that_is_missing_leaves_no_store_behind(tmp_path):
    database = tmp_path / "callgraft.db"
    with pytest.raises(SetupError):
        open_engine(OKNA, backend=f"sqlite:///{database}", geo="nowhere.mmdb")
    assert not database.exists()


def test_an_engine_opens_with_nothing_but_a_site():
    with closing(open_engine(OKNA, backend="memory:")) as engine:
        assert engine.settings.budget == timedelta(milliseconds=50)
