"""The demo's Site document: who is shown which numbers of «Окна Комфорт»."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callgraft.geo import Location
from callgraft.rules import Circumstances, decide
from callgraft.site import Site
from callgraft.site_toml import read_site
from callgraft.source import Touch

DOCUMENT = Path(__file__).parents[2] / "examples/okna.toml"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DIRECT = Touch(source="yandex", medium="cpc", channel="paid search")
ADS = Touch(source="google", medium="cpc", channel="paid search")
SEARCH = Touch(source="yandex", medium="organic", channel="organic search")
TYPED = Touch(source="", medium="", channel="direct")


@pytest.fixture(scope="module")
def site() -> Site:
    text = DOCUMENT.read_text(encoding="utf-8")
    return read_site(text, environ={"CALLGRAFT_WEBHOOK_SECRET": SECRET})


@pytest.mark.parametrize(
    ("touch", "region", "rule", "shown"),
    [
        (DIRECT, "RU-MOW", "Yandex Direct, Moscow", "direct"),
        (DIRECT, "RU-MOS", "Yandex Direct, Moscow", "direct"),
        (DIRECT, "RU-SPE", "Petersburg", "piter"),
        (DIRECT, "RU-TVE", "Everyone else", "site"),
        (ADS, "RU-MOW", "Google Ads", "google"),
        (ADS, "RU-SPE", "Google Ads", "google"),
        (TYPED, "RU-LEN", "Petersburg", "piter"),
        (SEARCH, "RU-SMO", "Smolensk", "smolensk"),
        (SEARCH, "RU-MOW", "Organic search", "organic"),
        (TYPED, "", "Everyone else", "site"),
    ],
)
def test_each_visitor_is_shown_the_numbers_of_his_source_or_city(site, touch, region, rule, shown):
    here = Circumstances(at=NOON, touch=touch, location=Location(region=region))
    decision = decide(site, "main", here)
    assert decision.rule == rule
    assert (decision.pool or decision.fixed) == shown


def test_it_serves_the_firms_host_and_a_demo_on_this_machine(site):
    assert site.hosts == ("okna.example", "127.0.0.1", "localhost")


def test_every_pool_has_an_overflow_number_and_no_number_has_two_roles(site):
    pools = site.pools.values()
    numbers = [site.targets["main"].number]
    numbers += [number for pool in pools for number in (*pool.numbers, pool.overflow)]
    numbers += [fixed.number for fixed in site.fixed.values()]
    assert None not in numbers
    assert len(set(numbers)) == len(numbers)


def test_the_secret_of_the_webhook_comes_from_the_environment(site):
    assert site.providers["generic"].secrets == (SECRET,)
    assert SECRET not in site.document
