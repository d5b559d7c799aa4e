"""What an exposure's event log tells as of one moment: its level, its clock and its bin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from callgraft.source import Touch


class SignKind(StrEnum):
    """What a session did. In this order where two signs carry the same moment."""

    HIDDEN = "hidden"
    PAGE = "page"
    VISIBLE = "visible"
    ACTIVE = "active"
    NUMBER_TOUCHED = "number_touched"
    TEL_PRESSED = "tel_pressed"
    HELPER = "helper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """
    One entry of a session's event log, with the server's time.

    ``is_contact`` belongs to a page load: the page is a contact page. ``helper`` only says that
    the session has beacons; it is no sign of life.
    """

    at: datetime
    kind: SignKind = SignKind.PAGE
    is_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """
    One tracking number shown to one session, with everything that the session did so far.

    ``device`` is ``mobile`` or anything else, ``region`` ISO 3166-2 or None; ``log`` may stand in
    any order and may hold signs from after the moment that is asked about; ``called`` is the
    probability that an earlier call was already given to this exposure.
    """

    number: str
    visitor: str
    session: str
    shown_at: datetime
    touch: Touch
    device: str = "desktop"
    region: str | None = None
    pool: str = ""
    called: float = 0.0
    log: tuple[Sign, ...] = ()


EDGES = tuple(
    timedelta(seconds=edge)
    for edge in (3, 15, 60, 120, 300, 600, 1200, 2400, 4800, 10800, 21600, 43200)
    + (86400, 172800, 345600, 604800)
)
"""Upper edges of the clock's bins; a clock that stands on an edge is in the bin above it."""
