"""Who a visitor is: visitor and session ids, kept in a first-party signed cookie."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta

from callgraft.channels import DIRECT, REFERRAL
from callgraft.signer import Signer
from callgraft.source import UNKNOWN, Touch
from callgraft.visit import Visit

SESSION_IDLE = timedelta(minutes=30)
"""A session ends after this long without a page view."""

COOKIE = "callgraft"
"""The name of the cookie."""

_COOKIE_AGE = timedelta(days=400)  # the longest that browsers keep one (RFC 6265bis)
_COOKIE_LAG = timedelta(seconds=60)
_CLOCK_ERROR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    One visitor in one session, at one page view.

    The cookie carries all of it, so that no store is asked who somebody is. ``touch`` is the one
    that opened the session: rules look at it for the whole stay, so a number never changes between
    two pages. ``seen_at`` is the page view's moment. ``pages`` counts this page view too, but only
    1 or more than 1 can be relied on: most page views write no cookie (see :func:`needs_cookie`).
    """

    visitor: str
    session: str
    first_seen_at: datetime
    session_started_at: datetime
    seen_at: datetime
    pages: int
    touch: Touch

    @property
    def is_returning(self) -> bool:
        """The visitor was here before this session."""
        return self.first_seen_at < self.session_started_at


def new_id() -> str:
    """Return an id that nobody can guess."""
    return random.token_urlsafe(12)


def recognise(seal: Seal, visit: Visit) -> Identity | None:
    """Return who the browser's cookie says it is, or None where we signed none."""
    text = visit.cookie(COOKIE)
    return seal.open(text) if text else None


def next_view(
    known: Identity | None, visit: Visit, touch: Touch | None, *, new_id: Callable[[], str] = new_id
) -> Identity:
    """Return the identity of a page view that follows the one in ``known``, or is the first."""
    at = visit.received_at
    if known is None:
        # A page of our own sent somebody whom we do not know: cookies are off, or the first page
        # came from a cache. Nobody knows from where, so it is not called a direct arrival.
        return _arrived(new_id(), new_id(), at, at, touch or UNKNOWN)
    if at - known.seen_at > SESSION_IDLE or _is_another_origin(touch, known.touch):
        # Back at a tab left open: what brought the visitor is still what brought the visitor.
        return _arrived(known.visitor, new_id(), known.first_seen_at, at, touch or known.touch)
    return replace(known, pages=known.pages + 1, seen_at=_later(known.seen_at, at))


def needs_cookie(known: Identity | None, identity: Identity) -> bool:
    """
    Whether the cookie must be written anew, ``known`` being what it says now.

    A Set-Cookie on every page would cost bytes and make pages that carry no number personal, so it
    is written for a new visitor or session, at the first two pages of a session, and then when the
    page view that it tells of is a minute old: the idle clock is right to a minute, and no more is
    promised of ``pages`` than whether it is 1.
    """
    if known is None or known.session != identity.session or known.visitor != identity.visitor:
        return True
    return identity.pages <= 2 or abs(identity.seen_at - known.seen_at) >= _COOKIE_LAG


def prolonged(identity: Identity, at: datetime) -> Identity | None:
    """
    Return the identity after a sign of life at ``at``, None when the cookie need not tell of it.

    Whoever comes back to a tab goes on with the session whose number stands there, however long
    nothing was heard; a page load after so long begins a new one.
    """
    after = replace(identity, seen_at=_later(identity.seen_at, at))
    return after if abs(after.seen_at - identity.seen_at) >= _COOKIE_LAG else None


def set_cookie(identity: Identity, seal: Seal, secure: bool) -> str:
    """Return the value of the Set-Cookie field that makes the browser remember ``identity``."""
    return _field(seal.seal(identity), _COOKIE_AGE, secure)


def end_cookie(secure: bool) -> str:
    """Return the value of the Set-Cookie field that makes the browser forget who it is."""
    return _field("", timedelta(0), secure)


def _field(value: str, age: timedelta, secure: bool) -> str:
    attributes = f"Path=/; Max-Age={int(age.total_seconds())}; HttpOnly; SameSite=Lax"
    return f"{COOKIE}={value}; {attributes}" + ("; Secure" if secure else "")


def _arrived(
    visitor: str, session: str, first_seen_at: datetime, at: datetime, touch: Touch
) -> Identity:
    return Identity(
        visitor=visitor,
        session=session,
        first_seen_at=first_seen_at,
        session_started_at=at,
        seen_at=at,
        pages=1,
        touch=touch,
    )


def _is_another_origin(touch: Touch | None, known: Touch) -> bool:
    """
    Whether somebody who is here already came again from somewhere else that is worth knowing.

    A click on another advertisement begins a new session: what made them ring is the last one.
    Reloading the page that an advertisement led to does not, nor does a way back over a plain link,
    like that of a bank after a payment. The cookie may have cut texts short and left out click ids.
    """
    if touch is None or touch.channel in (DIRECT, REFERRAL):
        return False
    return (
        (touch.source, touch.medium) != (known.source, known.medium)
        or not touch.campaign.startswith(known.campaign)
        or (bool(known.click_id and touch.click_id) and touch.click_id != known.click_id)
    )


def _later(seen_at: datetime, at: datetime) -> datetime:
    """
    The later moment: a clock that was set back neither ends a session nor shortens a lease.

    A moment far ahead comes from a clock that was wrong then; kept, it would hold the session open
    until that day.
    """
    return at if seen_at - at > _CLOCK_ERROR else max(seen_at, at)


class Seal:
    """
    Turns an identity into the text of a cookie and back.

    The first secret signs, all of them verify. A text field too long for a cookie is cut, at a
    letter, and a click id is left out instead, because half of one is nobody's.

    :raises SetupError: there is no secret, or one is too short.
    """

    is_ready = True

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._signer = Signer(secrets, purpose="callgraft identity", version="1")

    def seal(self, identity: Identity) -> str:
        """Return the identity as signed text, less than 3,400 letters of it."""
        payload = _packed(identity, identity.touch)
        if len(payload) > _LONGEST_PAYLOAD:
            payload = _packed(identity, _cut(identity.touch))
        return self._signer.sign(payload)

    def open(self, text: str) -> Identity | None:
        """Return the identity that was sealed, or None for anything that this seal did not make."""
        if len(text) > _LONGEST_TEXT:
            return None
        payload = self._signer.verify(text)
        return None if payload is None else _unpacked(payload)


_LONGEST_PAYLOAD = 2_400
_LONGEST_TEXT = 3_400

# In bytes of JSON text. Their sum, with ids, moments and commas, stays under _LONGEST_PAYLOAD.
_LONGEST_FIELDS = {
    "source": 100,
    "medium": 64,
    "channel": 32,
    "campaign": 300,
    "keyword": 300,
    "content": 300,
    "referrer": 100,
    "landing": 300,
}
_LONGEST_CLICK_ID = 512

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _packed(identity: Identity, touch: Touch) -> bytes:
    fields = (
        identity.visitor,
        identity.session,
        _number(identity.first_seen_at),
        _number(identity.session_started_at),
        _number(identity.seen_at),
        identity.pages,
        *astuple(touch),
    )
    return _json(fields)


def _unpacked(payload: bytes) -> Identity | None:
    try:
        visitor, session, first_seen, started, seen, pages, *touch = json.loads(payload)
        return Identity(
            visitor=visitor,
            session=session,
            first_seen_at=_moment(first_seen),
            session_started_at=_moment(started),
            seen_at=_moment(seen),
            pages=pages,
            # Not strict: a Touch that gains a field must not make strangers of all visitors.
            touch=Touch(**dict(zip(Touch.__slots__, touch, strict=False))),
        )
    except (ValueError, TypeError, OverflowError):
        # Well signed all the same: another version of this program, sharing the secret, made it.
        return None


def _cut(touch: Touch) -> Touch:
    fields = {name: _shortened(getattr(touch, name), to) for name, to in _LONGEST_FIELDS.items()}
    click_id = touch.click_id if len(_json(touch.click_id)) <= _LONGEST_CLICK_ID else ""
    return Touch(**fields, click_id=click_id)


def _shortened(text: str, longest: int) -> str:
    # Cut by letters until the JSON text fits: a cut by bytes could fall inside a Cyrillic letter or
    # an escape. A letter takes a byte at least, so the first cut does most of the work.
    text = text[:longest]
    while len(_json(text)) > longest:
        text = text[: len(text) * 9 // 10]
    return text


def _json(value: object) -> bytes:
    # A lone surrogate, as broken percent-encoding can leave it, has no UTF-8 form.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _number(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
