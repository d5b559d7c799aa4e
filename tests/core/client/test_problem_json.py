"""What a tracking server raised is what its client raises."""

from __future__ import annotations

from datetime import date

import pytest

from callgraft.client.problem_json import error_of, problem_of
from callgraft.client.wire import dump
from callgraft.errors import (
    BadEvent,
    BadSignature,
    CallgraftError,
    NotPublished,
    RepeatedEvent,
    SetupError,
    SiteError,
    SiteErrors,
    StoreUnavailable,
)

_MISTAKE = SiteError("pools.direct.hold", "30", "is no length of time.", 'Write "30m".')
_OTHER = SiteError("rules", ["a"], "is no table.", "Write [[rules]].")
ERRORS = [
    SiteErrors("okna.toml", [_MISTAKE, _OTHER]),
    _MISTAKE,
    SetupError("backend", None, "is missing.", "Write one."),
    NotPublished("okna"),
    NotPublished("okna", 7),
    StoreUnavailable("The store sleeps."),
    RepeatedEvent("event-1"),
    BadSignature("No signature fits."),
    BadEvent("timestamp: it is missing."),
    CallgraftError("No."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_as_it_was(error: CallgraftError) -> None:
    told = problem_of(error)
    back = error_of(int(str(told["status"])), dump(told))
    assert type(back) is type(error)
    assert str(back) == str(error)
    facts = [name for name in vars(error) if name != "problems"]
    assert {name: getattr(back, name) for name in facts} == {
        name: getattr(error, name) for name in facts
    }


def test_all_mistakes_of_a_document_come_back() -> None:
    told = dump(problem_of(ERRORS[0]))
    back = error_of(422, told)
    assert isinstance(back, SiteErrors)
    assert [each.key for each in back.problems] == ["pools.direct.hold", "rules"]


def test_a_value_that_json_does_not_know_is_told_as_text() -> None:
    wrong = SiteError("site.key", date(2025, 6, 2), "is a date.", "Write a text.")
    assert problem_of(wrong)["problems"] == [
        {"key": "site.key", "value": "2025-06-02", "problem": "is a date.", "cure": "Write a text."}
    ]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (502, b"<html>Bad gateway", StoreUnavailable),
        (429, b"{}", StoreUnavailable),
        (503, b"[]", StoreUnavailable),
        (401, b'{"detail": "No token."}', SetupError),
        (404, b"", CallgraftError),
        (422, b'{"type": "urn:callgraft:problem:site-errors"}', CallgraftError),
    ],
)
def test_an_answer_that_nobody_of_us_wrote_is_still_an_error(
    status: int, body: bytes, expected: type[CallgraftError]
) -> None:
    assert type(error_of(status, body)) is expected
