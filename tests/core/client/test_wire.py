"""What a client and a tracking server tell each other comes back as it was."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.client.wire import dump, load
from callgraft.stores.protocol import Published
from callgraft.tracking.values import (
    Assignment,
    Call,
    CallEvent,
    Lease,
    PageView,
    PoolState,
    SessionSign,
)
from tests.core.tracked import NOON, rings, view

CENTURY = timedelta(days=36_525)
PLAIN = {
    str: st.text(st.characters(exclude_categories=["Cs"])),
    timedelta: st.timedeltas(min_value=-CENTURY, max_value=CENTURY),
    float: st.floats(allow_nan=False, allow_infinity=False),
    datetime: st.datetimes(
        min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
    ),
}
KINDS = (PageView, SessionSign, Lease, Assignment, CallEvent, Call, PoolState, Published)


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of ``kind`` with every field drawn, those with a default too."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{each.name: any_of(hints[each.name]) for each in fields(kind)})
    if get_origin(kind) is UnionType:
        return st.one_of([any_of(each) for each in get_args(kind)])
    if get_origin(kind) in (tuple, frozenset):
        return st.lists(any_of(get_args(kind)[0]), max_size=3).map(get_origin(kind))
    return PLAIN[kind] if kind in PLAIN else st.from_type(kind)


@given(st.one_of([any_of(kind) for kind in KINDS]))
def test_every_value_of_the_protocol_comes_back_as_it_was(value: object) -> None:
    assert load(type(value), dump(value)) == value


@given(st.lists(any_of(Assignment), max_size=3), any_of(Published | None))
def test_lists_and_nothing_come_back_too(
    assigned: list[Assignment], published: Published | None
) -> None:
    assert load(list[Assignment], dump(assigned)) == assigned
    assert load(Published | None, dump(published)) == published  # type: ignore[arg-type]  # a union


def test_durations_are_seconds_and_moments_end_in_z_and_bytes_are_base64() -> None:
    event = rings(at=NOON, talk=timedelta(minutes=1.5), raw=b"\xff\x00{}")
    told = json.loads(dump(event))
    assert (told["talk"], told["at"], told["raw"]) == (90.0, "2025-06-02T12:00:00Z", "_wB7fQ==")
    assert told["state"] == "ringing"


def test_what_a_newer_version_tells_more_is_left_out() -> None:
    told = json.loads(dump(view("a"))) | {"mood": "cheerful"}
    assert load(PageView, json.dumps(told).encode()) == view("a")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"1,2", b"null", b"{", b"\xff", b"<html>"])
def test_what_is_no_such_value_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        load(PageView, body)


def test_a_lone_surrogate_stops_nothing() -> None:
    there = load(PageView, dump(replace(view("a"), path="/\udc80")))
    assert there == replace(view("a"), path="/?")
