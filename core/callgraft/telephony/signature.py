"""
Standard Webhooks signatures (symmetric, ``v1``): made and checked.

Our own, over :mod:`hmac`: the package ``standardwebhooks`` reads the clock itself, knows one secret
at a time, and answers a malformed header with exceptions that are not its own.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes

from callgraft.errors import BadSignature, SetupError
from callgraft.visit import Headers, header

TOLERANCE = timedelta(minutes=5)
"""How far a sender's clock may be off, either way; also how long a caught event can be replayed."""

_PREFIX = "whsec_"
_LONGEST_ID = 200


def new_secret() -> str:
    """Return a secret that nobody can guess, in the form that Standard Webhooks asks for."""
    return _PREFIX + b64encode(token_bytes(32)).decode()


def sign(secret: str, body: bytes, *, event_id: str, at: datetime) -> str:
    """
    Return the ``webhook-signature`` of a body, sent as ``event_id`` at ``at``.

    :raises SetupError: the secret is no Standard Webhooks secret.
    """
    return _signature(key_of(secret), event_id, str(int(at.timestamp())), body)


def verify(body: bytes, headers: Headers, secrets: Sequence[str], *, now: datetime) -> str:
    """
    Return the event's id if one of the secrets signed it less than five minutes ago.

    :param body: the raw body, byte for byte as it came.
    :param secrets: all that are in force; two while one is being replaced.
    :raises BadSignature: anything else; its text says the cure and holds no secret.
    """
    event_id = event_id_of(headers)
    timestamp = _timestamp(headers, now)
    given = _given(headers)
    expected = [_signature(key, event_id, timestamp, body).encode() for key in _keys(secrets)]
    # No early end: how long it takes tells nothing about which secret came near.
    fits = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    if not any(fits):
        raise BadSignature(
            "webhook-signature: no signature fits. Let the sender use the same secret (whsec_…)"
            " as this site's provider, and sign the body byte for byte as it is sent."
        )
    return event_id


def event_id_of(headers: Headers) -> str:
    """
    Return ``webhook-id``, which is the same on every repetition of an event.

    :raises BadSignature: it is missing or no identifier.
    """
    event_id = _required(headers, "webhook-id")
    if len(event_id) > _LONGEST_ID or not (event_id.isascii() and event_id.isprintable()):
        raise BadSignature(
            f"webhook-id: not an identifier. Send at most {_LONGEST_ID} printable ASCII characters."
        )
    return event_id


def key_of(secret: str) -> bytes:
    """
    Return the signing key in ``whsec_…``.

    :raises SetupError: it is not base64 of 24 to 64 bytes. The secret itself is not in the text.
    """
    text = secret.strip().removeprefix(_PREFIX).rstrip("=")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise SetupError(
            "secret",
            None,
            "Not a Standard Webhooks secret.",
            f'Write "{_PREFIX}" and 24 to 64 random bytes in base64.',
        )
    return key


def _signature(key: bytes, event_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def _keys(secrets: Sequence[str]) -> list[bytes]:
    """The keys of the usable secrets: a broken one must not keep the good one from working."""
    keys = list(_usable(secrets))
    if not keys:
        raise BadSignature(
            "This site has no usable secret for call events."
            ' Write "whsec_" and 24 to 64 random bytes in base64 as its provider\'s secret.'
        )
    return keys


def _usable(secrets: Sequence[str]) -> Iterator[bytes]:
    for secret in secrets:
        try:
            yield key_of(secret)
        except SetupError:
            continue


def _required(headers: Headers, name: str) -> str:
    value = (header(headers, name) or "").strip()
    if not value:
        raise BadSignature(
            f"{name}: missing. Sign every event as Standard Webhooks lays down, with webhook-id,"
            " webhook-timestamp and webhook-signature."
        )
    return value


def _timestamp(headers: Headers, now: datetime) -> str:
    """The time of the attempt, as it was signed."""
    text = _required(headers, "webhook-timestamp")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadSignature("webhook-timestamp: not a time. Send whole Unix seconds.")
    late = now.timestamp() - int(text)
    if abs(late) > TOLERANCE.total_seconds():
        raise BadSignature(
            f"webhook-timestamp = {text}: {abs(late):.0f} s {'behind' if late > 0 else 'ahead of'}"
            " our clock, and 300 are allowed. Set the sender's clock, and sign every repetition"
            " with its own time."
        )
    return text


def _given(headers: Headers) -> list[bytes]:
    """The signatures of the one kind that we know; a sender who rotates secrets gives several."""
    given = _required(headers, "webhook-signature").split()
    ours = [one.encode("utf-8", "replace") for one in given if one.startswith("v1,")]
    if not ours:
        raise BadSignature(
            'webhook-signature: no signature of version v1. Send "v1," and the base64 of an'
            " HMAC-SHA256 over id.timestamp.body."
        )
    return ours
