"""What is known of a call: what providers told, who it was given to, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from callgraft.tracking.verdicts import Verdict


class CallState(StrEnum):
    """A call's state only moves forward, in this order."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class CallMark(StrEnum):
    """What a call counts as."""

    FIRST = "first"
    """The first call of this phone."""
    REPEAT = "repeat"
    TARGET = "target"
    """People talked for as long as the Site document asks for."""
    SERVICE = "service"
    """From a phone of the firm's own: staff and test calls."""
    CLIENT = "client"
    """From a phone that the Site document knows as a client's."""
    MISSED = "missed"
    SPAM = "spam"
    """A stranger, almost surely, who rang off within a moment: most likely a robot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """
    One thing that happened to one call, as a provider told it.

    ``event_id`` is the same on every repetition; ``call`` is the provider's key of the call;
    ``number`` (the tracking number that rang) and ``caller`` are E.164, ``caller`` empty when
    hidden; ``at`` is when it happened, by the provider's clock; ``talk`` is the talk time, told at
    the end; ``missed`` is whether nobody answered, None when the event does not tell; ``raw`` is
    the body as it came; neither stands in its ``repr``, which may end up in a log.
    """

    site: str
    provider: str
    account: str
    event_id: str
    call: str
    state: CallState
    number: str
    at: datetime
    caller: str = field(default="", repr=False)
    talk: timedelta | None = None
    missed: bool | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A session that could have made the call, with its probability and the reason in words."""

    visitor: str
    session: str
    probability: float
    because: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """
    Where a call came from, and how sure that is.

    ``method`` is ``proof``, ``posterior``, ``known_phone``, ``client``, ``source_only`` or
    ``none``; ``session`` and ``visitor`` are empty unless the match is likely enough to name one
    (``probability`` ≥ .5); ``source_probability`` says how sure the source is, whoever the visitor
    was; ``because`` says why, in words. ``stray`` is how likely a stranger rang, ``tables`` the
    version of the weights, where a call was shared out by them.
    """

    method: str
    probability: float = 0.0
    visitor: str = ""
    session: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    keyword: str = ""
    source_probability: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    because: str = ""
    stray: float = 0.0
    tables: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, whatever number of events told of it."""

    id: str
    site: str
    provider: str
    account: str
    call: str
    number: str
    caller: str = field(repr=False)
    state: CallState
    rang_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talk: timedelta | None = None
    missed: bool | None = None
    attribution: Attribution = field(default_factory=lambda: Attribution(method="none"))
    marks: tuple[CallMark, ...] = ()
    region: str = ""
    """ISO 3166-2 of the calling number, where that tells it."""
    rescored_at: datetime | None = None
    """When it was attributed again last, with another result."""
    earlier: tuple[Verdict, ...] = ()
    """What was told of it before that, the oldest first."""


class ProofKind(StrEnum):
    """Who told it, the surest first: of proofs that contradict each other the first kind counts."""

    TEST_CALL = "test_call"
    """Somebody of the firm rang from a session of their own."""
    PROMO_CODE = "promo_code"
    """The caller read out the code that the session was shown."""
    FORM = "form"
    """The caller left the same phone in a form or chat."""
    CRM = "crm"
    """The CRM knows whose call it was."""
    REPEAT = "repeat"
    """The phone was known from another call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    What somebody knows of who made a call: the session, the visitor, or at least the source.

    ``call`` is the call's id; ``at`` is when it became known.
    """

    site: str
    call: str
    kind: ProofKind
    at: datetime
    session: str = ""
    visitor: str = ""
    source: str = ""
