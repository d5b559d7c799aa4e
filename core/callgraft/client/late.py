"""A client for a store that may not answer yet: doors start all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, cast

from callgraft.client.protocol import TrackingClient
from callgraft.errors import BackendError, StoreUnavailable

_EVERY = 1.0
"""Seconds between two attempts to open."""


def open_late(opening: Callable[[], TrackingClient]) -> TrackingClient:
    """
    Return the client that ``opening`` opens, or one that becomes it when the store answers.

    Until then every method raises StoreUnavailable, and nobody waits: one caller a second tries.

    :raises BackendError: from ``opening``, when what it names can never be opened.
    """
    late = _LateClient(opening)
    late.try_now()
    return cast("TrackingClient", late)


class _LateClient:
    """Has the attributes of the client once it is open."""

    def __init__(self, opening: Callable[[], TrackingClient]) -> None:
        self._opening = opening
        self._opened: TrackingClient | None = None
        self._lock = threading.Lock()
        self._next_at = 0.0
        self._why = "The tracking store was not asked yet."

    def try_now(self) -> None:
        self._next_at = time.monotonic() + _EVERY
        try:
            self._opened = self._opening()
        except StoreUnavailable as exc:
            self._why = str(exc)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        self._next_at, self._why = float("inf"), "The client is closed."

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(TrackingClient, name):
            raise AttributeError(name)
        return getattr(self._client(), name)

    def _client(self) -> TrackingClient:
        is_due = self._opened is None and time.monotonic() >= self._next_at
        # Whoever comes while another one tries does without.
        if is_due and self._lock.acquire(blocking=False):
            try:
                self._try_again()
            finally:
                self._lock.release()
        if self._opened is None:
            raise StoreUnavailable(self._why)
        return self._opened

    def _try_again(self) -> None:
        try:
            self.try_now()
        except BackendError as exc:
            # Like tables of a newer version: somebody may go back to the older one.
            self._why = str(exc)
