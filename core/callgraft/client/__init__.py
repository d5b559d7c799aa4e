"""The shared client: one object, wherever the tracking engine lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from callgraft.client.embedded import EmbeddedClient
from callgraft.client.protocol import TrackingClient
from callgraft.errors import BackendError
from callgraft.stores import open_store
from callgraft.stores.urls import without_secrets

__all__ = ["EmbeddedClient", "TrackingClient", "open_client"]


def _now() -> datetime:
    return datetime.now(UTC)


def open_client(url: str, *, clock: Callable[[], datetime] = _now) -> TrackingClient:
    """
    Open the tracking engine that ``url`` names; nothing needs to be set up before.

    :param url: ``sqlite:///callgraft.db``, ``sqlite:////var/lib/callgraft/callgraft.db``,
        ``postgresql://user@host/name`` or ``memory:``.
    :param clock: tells when a call event was received.
    :raises BackendError: it names nothing that can be used; the error says what to write.
    :raises StoreUnavailable: the store it names does not answer.
    """
    if url.startswith(("https://", "http://")):
        problem = "is a tracking server, which this version cannot reach yet."
        cure = 'Write "sqlite:///callgraft.db" to run the engine in this process.'
        raise BackendError("backend", without_secrets(url), problem, cure)
    return EmbeddedClient(open_store(url), clock=clock)
