from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callgraft.errors import BadSignature, SetupError
from callgraft.telephony.signature import event_id_of, key_of, new_secret, sign, verify

# The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SENT = datetime.fromtimestamp(1614265330, UTC)

OTHER = "whsec_" + b64encode(bytes(range(32))).decode()
HEADERS = (
    ("webhook-id", EVENT_ID),
    ("webhook-timestamp", "1614265330"),
    ("webhook-signature", SIGNATURE),
)


def headers(**changes: str):
    changed = {f"webhook-{name}": value for name, value in changes.items()}
    return tuple((name, changed.get(name, value)) for name, value in HEADERS)


def without(name: str):
    return tuple(pair for pair in HEADERS if pair[0] != name)


def refusal(body=BODY, given_=HEADERS, secrets=(SECRET,), now=SENT) -> str:
    with pytest.raises(BadSignature) as caught:
        verify(body, given_, secrets, now=now)
    assert caught.value.status == 401
    return str(caught.value)


def test_the_example_of_the_specification_is_signed_and_verified():
    assert sign(SECRET, BODY, event_id=EVENT_ID, at=SENT) == SIGNATURE
    assert verify(BODY, HEADERS, [SECRET], now=SENT) == EVENT_ID


def test_header_names_come_in_any_case():
    shouted = tuple((name.upper(), value) for name, value in HEADERS)
    assert verify(BODY, shouted, [SECRET], now=SENT) == EVENT_ID


def test_any_of_several_signatures_may_fit():
    other = sign(OTHER, BODY, event_id=EVENT_ID, at=SENT)
    several = headers(signature=f"v1a,AAAA {other} garbage v1, {SIGNATURE}")
    assert verify(BODY, several, [SECRET], now=SENT) == EVENT_ID


def test_any_of_several_secrets_may_fit_while_one_is_being_replaced():
    assert verify(BODY, HEADERS, [OTHER, SECRET], now=SENT) == EVENT_ID
    assert verify(BODY, HEADERS, ["whsec_short", SECRET], now=SENT) == EVENT_ID


@pytest.mark.parametrize("off", [-300, 300])
def test_a_clock_may_be_five_minutes_off(off):
    assert verify(BODY, HEADERS, [SECRET], now=SENT + timedelta(seconds=off)) == EVENT_ID


def test_an_event_older_than_five_minutes_is_refused():
    text = refusal(now=SENT + timedelta(seconds=301))
    assert text.startswith("webhook-timestamp = 1614265330: 301 s behind our clock")
    assert "with its own time" in text


def test_an_event_from_the_future_is_refused():
    assert "301 s ahead of our clock" in refusal(now=SENT - timedelta(seconds=301))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_or_empty_header_is_named(name):
    assert refusal(given_=without(name)).startswith(f"{name}: missing.")
    empty = headers(**{name.removeprefix("webhook-"): " "})
    assert refusal(given_=empty).startswith(f"{name}: missing.")


@pytest.mark.parametrize("timestamp", ["soon", "1614265330.5", "-1", "٣", "9" * 400, "1e9", "nan"])
def test_a_timestamp_that_is_no_number_of_seconds_is_refused(timestamp):
    assert refusal(given_=headers(timestamp=timestamp)).startswith("webhook-timestamp: not a time.")


@pytest.mark.parametrize("event_id", ["é", "a\nb", "x" * 201, "\udc80"])
def test_an_id_that_is_no_identifier_is_refused(event_id):
    assert refusal(given_=headers(id=event_id)).startswith("webhook-id: not an identifier.")
    assert event_id_of(headers(id="x" * 200)) == "x" * 200


def test_an_unknown_version_of_signature_is_refused():
    text = refusal(given_=headers(signature=SIGNATURE.replace("v1,", "v2,")))
    assert text.startswith("webhook-signature: no signature of version v1.")


@pytest.mark.parametrize(
    "signature", ["v1,", "v1,AAAA", SIGNATURE[:-1], SIGNATURE + "=", "v1,\udc80é", "v1,!!!"]
)
def test_a_signature_that_is_not_ours_is_refused(signature):
    text = refusal(given_=headers(signature=signature))
    assert text.startswith("webhook-signature: no signature fits.")


def test_another_body_id_or_time_does_not_fit_the_signature():
    assert "no signature fits" in refusal(body=BODY + b" ")
    assert "no signature fits" in refusal(given_=headers(id="msg_2"))
    assert "no signature fits" in refusal(given_=headers(timestamp="1614265331"))


def test_a_wrong_secret_is_in_no_text():
    texts = [refusal(secrets=[OTHER]), refusal(secrets=["whsec_short"]), refusal(secrets=[])]
    assert not any(secret[6:] in text for text in texts for secret in (OTHER, "whsec_short"))
    assert texts[1] == texts[2]
    assert texts[1].startswith("This site has no usable secret for call events. Write")


def test_a_secret_is_base64_of_24_to_64_bytes():
    assert key_of("whsec_" + b64encode(b"k" * 24).decode()) == b"k" * 24
    assert key_of(b64encode(b"k" * 64).decode().rstrip("=")) == b"k" * 64


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_ключ", "whsec_!!!!", b64encode(b"k" * 23).decode()]
)
def test_any_other_secret_is_a_mistake_of_setup_that_is_not_repeated(secret):
    with pytest.raises(SetupError) as caught:
        sign(secret, BODY, event_id=EVENT_ID, at=SENT)
    assert caught.value.value is None
    assert str(caught.value).startswith("secret: Not a Standard Webhooks secret.")


@given(body=st.binary(max_size=200), event_id=st.from_regex(r"[!-~]{1,40}", fullmatch=True))
def test_whatever_is_signed_is_verified(body, event_id):
    signed = headers(id=event_id, signature=sign(SECRET, body, event_id=event_id, at=SENT))
    assert verify(body, signed, [SECRET], now=SENT) == event_id


@given(
    given_=st.lists(
        st.tuples(
            st.sampled_from(["Webhook-Id", "webhook-timestamp", "WEBHOOK-SIGNATURE", "x"]),
            st.one_of(st.text(), st.sampled_from(["1614265330", "v1,", "v1,AA==", EVENT_ID])),
        )
    ).map(tuple),
    secrets=st.lists(st.one_of(st.text(), st.just(SECRET)), max_size=3),
)
def test_no_header_and_no_secret_leads_to_another_exception(given_, secrets):
    with pytest.raises(BadSignature):
        verify(BODY, given_, secrets, now=SENT)


def test_a_new_secret_can_be_used_and_is_never_the_same():
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()
