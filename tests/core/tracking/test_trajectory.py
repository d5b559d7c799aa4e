"""The time that a session spends in its states, against the states themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.source import UNKNOWN
from callgraft.tracking.states import Exposure, Sign, SignKind, state_of
from callgraft.tracking.trajectory import pieces, time_in_cells

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def exposure(*log: Sign) -> Exposure:
    return Exposure(
        number="+74990000001", visitor="v", session="s", shown_at=NOON, touch=UNKNOWN, log=log
    )


def test_a_page_that_is_left_alone_grows_silent_bin_by_bin() -> None:
    spent = time_in_cells(exposure(Sign(at=NOON)), since=NOON, until=NOON + 100 * SECOND)
    assert spent == {(7, 0): 3.0, (7, 1): 12.0, (7, 2): 45.0, (7, 3): 40.0}


def test_a_session_in_use_is_not_silent_and_becomes_engaged() -> None:
    log = [Sign(at=NOON), *(Sign(at=NOON + n * SECOND, kind=SignKind.ACTIVE) for n in (0, 10))]
    spent = time_in_cells(exposure(*log), since=NOON, until=NOON + 22 * SECOND)
    assert spent == {(0, 0): 15.0, (1, 0): 5.0, (1, 1): 2.0}


def test_only_the_time_that_is_asked_about_counts() -> None:
    alone = exposure(Sign(at=NOON))
    assert time_in_cells(alone, since=NOON - HOUR, until=NOON) == {}
    spent = time_in_cells(alone, since=NOON + 50 * SECOND, until=NOON + 70 * SECOND)
    assert spent == {(7, 2): 10.0, (7, 3): 10.0}


SIGNS = st.builds(
    lambda seconds, kind, is_contact: Sign(
        at=NOON + seconds * SECOND,
        kind=kind,
        is_contact=is_contact and kind is SignKind.PAGE,
    ),
    st.integers(0, 400),
    st.sampled_from(SignKind),
    st.booleans(),
)

# Two page loads in one microsecond count as one where states are kept up sign by sign.
LOGS = st.lists(SIGNS, max_size=12, unique_by=lambda sign: (sign.at, sign.kind))


@settings(max_examples=150, deadline=None)
@given(log=LOGS, moments=st.lists(st.floats(0, 3599), max_size=20))
def test_at_any_moment_the_piece_tells_the_state(log: list[Sign], moments: list[float]) -> None:
    shown = exposure(*log)
    found = list(pieces(shown, since=NOON, until=NOON + HOUR))
    assert found[0].begin == NOON
    assert found[-1].end == NOON + HOUR
    assert all(one.end == two.begin for one, two in pairwise(found))
    for each in found:
        middle = state_of(shown, each.begin + (each.end - each.begin) / 2)
        assert (middle.level, middle.bin) == each.cell
    for moment in (NOON + seconds * SECOND for seconds in moments):
        state = state_of(shown, moment)
        around = {each.cell for each in found if each.begin <= moment <= each.end}
        assert (state.level, state.bin) in around
