"""
The generic call event: what any telephone system can be taught to send, signed as a webhook::

    {"type": "call.ringing", "timestamp": "2026-03-02T12:00:00Z",
     "data": {"call": "42", "number": "+74990000001", "caller": "+79160000001"}}

``type`` is ``call.ringing``, ``call.answered`` or ``call.ended``. ``data`` may also hold
``account``, ``at`` (when it happened, if that is not ``timestamp``), and at the end ``talk`` in
seconds and ``missed``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from callgraft import phone
from callgraft.errors import BadEvent, NotANumber
from callgraft.site import Site
from callgraft.telephony.fields import Fields
from callgraft.telephony.signature import TOLERANCE, event_id_of, sign, verify
from callgraft.tracking.values import CallEvent, CallState
from callgraft.visit import Headers

PROVIDER = "generic"
LARGEST = 64 * 1024
"""The longest body that is looked at, in bytes."""

_STATES = {f"call.{state.value}": state for state in CallState}
_HIDDEN = frozenset({"", "anonymous", "hidden", "private", "restricted", "unavailable", "unknown"})


def take(body: bytes, headers: Headers, *, site: Site, now: datetime) -> CallEvent:
    """
    Return the event if one of the secrets of the site's provider ``generic`` signed it.

    :raises BadSignature: nobody we know sent it, or not now.
    :raises BadEvent: it cannot be read, or it tells of the future.
    """
    _check_size(body)
    provider = site.providers.get(PROVIDER)
    verify(body, headers, provider.secrets if provider else (), now=now)
    event = parse(body, headers, site=site.key, region=site.region)
    if event.at > now + TOLERANCE:
        # Local time with a Z behind it; taken, it would match calls with the wrong visitors.
        raise BadEvent(
            f"{event.at.isoformat()}: the event lies in the future."
            " Send times with their true offset, like 2026-03-02T15:00:00+03:00."
        )
    return event


def parse(body: bytes, headers: Headers, *, site: str, region: str | None) -> CallEvent:
    """
    Read an event whose signature somebody else has checked.

    :param region: by which national notations of numbers are read.
    :raises BadEvent: with the key, its value and the cure; no other exception, whatever comes.
    """
    _check_size(body)
    event = Fields.of(_json(body))
    state = _STATES[event.choice("type", tuple(_STATES))]
    sent_at = event.moment("timestamp")
    data = event.inner("data")
    talk, missed = data.span("talk"), data.flag("missed")
    is_end = state is CallState.ENDED
    return CallEvent(
        site=site,
        provider=PROVIDER,
        account=data.name("account", default=""),
        event_id=event_id_of(headers),
        call=data.name("call"),
        state=state,
        number=_number(data, region),
        at=data.moment("at", default=sent_at),
        caller=_caller(data, region),
        talk=talk if is_end else None,
        missed=missed if is_end else None,
        raw=body,
    )


def signed_event(
    secret: str, *, event_id: str, type: str, data: Mapping[str, object], at: datetime
) -> tuple[Headers, bytes]:
    """
    Build an event as a telephone system sends it: its headers and its body.

    :param at: when it happened and is sent.
    :raises SetupError: the secret is no Standard Webhooks secret.
    """
    event = {"type": type, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(data)}
    body = json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
    headers = (
        ("Content-Type", "application/json"),
        ("webhook-id", event_id),
        ("webhook-timestamp", str(int(at.timestamp()))),
        ("webhook-signature", sign(secret, body, event_id=event_id, at=at)),
    )
    return headers, body


def _check_size(body: bytes) -> None:
    if len(body) > LARGEST:
        raise BadEvent(f"The body has {len(body)} bytes. Send at most {LARGEST}, one event each.")


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadEvent(
            "The body is not JSON that can be read. Send one JSON object in UTF-8, without NaN,"
            " Infinity, or brackets inside brackets without end."
        ) from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON.")


def _number(data: Fields, region: str | None) -> str:
    """The tracking number that rang."""
    text = data.text("number")
    try:
        return phone.read(text, region).e164
    except NotANumber as error:
        raise data.wrong("number", "Send the number that rang, like +74990000001.") from error


def _caller(data: Fields, region: str | None) -> str:
    """The caller's number; empty where it is hidden, or a name, an extension, a SIP address."""
    text = data.private_text("caller").strip()
    if text.casefold() in _HIDDEN:
        return ""
    try:
        return phone.read(text, region).e164
    except NotANumber:
        return ""
