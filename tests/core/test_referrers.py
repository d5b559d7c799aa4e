import json
from importlib import resources

import pytest

from callgraft.errors import SetupError
from callgraft.referrers import KINDS, Referrers, known_referrers, read_referrers
from tools.matomo_referrers import converted

LIST = {
    "search": [("seek", ["seek.*", "seek.example"], ["q"])],
    "email": [("seekmail", ["mail.seek.*"], [])],
}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("seek.example", "seek"),
        ("www.seek.example", "seek"),
        ("seek.com", "seek"),
        ("seek.de", "seek"),
        ("a.b.seek.co.uk", "seek"),
        ("seek.com.tr", "seek"),
        ("mail.seek.com.tr", "seekmail"),
        ("seek.info", None),
        ("seek.xy.example", None),
        ("hide-and-seek.de", None),
        ("de", None),
        ("com", None),
        ("*", None),
        ("", None),
        (".", None),
        ("203.0.113.7", None),
    ],
)
def test_a_host_belongs_to_its_nearest_known_domain(host, name):
    found = Referrers(LIST).find(host)
    assert (found and found.name) == name


def test_a_referrer_is_found_by_its_name_too():
    assert Referrers(LIST).named("seekmail").kind == "email"
    assert Referrers(LIST).named("www.seek.de").kind == "search"
    assert Referrers(LIST).named("newsletter") is None


def test_a_later_list_overrules_an_earlier_one_host_by_host():
    referrers = Referrers(LIST, {"social": [("meet", ["seek.de"], [])]})
    assert referrers.find("seek.de").name == "meet"
    assert referrers.find("seek.com").name == "seek"


def test_no_host_is_listed_twice_in_our_own_list():
    text = resources.files("callgraft").joinpath("data/referrers.json").read_text("utf-8")
    groups = json.loads(text)
    hosts = [host.lower() for rows in groups.values() for _, all_, _ in rows for host in all_]
    assert set(groups) == set(KINDS)
    assert sorted(hosts) == sorted(set(hosts))


def test_a_list_of_your_own_is_put_over_ours(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"social": [["nabor", ["nabor.example"], []]]}), "utf-8")
    referrers = read_referrers(path)
    assert referrers.find("www.nabor.example").channel == "social"
    assert referrers.find("yandex.ru") == known_referrers().find("yandex.ru")


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{", '{"friends": []}', '{"social": 5}', '{"social": [["a"]]}', "\xff"]
)
def test_a_list_that_cannot_be_read_is_refused_with_a_cure(tmp_path, text):
    path = tmp_path / "mine.json"
    if text is not None:
        path.write_text(text, "latin-1")
    with pytest.raises(SetupError) as caught:
        read_referrers(path)
    assert caught.value.key == "referrers"
    assert caught.value.cure.startswith("Write {")


def test_matomos_layout_is_turned_into_ours(tmp_path):
    (tmp_path / "SearchEngines.yml").write_text(
        "Seek Images:\n"
        "  -\n"
        "    urls: [www.seek.example, seek.example, 'img.seek.{}', seek.example/maps, google.com]\n"
        "    params: ['/s\\/(.*)/', q]\n"
    )
    (tmp_path / "Socials.yml").write_text("Nabor:\n  - nabor.example\nTelegram:\n  - t.me\n")
    (tmp_path / "AIAssistants.yml").write_text("Sage:\n  - sage.example\n")
    assert converted(tmp_path) == {
        "search": [("seek-images", ["seek.example", "img.seek.*"], ["q"])],
        "social": [("nabor", ["nabor.example"], [])],
        "assistant": [("sage", ["sage.example"], [])],
    }
