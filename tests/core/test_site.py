import pytest

from callgraft import phone
from callgraft.conditions import read_condition
from callgraft.rules import Rule
from callgraft.site import Fixed, Pool, Role, RoleKind, Site, Target

TARGET = phone.read("+7 495 123-45-67")
FIRST, SECOND = phone.read("+7 499 000-00-01"), phone.read("+7 499 000-00-02")
SPARE = phone.read("+7 499 000-00-99")
BILLBOARD = phone.read("+7 499 000-00-77")


def site(*whens, enabled=True, **pool):
    """A site whose rules, one per condition, all lead to the pool ``direct``."""
    return Site(
        key="okna",
        targets={"main": Target(key="main", number=TARGET)},
        pools={
            "direct": Pool(key="direct", numbers=(FIRST, SECOND), overflow=SPARE, **pool),
        },
        fixed={
            "billboard": Fixed(
                key="billboard",
                number=BILLBOARD,
                source="billboard",
                medium="offline",
                campaign="spring",
            )
        },
        rules=tuple(
            Rule(
                name=str(when),
                target="main",
                pool="direct",
                when=None if when is None else read_condition(when),
                enabled=enabled,
            )
            for when in whens
        ),
    )


def origin(*whens, **more):
    role = site(*whens, **more).role_of(SPARE.e164)
    return role.source, role.medium


def test_every_number_has_its_role():
    okna = site({"source": "yandex", "medium": "cpc"})
    direct = {"key": "direct", "source": "yandex", "medium": "cpc"}
    assert okna.role_of(TARGET.e164) == Role(kind=RoleKind.TARGET, key="main")
    assert okna.role_of(FIRST.e164) == Role(kind=RoleKind.POOL, **direct)
    assert okna.role_of(SECOND.e164) == Role(kind=RoleKind.POOL, **direct)
    assert okna.role_of(SPARE.e164) == Role(kind=RoleKind.OVERFLOW, **direct)
    assert okna.role_of(BILLBOARD.e164) == Role(
        kind=RoleKind.FIXED,
        key="billboard",
        source="billboard",
        medium="offline",
        campaign="spring",
    )


def test_a_foreign_number_has_no_role():
    assert site().role_of("+12125550123") is None


@pytest.mark.parametrize(
    ("whens", "told"),
    [
        ([{"source": "yandex", "medium": "cpc", "region": "RU-MOW"}], ("yandex", "cpc")),
        ([{"source": "yandex"}], ("yandex", "")),
        ([{"source": ["yandex"]}], ("yandex", "")),
        ([{"all": [{"source": "yandex"}, {"all": [{"medium": "cpc"}]}]}], ("yandex", "cpc")),
        # Two rules that agree, or agree on the source only.
        ([{"source": "vk", "region": "RU-MOW"}, {"source": "vk", "device": "mobile"}], ("vk", "")),
        ([{"source": "vk", "medium": "cpc"}, {"source": "vk", "medium": "cpm"}], ("vk", "")),
        # What does not tell one source.
        ([{"source": "yandex"}, {"source": "google"}], ("", "")),
        ([{"source": "yandex"}, None], ("", "")),
        ([{"source": ["yandex", "google"]}], ("", "")),
        ([{"source": "yandex*"}], ("", "")),
        ([{"source": "re:yandex"}], ("", "")),
        ([{"any": [{"source": "yandex"}, {"source": "google"}]}], ("", "")),
        ([{"not": {"source": "yandex"}}], ("", "")),
        ([{"medium": "cpc"}], ("", "")),
        ([None], ("", "")),
        ([], ("", "")),
    ],
)
def test_an_overflow_number_tells_the_source_that_every_rule_to_its_pool_demands(whens, told):
    assert origin(*whens) == told


def test_a_pool_that_names_its_source_needs_no_guess():
    assert origin({"source": "yandex", "medium": "cpc"}, source="direct") == ("direct", "")
    assert origin(None, source="vk", medium="social") == ("vk", "social")


def test_rules_that_are_switched_off_tell_nothing():
    assert origin({"source": "yandex"}, enabled=False) == ("", "")


@pytest.mark.parametrize(
    "host", ["окна.рф", "ОКНА.РФ", "xn--80atjc.xn--p1ai", "XN--80ATJC.xn--p1ai", "окна.рф."]
)
def test_a_host_is_known_in_either_spelling(host):
    assert Site(key="okna", hosts=("xn--80atjc.xn--p1ai",)).serves(host)


@pytest.mark.parametrize("host", ["", "example", "sub.okna.example", "okna.example:80", "\ud800"])
def test_other_hosts_are_not_served(host):
    assert not Site(key="okna", hosts=("okna.example",)).serves(host)


def test_a_site_without_hosts_serves_all():
    assert Site(key="okna").serves("anything.example")


@pytest.mark.parametrize(
    ("path", "with_target", "without"),
    [
        ("/contacts/", True, True),
        ("/Kontakty.html", True, True),
        ("/%D0%BA%D0%BE%D0%BD%D1%82%D0%B0%D0%BA%D1%82%D1%8B/", True, True),
        ("/about-us", True, False),
        ("/price", False, False),
    ],
)
def test_contact_pages_are_known_by_their_address(path, with_target, without):
    assert site().is_contact_page(path, shows_target=True) is with_target
    assert site().is_contact_page(path, shows_target=False) is without


def test_pages_that_the_site_lists_are_the_only_contact_pages():
    okna = Site(key="okna", contact_pages=("/ring",), about_pages=())
    assert okna.is_contact_page("/ring", shows_target=False)
    assert not okna.is_contact_page("/contacts", shows_target=True)
    assert not okna.is_contact_page("/about", shows_target=True)
