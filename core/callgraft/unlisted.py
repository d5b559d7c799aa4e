"""Hosts that no Site document lists."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

_TOLD = 20


class Unlisted:
    """Logs each of them once, and not all: strangers can make them up."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, host: str) -> None:
        if host not in self._told and len(self._told) < _TOLD:
            self._told.add(host)
            logger.warning("No Site document lists the host %r: its pages pass untouched.", host)
