"""Beacons: what a page in the browser tells of its visitor between two page loads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from callgraft.tracking.states import ACTIVE_FOR, SignKind
from callgraft.visit import Visit

MAX_BEACON = 256
"""The largest beacon that is taken, in bytes."""

KINDS = frozenset(SignKind) - {SignKind.PAGE}
"""What a browser may tell; of a page load the server knows itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a sign is taken: one per ``every``, ``ahead`` of its turn at most."""

    every: timedelta
    ahead: timedelta


def pace_of(kind: SignKind) -> Pace:
    """The pace of a kind of sign in one session; what comes faster is left out."""
    if kind is SignKind.ACTIVE:
        # The helper sends it every 10 s, and the network does not carry each as fast.
        return Pace(every=ACTIVE_FOR, ahead=timedelta(seconds=1))
    return Pace(every=timedelta(seconds=1), ahead=timedelta(seconds=4))


def read_beacon(body: bytes) -> SignKind | None:
    """
    The kind of sign in the body, None for what is no beacon.

    ``visible`` as text, as ``navigator.sendBeacon`` sends it, or ``{"kind": "visible"}``.
    """
    if len(body) > MAX_BEACON:
        return None
    text = body.decode("utf-8", "replace").strip()
    told: object = text
    if text.startswith("{"):
        try:
            told = json.loads(text).get("kind")
        except (ValueError, RecursionError):
            return None
    return next((kind for kind in KINDS if kind == told), None)


def is_from_this_site(visit: Visit) -> bool:
    """
    Whether a page of the same origin sent the request, as browsers tell and scripts cannot forge.

    The cookie alone would not do: some browsers send it with what other sites post.
    """
    relation = visit.header("sec-fetch-site")
    if relation is not None:
        return relation == "same-origin"
    try:
        origin = urlsplit(visit.header("origin") or "")
        # Not the scheme: behind a server that ends TLS the visit may have come over http.
        return bool(origin.netloc) and origin.netloc.lower() == visit.parts.netloc.lower()
    except ValueError:
        return False
