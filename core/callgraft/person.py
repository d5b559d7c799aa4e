"""The visitor of one page view."""

from __future__ import annotations

from dataclasses import dataclass

from callgraft.identity import Identity
from callgraft.rules import Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    The visitor of one page view, and all that rules may look at.

    ``identity`` is None for somebody who declined: nobody is to know this visitor again.
    """

    identity: Identity | None
    here: Circumstances
    cookie: str | None
    """The Set-Cookie value to send, or None when the browser's own is good enough."""
