"""What a number costs: checked against the formula, written down as it stands in its statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.source import Touch
from callgraft.tracking.choice import Newcomer, Picture
from callgraft.tracking.course import Course
from callgraft.tracking.states import EDGES, Exposure, Sign, SignKind, state_of
from callgraft.tracking.tables import DEFAULT

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEARNED = replace(DEFAULT, src={"google": 1.5, "mail": 0.4})
SPANS = (0, 1, 2, 3, 5, 10, 12, 15, 30, 60, 119, 120, 121, 300, 600, 3600, 86400, 700000)
NUMBERS = ("+74990000001", "+74990000002", "+74990000003")
REGIONS = ("RU-MOW", "RU-SPE", None)
SOURCES = ("google", "yandex", "mail")


def touch(source: str) -> Touch:
    return Touch(source=source, medium="cpc", channel="paid search")


signs = st.builds(
    Sign,
    at=st.sampled_from(SPANS).map(lambda span: NOON + span * SECOND),
    kind=st.sampled_from(SignKind),
    is_contact=st.booleans(),
)
exposures = st.builds(
    lambda number, visitor, session, shown, source, device, region, called: Exposure(
        number=number,
        visitor=visitor,
        session=f"{visitor}{session}",
        shown_at=NOON + shown * SECOND,
        touch=touch(source),
        device=device,
        region=region,
        called=called,
    ),
    number=st.sampled_from(NUMBERS[:2]),
    visitor=st.sampled_from("abcdefghijklmnopqrst"),
    session=st.integers(0, 1),
    shown=st.integers(0, 400),
    source=st.sampled_from(SOURCES),
    device=st.sampled_from(("mobile", "desktop")),
    region=st.sampled_from(REGIONS),
    called=st.sampled_from((0.0, 0.0, 0.4, 1.0)),
)


def distinct(log: Sequence[Sign]) -> tuple[Sign, ...]:
    """Signs that only pages can tell apart: of the others nobody says where they were."""
    kept = {(each.at, each.kind, each.is_contact and each.kind is SignKind.PAGE) for each in log}
    return tuple(Sign(at=at, kind=kind, is_contact=is_contact) for at, kind, is_contact in kept)


def cost(
    shown: Sequence[Exposure], newcomer: Newcomer, number: str, at: datetime, wrong: float
) -> float:
    """Section 5 of the specification, term by term."""
    of_visitor: dict[str, Exposure] = {}
    for each in sorted(shown, key=lambda each: (each.shown_at, each.session)):
        if each.number == number:
            of_visitor[each.visitor] = each
    newest = sorted(of_visitor.values(), key=lambda each: (each.shown_at, each.session))[-12:]
    total = 0.0
    for each in newest:
        if each.visitor == newcomer.visitor:
            continue
        state = state_of(each, at)
        device = "mobile" if each.device == "mobile" else "other"
        term = LEARNED.val[device][state.level][state.bin]
        term *= LEARNED.src.get(each.touch.source, 1.0)
        term *= 1 - 0.9 * each.called
        if each.region != newcomer.region:
            term *= 0.4
        if each.touch.source != newcomer.source:
            term *= 1 + wrong
        total += term
    return total


@given(st.lists(signs, max_size=20), st.integers(0, 400), st.lists(st.integers(0, 800000)))
def test_a_state_kept_up_sign_by_sign_is_the_one_that_the_log_tells(
    log: list[Sign], shown: int, later: list[int]
) -> None:
    told = distinct(log)
    exposure = Exposure(
        number="n",
        visitor="v",
        session="s",
        shown_at=NOON + shown * SECOND,
        touch=touch("x"),
        log=told,
    )
    whole = Course(exposure.shown_at, told)
    by_and_by = Course(exposure.shown_at)
    for sign in told:
        by_and_by.add(sign)
    begin = max([exposure.shown_at, *(sign.at for sign in told)])
    for span in (0, *later, *(edge.total_seconds() for edge in EDGES)):
        at = begin + span * SECOND
        state = state_of(exposure, at)
        for course in (whole, by_and_by):
            level, bin_, due = course.standing(at)
            assert (level, bin_) == (state.level, state.bin)
            if due:
                assert due > at
                just_before = state_of(exposure, due - timedelta.resolution)
                assert (just_before.level, just_before.bin) == (level, bin_)


@pytest.mark.parametrize("kind", [SignKind.VISIBLE, SignKind.ACTIVE, SignKind.HIDDEN])
@pytest.mark.parametrize("pause", [119, 120, 121])
def test_whoever_comes_back_after_a_pause_is_known_to_the_second(
    kind: SignKind, pause: int
) -> None:
    log = (Sign(at=NOON), Sign(at=NOON + pause * SECOND, kind=kind))
    exposure = Exposure(
        number="n", visitor="v", session="s", shown_at=NOON, touch=touch("x"), log=log
    )
    at = NOON + (pause + 60) * SECOND
    is_back = pause >= 120 and kind is not SignKind.HIDDEN
    assert Course(NOON, log).standing(at)[0] == state_of(exposure, at).level == 6 * is_back


def test_a_long_log_in_order_is_not_kept_whole_and_forgets_nothing() -> None:
    kinds = [SignKind.ACTIVE] * 8 + [SignKind.HIDDEN, SignKind.PAGE]
    log = [Sign(at=NOON + 7 * place * SECOND, kind=kinds[place % 10]) for place in range(500)]
    exposure = Exposure(number="n", visitor="v", session="s", shown_at=NOON, touch=touch("x"))
    course = Course(NOON)
    for place, sign in enumerate(log):
        course.add(sign)
        state = state_of(replace(exposure, log=tuple(log[: place + 1])), sign.at)
        assert course.standing(sign.at)[:2] == (state.level, state.bin)
    assert len(course._log) < 100
    assert not course.add(log[0])


@given(
    st.lists(exposures, min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), signs), max_size=30),
    st.sampled_from(REGIONS),
    st.sampled_from(SOURCES),
    st.sampled_from("abcxyz"),
    st.lists(st.integers(0, 900000), min_size=1, max_size=5),
)
def test_costs_kept_up_with_events_are_those_of_the_formula(
    shown: list[Exposure],
    told: list[tuple[int, Sign]],
    region: str | None,
    source: str,
    visitor: str,
    later: list[int],
) -> None:
    # A session is shown a number once, and a visitor is in one session at a time.
    shown = list({(each.session, each.number): each for each in shown}.values())
    shown = list({(each.visitor, each.number, each.shown_at): each for each in shown}.values())
    logs: dict[str, list[Sign]] = {each.session: [] for each in shown}
    picture = Picture(LEARNED)
    for each in shown:
        picture.show(replace(each, called=0.0))
        picture.call(each.number, each.session, each.called)
    # Signs may come late, but not by hours.
    for place, sign in sorted(told, key=lambda one: (one[1].at - NOON) // (2400 * SECOND)):
        session = shown[place % len(shown)].session
        logs[session].append(sign)
        picture.sign(session, sign)
    whole = [replace(each, log=distinct(logs[each.session])) for each in shown]
    begin = max([each.shown_at for each in whole] + [s.at for log in logs.values() for s in log])
    newcomer = Newcomer(visitor=visitor, source=source, region=region)
    for span in sorted(later):
        at = begin + span * SECOND
        wrong = picture.wrong_source(len(NUMBERS))
        expected = [cost(whole, newcomer, number, at, wrong) for number in NUMBERS]
        assert picture.costs(newcomer, NUMBERS, at) == pytest.approx(expected, abs=1e-9)


def test_after_a_long_pause_clocks_are_set_in_several_steps() -> None:
    picture = Picture()
    numbers = [f"+7499{index:07}" for index in range(2000)]
    for number in numbers:
        for visitor in "ab":
            shown = Exposure(
                number=number,
                visitor=f"{visitor} of {number}",
                session=f"{visitor} on {number}",
                shown_at=NOON,
                touch=touch("google"),
            )
            picture.show(shown)
    at = NOON + timedelta(days=1)
    assert not picture.keep_time(at)
    assert picture.keep_time(at)
    newcomer = Newcomer(visitor="c", source="google")
    assert len(set(picture.costs(newcomer, numbers, at))) == 1
