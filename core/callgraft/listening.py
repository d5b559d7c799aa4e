"""Beacons answered: each becomes a sign of its session, in its own time and not too many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from callgraft.beacon import is_from_this_site, pace_of, read_beacon
from callgraft.endpoints import nothing, problem
from callgraft.identity import Identity, Seal, prolonged, recognise, set_cookie
from callgraft.page import Page
from callgraft.site import Site
from callgraft.tracking.states import SignKind
from callgraft.tracking.values import SessionSign
from callgraft.visit import Visit

_LONGEST_MEMORY = 50_000


class Listening:
    """
    Takes beacons.

    :param take: takes a sign without making anybody wait; it fails silently.
    """

    def __init__(self, seal: Seal, take: Callable[[Visit, SessionSign], None]) -> None:
        self._seal = seal
        self._take = take
        self._due: OrderedDict[tuple[str, str, SignKind], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, site: Site, visit: Visit, body: bytes) -> Page:
        """
        Answer ``POST /.callgraft/beacon``.

        Whoever has no cookie of ours, or declined, gets the same answer; nothing is kept of them.
        """
        if visit.method != "POST":
            return problem(405, "Beacons are sent with POST.", ("Allow", "POST"))
        if not is_from_this_site(visit):
            return problem(403, "Beacons are taken from pages of this site only.")
        kind = read_beacon(body)
        if kind is None:
            return problem(400, "The body is no beacon: send one word, like visible.")
        identity = recognise(self._seal, visit)
        if identity is None or site.consent.is_declined(visit):
            return nothing()
        sign = SessionSign(site=site.key, session=identity.session, at=visit.received_at, kind=kind)
        if self._is_due(sign):
            self._take(visit, sign)
        return nothing(*self._cookie(identity, visit, kind))

    def touched(self, site: Site, visit: Visit, identity: Identity) -> None:
        """Take a click on a hidden number for what it is: the number was touched."""
        kind = SignKind.NUMBER_TOUCHED
        sign = SessionSign(site=site.key, session=identity.session, at=visit.received_at, kind=kind)
        if self._is_due(sign):
            self._take(visit, sign)

    def _is_due(self, sign: SessionSign) -> bool:
        key, pace = (sign.site, sign.session, sign.kind), pace_of(sign.kind)
        with self._lock:
            due = self._due.pop(key, sign.at)
            # A moment far ahead was told by a clock that was wrong then.
            is_due = due - pace.ahead <= sign.at or due - sign.at > pace.every + pace.ahead
            self._due[key] = max(due, sign.at) + pace.every if is_due else due
            if len(self._due) > _LONGEST_MEMORY:
                self._due.popitem(last=False)
        return is_due

    def _cookie(self, identity: Identity, visit: Visit, kind: SignKind) -> list[tuple[str, str]]:
        """
        The cookie that lets the session go on, when it tells of a moment that is a minute old.

        None for a page that is left: its answer could come after that of the next page.
        """
        after = prolonged(identity, visit.received_at)
        if kind is SignKind.HIDDEN or after is None:
            return []
        return [("Set-Cookie", set_cookie(after, self._seal, visit.is_secure))]
