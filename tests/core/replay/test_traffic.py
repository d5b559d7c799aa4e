"""Who came, as a log tells it."""

from __future__ import annotations

import weakref
from datetime import timedelta

from callgraft.replay.traffic import Page, Traffic
from tests.core.replay.logged import MINUTE, NOON, hit, site


def sessions(*pages: Page) -> list[str]:
    return [page.view.identity.session for page in pages]


def test_pages_of_one_browser_are_one_session_until_half_an_hour_passes() -> None:
    moments = [NOON, NOON + 29 * MINUTE, NOON + 58 * MINUTE, NOON + 89 * MINUTE]
    first, second, third, fourth = Traffic([hit(at, 1) for at in moments], site())
    assert len({*sessions(first, second, third)}) == 1
    assert fourth.view.identity.session != third.view.identity.session
    assert fourth.view.identity.visitor == first.view.identity.visitor
    assert [page.view.identity.pages for page in (first, second, third, fourth)] == [1, 2, 3, 1]


def test_another_browser_at_the_same_address_is_another_visitor() -> None:
    first, second = Traffic([hit(agent="Mozilla/5.0 A"), hit(agent="Mozilla/5.0 B")], site())
    assert first.view.identity.visitor != second.view.identity.visitor


def test_a_click_on_another_advertisement_begins_a_session() -> None:
    pages = [
        hit(NOON, 1, target="/?utm_source=yandex&utm_medium=cpc"),
        hit(NOON + MINUTE, 1, target="/?utm_source=google&utm_medium=cpc"),
    ]
    first, second = Traffic(pages, site())
    assert first.view.identity.session != second.view.identity.session
    assert second.view.identity.touch.source == "google"


def test_a_line_that_stands_a_little_late_does_not_turn_time_back() -> None:
    hits = [hit(NOON + MINUTE, 1), hit(NOON, 2)]
    assert [page.view.at for page in Traffic(hits, site())] == [NOON + MINUTE] * 2


def test_memory_holds_the_sessions_under_way_alone() -> None:
    traffic = Traffic((hit(NOON + 10 * MINUTE * each, each) for each in range(500)), site())
    stays = []
    for page in traffic:
        stays.append(weakref.ref(page.stay))
        del page
        assert traffic.under_way <= 4
    assert sum(stay() is not None for stay in stays) <= 4, "nobody else keeps them"


def test_a_contact_page_and_the_visitors_truncated_network_are_told() -> None:
    [page] = Traffic([hit(NOON, 7, target="/contacts")], site())
    assert page.view.is_contact
    assert page.view.network == "10.0.7.0"
    assert page.stay.contact_seen


def test_times_of_another_zone_are_read_as_utc() -> None:
    at = NOON + timedelta(0)
    [page] = Traffic([hit(at.astimezone(site().timezone))], site())
    assert page.view.at == NOON
