from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.source import Touch
from callgraft.tracking.states import Exposure, Sign, SignKind, conduct_of, state_of
from callgraft.tracking.tables import DEFAULT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = list(SignKind)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def sign(seconds: float, kind: str = "page", *, contact: bool = False) -> Sign:
    return Sign(at=after(seconds), kind=SignKind(kind), is_contact=contact)


def session(*log: Sign, shown: float = 0) -> Exposure:
    return Exposure(
        number="+74990000001",
        visitor="anna",
        session="s1",
        shown_at=after(shown),
        touch=Touch(source="yandex", medium="cpc", channel="paid search"),
        log=log,
    )


def level(exposure: Exposure, seconds: float) -> int:
    return state_of(exposure, after(seconds)).level


def in_use(start: float, end: float) -> list[Sign]:
    """What the helper tells of a tab that is used from ``start`` to ``end``."""
    return [sign(start + 10 * step, "active") for step in range(int((end - start) // 10) + 1)]


@pytest.mark.parametrize(("pages", "expected"), [(1, 7), (2, 8), (3, 8), (4, 9), (9, 9)])
def test_without_a_helper_the_level_follows_the_number_of_pages(pages, expected):
    assert level(session(*[sign(number) for number in range(pages)]), 30) == expected


def test_without_a_helper_a_contact_page_outweighs_the_number_of_pages():
    assert level(session(sign(0), sign(5, contact=True), sign(9), sign(12)), 30) == 10


def test_a_session_without_any_log_has_seen_the_page_that_showed_its_number():
    conduct = conduct_of(session(), after(30))
    assert (conduct.pages, conduct.silence) == (1, timedelta(seconds=30))
    assert level(session(), 30) == 7


@pytest.mark.parametrize(
    ("used_for", "expected"), [(14.5, 0), (15, 1), (89.5, 1), (90, 2), (500, 2)]
)
def test_with_a_helper_the_level_follows_the_time_of_use(used_for, expected):
    used = session(sign(0), *in_use(0, used_for))
    assert level(used, used_for) == expected


def test_a_hidden_tab_is_not_in_use_and_no_second_counts_twice():
    log = (sign(0), sign(1, "active"), sign(4, "active"), sign(9, "hidden"), sign(30, "active"))
    assert conduct_of(session(*log), after(60)).engaged == timedelta(seconds=8 + 10)


def test_a_contact_page_beats_time_of_use_and_a_touched_number_beats_the_contact_page():
    contact = [sign(0, contact=True), *in_use(0, 100)]
    assert level(session(*contact), 100) == 3
    assert level(session(*contact, sign(50, "number_touched")), 100) == 4


def test_coming_back_to_a_silent_tab_beats_a_touched_number():
    log = [sign(0), sign(1, "number_touched"), sign(5, "hidden")]
    assert level(session(*log, sign(124.5, "visible")), 130) == 4
    assert level(session(*log, sign(125, "visible")), 130) == 6
    assert level(session(*log, sign(125, "active")), 130) == 6


def test_coming_back_lasts_until_the_next_page():
    log = [sign(0), sign(5, "hidden"), sign(300, "visible")]
    assert level(session(*log), 4000) == 6
    assert level(session(*log, sign(310)), 4000) == 0


def test_a_page_loaded_after_a_pause_is_no_return_to_a_tab():
    assert level(session(sign(0), sign(1, "active"), sign(300), sign(301, "active")), 302) == 0


def test_a_pressed_call_link_beats_everything_and_runs_its_own_clock():
    log = (
        sign(0, contact=True),
        sign(1, "number_touched"),
        sign(200, "visible"),
        sign(210, "tel_pressed"),
        sign(215, "tel_pressed"),
        sign(260, "active"),
    )
    state = state_of(session(*log), after(265))
    assert (state.level, state.clock) == (5, timedelta(seconds=50))


def test_only_beacons_show_that_there_is_a_helper():
    assert level(session(sign(0)), 20) == 7
    assert level(session(sign(0), sign(1, "helper")), 20) == 0


@pytest.mark.parametrize("kind", ["page", "active", "visible", "hidden", "tel_pressed"])
def test_silence_runs_from_the_last_sign_of_life(kind):
    assert conduct_of(session(sign(0), sign(50, kind)), after(80)).silence == timedelta(seconds=30)


@pytest.mark.parametrize("kind", ["helper", "number_touched"])
def test_what_is_no_sign_of_life_does_not_break_the_silence(kind):
    assert conduct_of(session(sign(0), sign(50, kind)), after(80)).silence == timedelta(seconds=80)


def test_there_is_no_silence_for_ten_seconds_after_input_while_the_tab_is_visible():
    log = (sign(0), sign(20, "active"))
    assert conduct_of(session(*log), after(30)).silence == timedelta(0)
    assert conduct_of(session(*log), after(30.5)).silence == timedelta(seconds=10.5)


def test_a_tab_hidden_right_after_input_falls_silent_at_once():
    log = (sign(0), sign(20, "active"), sign(21, "hidden"))
    assert conduct_of(session(*log), after(26)).silence == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("silent", "expected"),
    [(0, 0), (2.999, 0), (3, 1), (14.999, 1), (15, 2), (2399, 7), (2400, 8), (604800, 16)],
)
def test_a_clock_on_an_edge_is_in_the_bin_above_it(silent, expected):
    assert state_of(session(sign(0)), after(silent)).bin == expected


def test_a_sign_at_the_moment_itself_counts_and_a_later_one_does_not():
    log = (sign(0), sign(60, "tel_pressed"))
    assert level(session(*log), 60) == 5
    assert level(session(*log), 59.999) == 7


logs = st.lists(
    st.builds(
        Sign,
        # Few enough moments that several signs share one.
        at=st.one_of(st.integers(0, 12), st.integers(0, 4000)).map(lambda h: after(h / 2)),
        kind=st.sampled_from(KINDS),
        is_contact=st.booleans(),
    ),
    max_size=14,
)


@pytest.mark.parametrize("order", [1, -1])
def test_a_tab_hidden_and_shown_at_one_moment_is_visible(order):
    log = (sign(0), sign(1, "active"), sign(5, "hidden"), sign(5, "visible"))
    assert conduct_of(session(*log[::order]), after(8)).silence == timedelta(0)


@given(log=logs, data=st.data(), moment=st.integers(0, 2000))
def test_the_order_of_the_log_makes_no_difference(log, data, moment):
    shuffled = data.draw(st.permutations(log))
    assert conduct_of(session(*shuffled), after(moment)) == conduct_of(session(*log), after(moment))


@given(log=logs, moment=st.integers(0, 2000))
def test_what_came_later_makes_no_difference(log, moment):
    known = tuple(entry for entry in log if entry.at <= after(moment))
    assert conduct_of(session(*log), after(moment)) == conduct_of(session(*known), after(moment))


@given(log=logs, moment=st.integers(0, 2000), shown=st.integers(0, 2000))
def test_a_state_always_has_its_place_in_the_tables(log, moment, shown):
    state = state_of(replace(session(*log), shown_at=after(shown)), after(moment))
    assert DEFAULT.rate("mobile", state) > 0
    assert DEFAULT.worth("tablet", state) > 0
    assert state.clock >= timedelta(0)
