"""A dry run gives what the product would have given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callgraft.replay import PoolFigures, RealCall, Replayed, TooLong, replay, scenarios_of
from callgraft.tracking.tables import DEFAULT
from tests.core.replay.logged import MINUTE, NOON, OVERFLOW, ROBOT, hit, site, steady

TWO = [scenarios_of(site(), numbers=[2])[0]]


def figures(replayed: Replayed | None) -> PoolFigures:
    assert replayed is not None
    [pool] = replayed.outcomes[0].pools
    return pool


def test_who_finds_no_number_sees_the_overflow_number_and_the_minute_is_dry() -> None:
    hits = [hit(NOON, 1), hit(NOON + MINUTE / 4, 2), hit(NOON + MINUTE / 2, 3), hit(NOON, 4)]
    told = figures(replay(hits, site(), TWO))
    assert (told.sessions, told.own, told.overflow, told.shared) == (4, 2, 2, 0)
    assert (told.dry_minutes, told.coverage) == (1, 0.5)
    [hour] = told.hours
    assert (hour.hour, hour.sessions, hour.own) == (12, 4, 2), "Monday noon"


def test_a_pool_that_shares_is_dry_in_the_same_minutes() -> None:
    sharing = site("")
    hits = [hit(NOON + MINUTE * each, each) for each in range(5)]
    told = figures(replay(hits, sharing, scenarios_of(sharing, numbers=[2])))
    assert (told.own, told.shared, told.overflow, told.dry_minutes) == (2, 3, 0, 3)


def test_a_session_is_counted_once_and_keeps_its_number() -> None:
    hits = [hit(NOON + MINUTE * page, visitor) for page in range(5) for visitor in (1, 2)]
    told = figures(replay(hits, site(), TWO))
    assert (told.sessions, told.own, told.overflow) == (2, 2, 0)


def test_a_session_that_finds_a_number_later_has_one_of_its_own() -> None:
    hits = [*(hit(NOON, each) for each in (1, 2, 3)), hit(NOON + 6 * MINUTE, 3)]
    told = figures(replay(hits, site(), TWO))
    assert (told.own, told.overflow, told.dry_minutes) == (3, 0, 1)


def test_robots_other_hosts_errors_and_what_pages_load_want_no_number() -> None:
    others = [
        hit(NOON, 1, agent=ROBOT),
        hit(NOON, 2, host="other.example"),
        hit(NOON, 3, status=404),
        hit(NOON, 4, target="/style.css"),
        hit(NOON, 5, method="POST"),
        hit(NOON, 6, status=301),
        hit(NOON, 8, status=307),
    ]
    assert replay(others, site(), TWO) is None
    told = replay([*others, hit(NOON, 7)], site(), TWO)
    assert told is not None
    assert (told.pages, told.sessions) == (1, 1)


def test_all_counts_and_holds_come_out_of_one_pass() -> None:
    hits = steady(60, every=MINUTE)
    scenarios = scenarios_of(site(), numbers=[20, 2, 5], holds=[10 * MINUTE, 3 * MINUTE])
    told = replay(hits, site(), scenarios)
    assert told is not None
    found = [(one.pools[0].numbers, one.pools[0].hold / MINUTE) for one in told.outcomes]
    assert found == [(2, 3), (5, 3), (20, 3), (2, 10), (5, 10), (20, 10)]
    coverage = [one.pools[0].coverage for one in told.outcomes]
    assert coverage[:3] == sorted(coverage[:3])
    assert coverage[2] == coverage[5] == 1.0
    assert coverage[3] < coverage[0], "a longer hold needs more numbers"


def test_memory_does_not_grow_with_the_log() -> None:
    scenarios = scenarios_of(site(), numbers=[2, 4])
    nobody = dict.fromkeys(DEFAULT.lam, ((0.0,) * 17,) * 11)
    silent = replace(DEFAULT, lam=nobody, stray_elsewhere=0.0)
    kept = []
    for count in (600, 1_800):
        pages = (hit(NOON + MINUTE * each, each) for each in range(count))
        told = replay(pages, site(), scenarios, tables=silent)
        assert told is not None
        assert told.sessions == count
        kept.append(told.kept)
    assert max(kept) < 2 * (2 * 250 + 40), "as many as there may be at two looks"


def test_calls_are_right_where_visitors_come_one_at_a_time() -> None:
    far_apart = steady(300, every=timedelta(days=1))
    silent = replace(DEFAULT, stray_elsewhere=0.0)
    told = figures(replay(far_apart, site(), TWO, tables=silent))
    assert told.coverage == 1.0
    assert told.recall > 0.6
    assert told.accuracy > 0.75


def test_a_crowd_on_few_numbers_is_confused_and_says_so() -> None:
    crowd = list(steady(240, every=MINUTE / 6))
    sharing = site("")
    few, many = (
        figures(replay(crowd, sharing, scenarios_of(sharing, numbers=[count])))
        for count in (2, 120)
    )
    assert few.coverage < 0.3
    assert many.coverage == 1.0
    assert few.recall < 0.3 < many.recall
    assert few.wrong + few.right < 0.5 * few.calls, "nobody is named rather than anybody"


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    first, again, other = (
        figures(replay(steady(200, every=MINUTE), site(), TWO, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first.own == other.own, "only calls are drawn"


def test_a_pool_fares_the_same_whatever_it_is_compared_with() -> None:
    alone = figures(replay(steady(100, every=MINUTE), site(), TWO))
    among = replay(steady(100, every=MINUTE), site(), scenarios_of(site(), numbers=[2, 3, 9]))
    assert among is not None
    assert among.outcomes[0].pools[0] == alone


def test_a_call_on_the_overflow_number_names_nobody() -> None:
    silent = replace(DEFAULT, stray_elsewhere=0.0)
    crowd = [hit(NOON + MINUTE / 10 * each, each) for each in range(200)]
    pool = f'{OVERFLOW}\nsource = "direct"'
    told = figures(replay(crowd, site(pool), scenarios_of(site(pool), numbers=[1]), tables=silent))
    assert told.overflow > 190
    assert told.right + told.wrong < 0.1 * told.calls
    assert told.source_share > 0.9, "the pool says its source"


def test_calls_of_a_list_ring_when_they_rang() -> None:
    calls = [RealCall(at=NOON + MINUTE * 1.5), RealCall(at=NOON + timedelta(hours=3))]
    hits = [hit(NOON, 1), hit(NOON + MINUTE, 1), hit(NOON + timedelta(hours=4), 2)]
    silent = replace(DEFAULT, stray_elsewhere=0.0)
    told = replay(hits, site(), TWO, calls=calls, tables=silent)
    assert told is not None
    assert told.heard == 2
    assert figures(told).calls == pytest.approx(2.0)
    assert figures(told).recall == 1.0, "nobody else was there"


def test_a_call_before_anybody_came_is_left_out() -> None:
    calls = [RealCall(at=NOON - MINUTE), RealCall(at=NOON + MINUTE / 2)]
    told = replay([hit(NOON, 1), hit(NOON + MINUTE, 1)], site(), TWO, calls=calls)
    assert told is not None
    assert told.heard == 1


def test_a_call_to_a_target_is_shared_out_among_those_who_saw_it() -> None:
    elsewhere = RealCall(at=NOON + MINUTE, number="+74990000099")
    told = replay([hit(NOON, 1), hit(NOON + 2 * MINUTE, 1)], site(), TWO, calls=[elsewhere])
    assert told is not None
    assert told.heard == 1, "the overflow number belongs to the pool"


def test_a_call_when_nobody_was_there_for_long_is_mostly_a_stranger() -> None:
    calls = [RealCall(at=NOON + timedelta(hours=47))]
    crowd = [hit(NOON, 1), hit(NOON + timedelta(days=3), 2)]
    noisy = replace(DEFAULT, stray_elsewhere=1.0)
    told = figures(replay(crowd, site(), TWO, calls=calls, tables=noisy))
    assert (told.calls, told.visitor_calls) == (1.0, 0.0)


def test_a_log_that_spans_years_is_refused() -> None:
    far = [hit(NOON, 1), *(hit(NOON + timedelta(days=500), each) for each in range(25))]
    with pytest.raises(TooLong, match=r"goes from 2025-06-02 to 2026-10-15: 500 days\."):
        replay(far, site(), TWO)
