"""The report of calls: sums of probabilities, the same whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callgraft.client import EmbeddedClient
from callgraft.errors import SetupError
from callgraft.geo import Location
from callgraft.journeys import Arrival
from callgraft.source import Touch
from callgraft.stores import Store, open_store
from callgraft.tracking.reports import MODELS, OTHERS, UNKNOWN, Report, ReportQuery, report
from callgraft.tracking.values import Attribution, Call, CallMark, CallState, Candidate, PageView
from tests.core.tracked import DIRECT, FIRST, MINUTE, NOON, OVERFLOW, rings, site, view

DAY = timedelta(days=1)
YEAR = 365 * DAY
VK = Touch(source="vk", medium="social", channel="social", campaign="spring")
TYPED = Touch(source="(direct)", medium="(none)", channel="direct")
GOOGLE = Touch(source="google", medium="organic", channel="organic search")
BY_JOURNEY = [model for model in MODELS if model != "markov"]


def query(**more: object) -> ReportQuery:
    asked = {"site": "okna", "since": NOON - YEAR, "until": NOON + YEAR, **more}
    return ReportQuery(**asked)  # type: ignore[arg-type]  # the fields of ReportQuery


def came(store: Store, session: str, at: timedelta, touch: Touch, visitor: str = "anna") -> None:
    page = replace(view(session, NOON + at, visitor=visitor, touch=touch), wanted=())
    place = Location(country="RU", region="RU-MOW", city="Moscow")
    page = replace(page, location=place)
    store.write(lambda here: _came(here, page))


def _came(here: object, page: PageView) -> None:
    here.add_session(page)  # type: ignore[attr-defined]  # a transaction


def call(
    number: int,
    at: timedelta,
    *candidates: tuple[str, str, float],
    marks: Sequence[CallMark] = (),
    on: str = FIRST,
    **attributed: object,
) -> Call:
    found = Attribution(
        method="posterior",
        probability=max((each[2] for each in candidates), default=0.0),
        candidates=tuple(
            Candidate(visitor=visitor, session=session, probability=share, because="")
            for visitor, session, share in candidates
        ),
    )
    return Call(
        id=f"{number:04}",
        site="okna",
        provider="generic",
        account="main",
        call=str(number),
        number=on,
        caller="",
        state=CallState.ENDED,
        rang_at=NOON + at,
        marks=tuple(marks),
        attribution=replace(found, **attributed),  # type: ignore[arg-type]  # its fields
    )


def put(store: Store, *calls: Call) -> None:
    for each in calls:
        store.write(lambda here, one=each: here.put_call(one))  # type: ignore[misc]


def rows(found: Report) -> dict[tuple[str, ...], tuple[float, float]]:
    return {row.values: (pytest.approx(row.calls), pytest.approx(row.margin)) for row in found.rows}


@pytest.fixture
def memory() -> Store:
    return open_store("memory:")


def test_a_total_is_a_sum_of_probabilities_with_its_margin(store: Store) -> None:
    came(store, "a", 0 * DAY, DIRECT, "anna")
    came(store, "b", 0 * DAY, VK, "boris")
    put(
        store,
        call(1, MINUTE, ("anna", "a", 0.7), ("boris", "b", 0.2)),
        call(2, DAY, ("boris", "b", 0.9)),
    )
    found = report(store, query())
    assert rows(found) == {
        ("vk",): (1.1, 1.959964 * sqrt(0.2 * 0.8 + 0.9 * 0.1)),
        ("yandex",): (0.7, 1.959964 * sqrt(0.7 * 0.3)),
        (UNKNOWN,): (0.2, 1.959964 * sqrt(2 * 0.1 * 0.9)),
    }
    assert (found.counted, found.total.calls, found.total.margin) == (2, pytest.approx(2), 0)
    assert found.known.calls == pytest.approx(1.8)
    assert found.known.margin == pytest.approx(1.959964 * sqrt(2 * 0.1 * 0.9))


def test_sessions_of_one_source_are_one_row_and_as_sure_as_both(store: Store) -> None:
    came(store, "a", 0 * DAY, VK, "anna")
    came(store, "b", 0 * DAY, VK, "boris")
    put(store, call(1, MINUTE, ("anna", "a", 0.5), ("boris", "b", 0.5)))
    assert rows(report(store, query())) == {("vk",): (1.0, 0.0)}


@pytest.mark.parametrize(
    ("model", "credits"),
    [
        ("last_click", {"(direct)": 0.8}),
        ("last_non_direct", {"google": 0.8}),
        ("first_click", {"vk": 0.8}),
        ("linear", {"vk": 0.8 / 3, "google": 0.8 / 3, "(direct)": 0.8 / 3}),
        ("position_based", {"vk": 0.32, "google": 0.16, "(direct)": 0.32}),
        ("shapley", {"vk": 0.8 / 3, "google": 0.8 / 3, "(direct)": 0.8 / 3}),
    ],
)
def test_a_model_credits_the_journey_of_whoever_rang(
    memory: Store, model: str, credits: dict[str, float]
) -> None:
    for session, day, touch in (("a", 0, VK), ("b", 3, GOOGLE), ("c", 7, TYPED)):
        came(memory, session, day * DAY, touch)
    put(memory, call(1, 8 * DAY, ("anna", "c", 0.8)))
    found = report(memory, query(model=model))
    assert {row.values[0]: row.calls for row in found.rows if row.calls} == pytest.approx(
        credits | {UNKNOWN: 0.2}
    )
    assert found.known.calls == pytest.approx(0.8)


def test_time_decay_halves_with_each_half_life(memory: Store) -> None:
    came(memory, "a", 0 * DAY, VK)
    came(memory, "b", 14 * DAY, GOOGLE)
    put(memory, call(1, 14 * DAY, ("anna", "b", 1.0)))
    week = report(memory, query(model="time_decay"))
    assert {row.values[0]: row.calls for row in week.rows} == pytest.approx(
        {"google": 0.8, "vk": 0.2}
    )
    long = report(memory, query(model="time_decay", half_life=14 * DAY))
    assert long.rows[0].calls == pytest.approx(2 / 3)


def test_a_touch_that_led_to_a_call_of_another_one_assisted_it(memory: Store) -> None:
    came(memory, "a", 0 * DAY, VK)
    came(memory, "b", DAY, GOOGLE)
    put(memory, call(1, 2 * DAY, ("anna", "b", 0.9)))
    found = {row.values[0]: row for row in report(memory, query()).rows}
    assert (found["google"].calls, found["google"].assisted) == (pytest.approx(0.9), 0)
    assert (found["vk"].calls, found["vk"].assisted) == (0, pytest.approx(0.9))


def test_touches_of_long_ago_and_of_later_are_no_part_of_a_journey(memory: Store) -> None:
    came(memory, "old", -200 * DAY, VK)
    came(memory, "a", 0 * DAY, GOOGLE)
    came(memory, "later", DAY / 2, TYPED)
    put(memory, call(1, DAY, ("anna", "a", 1.0)))
    for model in ("first_click", "last_click", "linear"):
        assert rows(report(memory, query(model=model))) == {("google",): (1.0, 0.0)}


def test_a_call_of_a_source_alone_has_its_source_and_channel(client: EmbeddedClient, store: Store):
    client.take_call(rings(OVERFLOW, NOON))
    found = report(store, query(by=("source", "medium", "channel")))
    assert [row.values for row in found.rows] == [("yandex", "cpc", "paid search")]
    assert (found.rows[0].calls, found.rows[0].margin) == (1.0, 0.0)
    assert found.shown_as == {"source only": 1}
    pools = report(store, query(by=("pool",)))
    assert [row.values for row in pools.rows] == [("direct (overflow)",)]


def test_what_all_candidates_share_counts_beyond_the_first_five(memory: Store) -> None:
    came(memory, "a", 0 * DAY, VK)
    told = {"source": "vk", "source_probability": 0.95, "session": "a", "visitor": "anna"}
    put(memory, call(1, MINUTE, ("anna", "a", 0.6), **told))
    by_source = {row.values: row.calls for row in report(memory, query()).rows}
    assert by_source == pytest.approx({("vk",): 0.95, (UNKNOWN,): 0.05})
    both = report(memory, query(by=("source", "campaign")))
    assert {row.values: row.calls for row in both.rows} == pytest.approx(
        {("vk", "spring"): 0.6, ("vk", UNKNOWN): 0.35, (UNKNOWN, UNKNOWN): 0.05}
    )


def test_a_forgotten_visitor_leaves_the_source(client: EmbeddedClient, store: Store) -> None:
    client.page_view(view("a", visitor="anna"))
    client.take_call(rings(FIRST, NOON + MINUTE))
    before = report(store, query())
    client.forget("okna", visitor="anna", at=NOON + DAY)
    after = report(store, query())
    assert [row.values for row in after.rows] == [row.values for row in before.rows]
    assert after.rows[0].calls == pytest.approx(before.rows[0].calls)


def test_a_filter_keeps_the_part_of_a_call_that_fits(memory: Store) -> None:
    came(memory, "a", 0 * DAY, DIRECT, "anna")
    came(memory, "b", 0 * DAY, VK, "boris")
    put(memory, call(1, MINUTE, ("anna", "a", 0.7), ("boris", "b", 0.2)))
    put(memory, call(2, MINUTE, ("anna", "a", 1.0)))
    only = report(memory, query(where={"source": ("vk",)}))
    assert rows(only) == {("vk",): (0.2, 1.959964 * 0.4)}
    assert (only.counted, only.total.calls) == (1, pytest.approx(0.2))
    paid = report(memory, query(where={"channel": ("paid*", "soc*"), "campaign": ("OKNA",)}))
    assert [row.values for row in paid.rows] == [("yandex",)]
    assert not report(memory, query(where={"city": ("Tver",)})).rows
    strangers = report(memory, query(where={"source": (UNKNOWN,)}))
    assert strangers.total.calls == pytest.approx(0.1)


def test_marks_are_counted_and_chosen_and_service_calls_are_left_out(memory: Store) -> None:
    came(memory, "a", 0 * DAY, VK)
    put(
        memory,
        call(1, MINUTE, ("anna", "a", 0.5), marks=[CallMark.FIRST, CallMark.TARGET]),
        call(2, MINUTE, ("anna", "a", 0.5), marks=[CallMark.REPEAT, CallMark.MISSED]),
        call(3, MINUTE, ("anna", "a", 0.5), marks=[CallMark.SERVICE]),
    )
    found = report(memory, query())
    assert found.counted == 2
    assert found.rows[0].marks == {"first": 0.5, "repeat": 0.5, "target": 0.5, "missed": 0.5}
    assert report(memory, query(marks=(CallMark.TARGET,))).counted == 1
    assert report(memory, query(marks=(CallMark.SERVICE,))).counted == 1
    assert report(memory, query(without=())).counted == 3


def test_hours_are_those_of_the_site_and_all_of_them_are_told(memory: Store) -> None:
    put(memory, call(1, timedelta(0)), call(2, 11.5 * 60 * MINUTE))
    found = report(memory, query(by=("hour",), timezone="Europe/Moscow"))
    assert [row.values[0] for row in found.rows] == [f"{hour:02}" for hour in range(24)]
    assert {row.values[0]: row.calls for row in found.rows if row.calls} == {"15": 1, "02": 1}
    days = report(
        memory,
        query(by=("day",), timezone="Europe/Moscow", since=NOON - DAY, until=NOON + 2 * DAY),
    )
    assert [(row.values[0], row.calls) for row in days.rows] == [
        ("2025-06-01", 0),
        ("2025-06-02", 1),
        ("2025-06-03", 1),
        ("2025-06-04", 0),
    ]


def test_the_period_before_stands_beside_it(memory: Store) -> None:
    came(memory, "a", -20 * DAY, VK)
    put(memory, call(1, -1 * DAY, ("anna", "a", 0.9)), call(2, DAY, ("anna", "a", 0.6)))
    put(memory, call(3, -9 * DAY, ("anna", "a", 0.9)))
    found = report(memory, query(since=NOON, until=NOON + 7 * DAY, compared=True))
    assert (found.counted, found.counted_before) == (1, 1)
    vk = found.rows[0]
    assert (vk.values, vk.calls, vk.before) == (("vk",), pytest.approx(0.6), pytest.approx(0.9))
    assert vk.before_margin == pytest.approx(1.959964 * 0.3)


def test_the_period_before_is_as_long_by_the_clocks_of_the_site(memory: Store) -> None:
    """The clocks of Berlin went forward on 30 March 2025: that day has 23 hours."""
    from callgraft.tracking.reports import before, of_site

    zone = of_site("Europe/Berlin")
    since = NOON.replace(month=3, day=31, hour=0, tzinfo=zone)
    week = query(since=since, until=since + 7 * DAY, timezone="Europe/Berlin")
    assert before(week).since == since.replace(day=24)


def test_rows_beyond_the_limit_are_one(memory: Store) -> None:
    for count in range(5):
        touch = replace(VK, campaign=f"c{count}")
        came(memory, f"s{count}", 0 * DAY, touch, f"v{count}")
        put(memory, call(count, count * MINUTE, (f"v{count}", f"s{count}", 0.9 - count / 10)))
    found = report(memory, query(by=("campaign",), limit=2, where={"source": ("vk",)}))
    assert [row.values[0] for row in found.rows] == ["c0", "c1", OTHERS]
    assert sum(row.calls for row in found.rows) == pytest.approx(found.total.calls)


def test_the_removal_effect_credits_channels_by_all_journeys(memory: Store) -> None:
    """Worked by hand in test_models: a .25 removed leaves .25 of .375, b leaves nothing."""
    a, b = replace(VK, source="a"), replace(VK, source="b")
    ways = [("ab", 1), ("ab", 0), ("a", 0), ("a", 0), ("b", 1), ("b", 1), ("b", 0), ("b", 0)]
    for place, (steps, calls) in enumerate(ways):
        for step, source in enumerate(steps):
            session = f"{place}-{step}"
            came(memory, session, step * DAY, a if source == "a" else b, f"v{place}")
        if calls:
            put(memory, call(place, 2 * DAY, (f"v{place}", f"{place}-{len(steps) - 1}", 1.0)))
    found = report(memory, query(model="markov"))
    effects = {"a": 1 - 0.25 / 0.375, "b": 1.0}
    total = sum(effects.values())
    assert {row.values[0]: row.calls for row in found.rows} == pytest.approx(
        {name: 3 * effect / total for name, effect in effects.items()}
    )
    assert found.rows[0].margin is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": ("sauce",)},
        {"by": ()},
        {"by": ("source", "source")},
        {"model": "best"},
        {"model": "markov", "by": ("city",)},
        {"where": {"sauce": ("a",)}},
        {"where": {"source": ("re:(",)}},
        {"until": NOON - YEAR},
        {"half_life": timedelta(0)},
        {"limit": 0},
    ],
)
def test_what_cannot_be_told_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SetupError):
        query(**wrong)


touches = st.sampled_from([DIRECT, VK, TYPED, GOOGLE])
moments = st.integers(0, 364 * 24 * 60)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, str, object]]:
    """Visits and calls of a year, in order of time: ("came", visitor, touch), ("rang", shares)."""
    visits = draw(st.lists(st.tuples(moments, st.integers(0, 3), touches), min_size=1, max_size=14))
    calls = draw(st.lists(st.tuples(moments, st.floats(0.01, 1)), max_size=8))
    events = [(at, "came", (visitor, touch)) for at, visitor, touch in visits]
    events += [(at, "rang", share) for at, share in calls]
    return sorted(events, key=lambda event: event[0])


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(BY_JOURNEY), st.sampled_from(["source", "campaign", "city"]))
def test_a_year_counted_again_is_as_if_the_model_had_been_used_from_the_start(
    history: list[tuple[int, str, object]], model: str, by: str
) -> None:
    """Each call is counted when it rang, and all of them at the end of the year."""
    store = open_store("memory:")
    then: dict[str, float] = {}
    variance: dict[str, float] = {}
    there: list[tuple[str, str]] = []
    for place, (minute, kind, told) in enumerate(history):
        at = minute * MINUTE
        if kind == "came":
            visitor, touch = told  # type: ignore[misc]
            came(store, f"s{place}", at, touch, f"v{visitor}")
            there.append((f"v{visitor}", f"s{place}"))
            continue
        newest = list(dict(there).items())[-3:]
        shares = [told / len(newest)] * len(newest) if newest else []  # type: ignore[operator]
        each = call(place, at, *((*who, share) for who, share in zip(newest, shares, strict=True)))
        put(store, each)
        now = query(model=model, by=(by,), since=each.rang_at, until=each.rang_at + MINUTE / 60)
        for row in report(store, now).rows:
            is_this = [one for one in history[:place] if one[0] == minute and one[1] == "rang"]
            if not is_this:
                then[row.values[0]] = then.get(row.values[0], 0.0) + row.calls
                margin = row.margin or 0.0
                variance[row.values[0]] = variance.get(row.values[0], 0.0) + margin**2
            else:  # others rang at this moment: count what came on top
                then[row.values[0]] = then.get(row.values[0], 0.0)
    if len({minute for minute, kind, _ in history if kind == "rang"}) < sum(
        kind == "rang" for _, kind, _ in history
    ):
        return
    later = report(store, query(model=model, by=(by,), limit=1000))
    assert {row.values[0]: row.calls for row in later.rows} == pytest.approx(then)
    assert {row.values[0]: (row.margin or 0) ** 2 for row in later.rows} == pytest.approx(variance)


def test_a_journey_is_of_arrivals() -> None:
    """What the report makes of sessions is what the models take."""
    assert Arrival(at=NOON, touch=VK).touch is VK
    assert site().key == "okna"
