"""What may be shown of a call."""

from __future__ import annotations

import pytest

from callgraft.tracking.shown import Certainty, shown_as
from callgraft.tracking.values import Attribution, Call, CallState, Candidate
from tests.core.tracked import FIRST, NOON


def call(probability: float, **more: object) -> Call:
    named = {"visitor": "anna", "source": "vk", "source_probability": 0.9}
    told = {**(named if probability >= 0.5 else {}), **more}
    candidates = (
        Candidate(visitor="anna", session="a", probability=probability, because=""),
        Candidate(visitor="boris", session="b", probability=(1 - probability) / 2, because=""),
    )
    found = Attribution(
        **{"method": "posterior", "probability": probability, "candidates": candidates, **told}  # type: ignore[arg-type]  # its fields
    )
    return Call(
        id="1",
        site="okna",
        provider="generic",
        account="main",
        call="1",
        number=FIRST,
        caller="",
        state=CallState.ENDED,
        rang_at=NOON,
        attribution=found,
    )


@pytest.mark.parametrize(
    ("probability", "certainty", "words"),
    [
        (1.0, Certainty.MATCHED, "matched"),
        (0.95, Certainty.MATCHED, "matched"),
        (0.949, Certainty.MATCHED_WITH, "matched, 95 %"),
        (0.8, Certainty.MATCHED_WITH, "matched, 80 %"),
        (0.799, Certainty.PROBABLY, "probably, 80 %; others are possible"),
        (0.5, Certainty.PROBABLY, "probably, 50 %; others are possible"),
        (0.499, Certainty.SEVERAL, "several visitors possible"),
    ],
)
def test_words_claim_no_more_than_the_probability_bears(
    probability: float, certainty: Certainty, words: str
) -> None:
    shown = shown_as(call(probability))
    assert (shown.certainty, shown.words) == (certainty, words)
    assert (shown.visitor == "anna") is (probability >= 0.5)


def test_nothing_is_surer_than_99_percent() -> None:
    for hundredths in range(101):
        shown = shown_as(call(hundredths / 100))
        assert "100" not in shown.words
        assert shown.probability is None or shown.probability <= 0.99


def test_who_else_is_possible_is_told_where_it_is_not_sure() -> None:
    assert shown_as(call(0.6)).also == ("boris",)
    assert shown_as(call(0.4)).also == ("anna", "boris")
    assert shown_as(call(0.9)).also == ()


def test_the_source_is_told_where_all_likely_visitors_share_it() -> None:
    agreed = shown_as(call(0.4, source="vk", source_probability=0.8))
    assert (agreed.source, agreed.words) == (
        "vk",
        "several visitors possible, all likely ones from vk",
    )
    assert shown_as(call(0.4, source_probability=0.79)).source == ""


def test_a_call_on_an_overflow_number_has_its_source_alone() -> None:
    told = {"source": "vk", "source_probability": 1.0, "candidates": ()}
    shown = shown_as(call(0.0, method="source_only", **told))
    assert (shown.certainty, shown.visitor, shown.source) == (Certainty.SOURCE_ONLY, "", "vk")


def test_clients_and_strangers_are_named_so() -> None:
    assert shown_as(call(0.0, method="client")).certainty is Certainty.CLIENT
    assert shown_as(call(0.0, method="none", candidates=())).certainty is Certainty.UNKNOWN
