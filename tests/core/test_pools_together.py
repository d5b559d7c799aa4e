"""Several pools, targets and fixed numbers on one page, combined as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from callgraft import Engine, Head, Page, Visit, read_site
from callgraft.client import open_client
from callgraft.config import Settings
from callgraft.site import Role, RoleKind
from callgraft.sites import FixedSites
from callgraft.tracking.values import Attribution, CallEvent, CallState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = read_site(
    """
[site]
key = "okna"
hosts = ["okna.example"]
region = "RU"

[targets.sales]
number = "+7 495 123-45-67"

[targets.service]
number = "+7 495 123-45-68"

[pools.yandex]
numbers = ["+7 499 000-00-01"]
overflow = "+7 499 000-00-91"

[pools.yandex_service]
numbers = ["+7 499 000-00-02"]
overflow = "+7 499 000-00-91"

[pools.vk]
numbers = ["+7 499 000-00-03"]
overflow = "+7 499 000-00-93"

[pools.everybody]
numbers = ["+7 499 000-00-04"]

[fixed.leaflet]
number = "+7 499 000-00-77"
source = "leaflet"
medium = "offline"

[[rules]]
name = "Yandex"
target = "sales"
when = { source = "yandex", medium = "cpc" }
pool = "yandex"

[[rules]]
name = "Yandex, service"
target = "service"
when = { source = "yandex", medium = "cpc" }
pool = "yandex_service"

[[rules]]
name = "VK"
target = "sales"
when = { source = "vk" }
pool = "vk"

[[rules]]
name = "Leaflet"
target = "sales"
when = { source = "leaflet" }
fixed = "leaflet"

[[rules]]
name = "All others"
target = "service"
pool = "everybody"
"""
)
BROWSER = (
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142 Safari/537.36"
)
HTML = b"<p>+7 495 123-45-67, +7 495 123-45-68</p>"


@pytest.fixture
def engine() -> Iterator[Engine]:
    settings = Settings(strict=True, budget=timedelta(seconds=5))
    with closing(Engine(FixedSites(SITE), open_client("memory:"), settings=settings)) as engine:
        yield engine


def comes_from(engine: Engine, source: str, medium: str = "") -> str:
    """What a new visitor from there reads: the last digits for sales, and for service."""
    query = f"utm_source={source}" + (f"&utm_medium={medium}" if medium else "")
    visit = Visit(
        url=f"https://okna.example/?{query}",
        received_at=NOON,
        headers=(("User-Agent", BROWSER),),
    )
    head = Head(headers=(("Content-Type", "text/html; charset=utf-8"),))
    body = engine.swap(visit, Page(head=head, body=HTML)).body.decode()
    sales, service = body.removeprefix("<p>").removesuffix("</p>").split(", ")
    return f"{sales[-5:]} {service[-5:]}"


def called(engine: Engine, number: str) -> Attribution:
    event = CallEvent(
        site="okna", provider="generic", account="main", event_id=number, call=number,
        state=CallState.RINGING, number=number, at=NOON + MINUTE,
    )  # fmt: skip
    return engine.client.take_call(event).attribution


def test_each_target_gets_a_number_of_its_own_pool(engine: Engine) -> None:
    assert comes_from(engine, "yandex", "cpc") == "00-01 00-02"
    assert comes_from(engine, "vk") == "00-03 00-04"


def test_a_dry_pool_shows_its_own_sources_number_and_the_other_pools_go_on(engine: Engine) -> None:
    comes_from(engine, "vk")
    assert comes_from(engine, "vk") == "00-93 00-04"
    assert comes_from(engine, "yandex", "cpc") == "00-01 00-02"


def test_pools_of_one_source_may_share_their_overflow_number(engine: Engine) -> None:
    comes_from(engine, "yandex", "cpc")
    assert comes_from(engine, "yandex", "cpc") == "00-91 00-91"
    assert SITE.role_of("+74990000091") == Role(
        kind=RoleKind.OVERFLOW, key="yandex", source="yandex", medium="cpc"
    )
    found = called(engine, "+74990000091")
    assert (found.method, found.source, found.medium) == ("source_only", "yandex", "cpc")


def test_a_fixed_number_stands_beside_a_number_of_a_pool(engine: Engine) -> None:
    assert comes_from(engine, "leaflet") == "00-77 00-04"
    assert comes_from(engine, "leaflet")[:5] == "00-77"
    found = called(engine, "+74990000077")
    assert (found.method, found.source, found.visitor) == ("source_only", "leaflet", "")


def test_a_pool_without_an_overflow_number_shares(engine: Engine) -> None:
    shown = [comes_from(engine, "elsewhere") for _ in range(3)]
    assert shown == ["45-67 00-04"] * 3  # nobody decides for sales
    [lease, *others] = engine.client.number_history("okna", "+74990000004")
    assert lease.is_shared
    assert len(others) == 2
