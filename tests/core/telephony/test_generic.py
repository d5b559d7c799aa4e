from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callgraft.errors import BadEvent, BadSignature
from callgraft.site import Provider, Site
from callgraft.telephony.generic import LARGEST, parse, signed_event, take
from callgraft.tracking.values import CallEvent, CallState

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADERS = (("webhook-id", "evt-1"),)
SITE = Site(
    key="okna",
    region="RU",
    providers={"generic": Provider(key="generic", secrets=(SECRET, OLD_SECRET))},
)
DATA = {"call": "42", "number": "+7 499 000-00-01", "caller": "+79160000001"}


def event(type_="call.ringing", timestamp="2026-03-02T12:00:00Z", **data) -> bytes:
    return json.dumps({"type": type_, "timestamp": timestamp, "data": {**DATA, **data}}).encode()


def read(body: bytes, region: str | None = "RU") -> CallEvent:
    return parse(body, HEADERS, site="okna", region=region)


def refusal(body: bytes, region: str | None = "RU") -> str:
    with pytest.raises(BadEvent) as caught:
        read(body, region)
    assert caught.value.status == 400
    return str(caught.value)


def without(key: str) -> bytes:
    return json.dumps(
        {
            "type": "call.ringing",
            "timestamp": "2026-03-02T12:00:00Z",
            "data": {name: value for name, value in DATA.items() if name != key},
        }
    ).encode()


def test_a_ringing_call_is_read_whole():
    body = event(account="main line")
    assert read(body) == CallEvent(
        site="okna",
        provider="generic",
        account="main line",
        event_id="evt-1",
        call="42",
        state=CallState.RINGING,
        number="+74990000001",
        at=NOON,
        caller="+79160000001",
        raw=body,
    )


def test_an_ended_call_tells_its_talk_time_and_whether_it_was_missed():
    ended = read(event("call.ended", talk=61.5, missed=False))
    assert (ended.state, ended.talk) == (CallState.ENDED, timedelta(seconds=61.5))
    assert ended.missed is False
    unknown = read(event("call.ended", talk=None))
    assert (unknown.talk, unknown.missed) == (None, None)


def test_talk_time_counts_at_the_end_only():
    answered = read(event("call.answered", talk=0, missed=True))
    assert (answered.state, answered.talk, answered.missed) == (CallState.ANSWERED, None, None)


def test_it_happened_at_its_own_time_if_that_is_told():
    assert read(event(at="2026-03-02T14:58:00+03:00")).at == NOON - timedelta(minutes=2)
    assert read(event(at=None, timestamp="2026-03-02T15:00:00+03:00")).at == NOON


@pytest.mark.parametrize("number", ["8 (499) 000-00-01", "+7 499 000 00 01", "84990000001"])
def test_numbers_come_in_any_notation_of_the_sites_region(number):
    assert read(event(number=number, caller="8 916 000-00-01")).number == "+74990000001"
    assert read(event(number=number, caller="8 916 000-00-01")).caller == "+79160000001"


HIDDEN = ["anonymous", "Restricted", "unknown", "", " ", None, "101", "sip:anna@10.0.0.5", "Анна"]


@pytest.mark.parametrize("caller", [*HIDDEN, "9" * 5000])
def test_a_caller_who_cannot_be_read_is_hidden_and_the_raw_text_kept(caller):
    body = event(caller=caller)
    assert (read(body).caller, read(body).raw) == ("", body)


def test_a_caller_need_not_be_told():
    assert read(without("caller")).caller == ""


def test_an_unreadable_tracking_number_is_named_with_its_cure():
    expected = "data.number = '12': it cannot be taken. Send the number that rang, like +7499"
    assert refusal(event(number="12")).startswith(expected)
    assert "data.number = '8 (499) 000" in refusal(event(number="8 (499) 000-00-01"), region=None)


@pytest.mark.parametrize("key", ["call", "number"])
def test_a_missing_field_is_named(key):
    assert refusal(without(key)).startswith(f"data.{key}: it is missing. Send ")


@pytest.mark.parametrize("moment", ["2026-03-02T12:00:00", "2026-03-02", "noon", "", 1772452800])
def test_a_time_without_an_offset_is_refused_with_its_cure(moment):
    cure = "Send a time with its offset, like 2026-03-02T15:00:00+03:00."
    assert refusal(event(at=moment)) == f"data.at = {moment!r}: it cannot be taken. {cure}"
    assert refusal(event(timestamp=moment)).startswith("timestamp = ")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_refused(moment):
    assert "it cannot be taken" in refusal(event(at=moment))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("call", 42),
        ("call", ""),
        ("call", "x" * 201),
        ("call", "a\x00b"),
        ("call", "\ud800"),
        ("account", ["main"]),
        ("number", 74990000001),
        ("number", "4" * 101),
        ("talk", "61"),
        ("talk", True),
        ("talk", -1),
        ("talk", 604801),
        ("missed", "no"),
        ("missed", 0),
        ("at", {}),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(key, value):
    text = refusal(event("call.ended", **{key: value}))
    assert text.startswith(f"data.{key} = ")
    assert "Send " in text
    assert len(text) < 300


def test_a_callers_number_is_in_no_text():
    text = refusal(event(caller=79160000001))
    assert text == "data.caller: it is a number. Send text or null."
    nested = json.dumps({"type": "call.ringing", "timestamp": [DATA], "data": DATA}).encode()
    assert refusal(nested).startswith("timestamp = an array: ")
    assert "9160000001" not in refusal(nested)


def test_an_unknown_type_is_named_with_the_known_ones():
    assert refusal(event("call.transferred")) == (
        "type = 'call.transferred': it cannot be taken."
        " Send one of call.ringing, call.answered, call.ended."
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"call=42",
        b'{"type": "call.ringing"',
        b"\xff\xfe{}",
        event("call.ended").replace(b'"42"', b"NaN"),
        event("call.ended").replace(b'"42"', b"-Infinity"),
        event("call.ended").replace(b'"42"', b"9" * 5000),
        b"[" * 60_000,
        b'{"a":' * 12_000,
    ],
)
def test_what_is_not_json_is_refused(body):
    assert refusal(body).startswith("The body is not JSON that can be read.")


def test_infinity_written_as_a_number_is_no_talk_time():
    body = event("call.ended", talk=1).replace(b'"talk": 1', b'"talk": 1e999')
    assert refusal(body) == (
        "data.talk = inf: it cannot be taken. Send seconds as a number, from 0 to one week."
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", "The body: it is an array. Send a JSON object."),
        (b"null", "The body: it is missing or null. Send a JSON object."),
        (event().replace(b'"data"', b'"date"'), "data: it is missing or null. Send a JSON object."),
    ],
)
def test_what_is_no_object_is_refused(body, expected):
    assert refusal(body) == expected


def test_a_body_over_64_kilobytes_is_not_even_looked_at():
    text = refusal(b"{" + b" " * LARGEST)
    assert text == "The body has 65537 bytes. Send at most 65536, one event each."
    assert read(event().ljust(LARGEST)).call == "42"


def test_an_event_without_an_id_is_refused():
    with pytest.raises(BadEvent, match="webhook-id: missing"):
        parse(event(), (), site="okna", region="RU")


def test_a_signed_event_is_taken():
    headers, body = signed_event(SECRET, event_id="evt-7", type="call.answered", data=DATA, at=NOON)
    taken = take(body, headers, site=SITE, now=NOON + timedelta(minutes=4))
    assert (taken.event_id, taken.state, taken.at) == ("evt-7", CallState.ANSWERED, NOON)
    assert (taken.site, taken.number, taken.raw) == ("okna", "+74990000001", body)


def test_the_old_secret_still_signs_while_it_is_being_replaced():
    headers, body = signed_event(
        OLD_SECRET, event_id="evt-7", type="call.ringing", data=DATA, at=NOON
    )
    assert take(body, headers, site=SITE, now=NOON).event_id == "evt-7"
    replaced = replace(SITE, providers={"generic": Provider(key="generic", secrets=(SECRET,))})
    with pytest.raises(BadSignature):
        take(body, headers, site=replaced, now=NOON)


def test_a_site_without_a_secret_takes_nothing():
    headers, body = signed_event(SECRET, event_id="e", type="call.ringing", data=DATA, at=NOON)
    with pytest.raises(BadSignature, match="no usable secret"):
        take(body, headers, site=replace(SITE, providers={}), now=NOON)


def test_a_signature_is_checked_before_the_body_is_read():
    headers, _ = signed_event(SECRET, event_id="e", type="call.ringing", data=DATA, at=NOON)
    with pytest.raises(BadSignature):
        take(b"not JSON", headers, site=SITE, now=NOON)


def test_local_time_that_calls_itself_utc_is_refused():
    data = {**DATA, "at": "2026-03-02T15:00:00Z"}
    headers, body = signed_event(SECRET, event_id="e", type="call.ringing", data=data, at=NOON)
    with pytest.raises(BadEvent, match="the event lies in the future"):
        take(body, headers, site=SITE, now=NOON)


def test_an_event_that_waited_is_taken_for_when_it_happened():
    data = {**DATA, "at": "2026-03-01T12:00:00Z"}
    headers, body = signed_event(SECRET, event_id="e", type="call.ringing", data=data, at=NOON)
    assert take(body, headers, site=SITE, now=NOON).at == NOON - timedelta(days=1)


def taken_or_refused(body: bytes) -> None:
    try:
        taken = read(body)
    except BadEvent as refused:
        assert str(refused)
    else:
        assert taken.number.startswith("+")
        assert taken.at.tzinfo is UTC
        json.dumps([taken.call, taken.account, taken.event_id]).encode("utf-8")


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12))
words = st.sampled_from(
    ["+74990000001", "8 499 000 00 01", "2026-03-02T12:00:00Z", "anonymous", "42", "\ud800", "\0"]
)
anything = st.recursive(
    st.one_of(scalars, words),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
almost = st.fixed_dictionaries(
    {},
    optional={
        "type": st.one_of(st.sampled_from(["call.ringing", "call.ended"]), anything),
        "timestamp": st.one_of(words, anything),
        "data": st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(words, anything)
                for name in ("call", "account", "number", "caller", "at", "talk", "missed")
            },
        ),
    },
)


@given(body=st.binary())
@example(body=b'{"type":' * 9000)
def test_any_bytes_are_an_event_or_refused(body):
    taken_or_refused(body)


@given(value=anything | almost)
def test_any_json_is_an_event_or_refused(value):
    taken_or_refused(json.dumps(value).encode())


@given(
    number=st.one_of(words, st.text(max_size=30)),
    caller=st.one_of(words, st.none(), st.text(max_size=30)),
    call=st.text(max_size=10),
    at=st.datetimes().map(lambda moment: moment.isoformat() + "+05:30"),
)
def test_any_text_in_a_wellformed_event_is_an_event_or_refused(number, caller, call, at):
    taken_or_refused(event(number=number, caller=caller, call=call, at=at))
