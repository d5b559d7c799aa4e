"""The shared client: one object, wherever the tracking engine lives."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from callgraft.client.embedded import EmbeddedClient
from callgraft.client.protocol import TrackingClient
from callgraft.errors import BackendError
from callgraft.stores import open_store
from callgraft.stores.urls import without_secrets

__all__ = ["EmbeddedClient", "TrackingClient", "open_client"]


_STATE = ".callgraft"


def _now() -> datetime:
    return datetime.now(UTC)


def open_client(
    url: str,
    *,
    leases: str | None = None,
    token: str | None = None,
    state: str | os.PathLike[str] | None = None,
    clock: Callable[[], datetime] = _now,
) -> TrackingClient:
    """
    Open the tracking engine that ``url`` names; nothing needs to be set up before.

    :param url: ``sqlite:///callgraft.db``, ``sqlite:////var/lib/callgraft/callgraft.db``,
        ``postgresql://user@host/name``, ``memory:``, or ``https://tracker.example`` for a tracking
        server (``callgraft[remote]``), which is not asked for anything yet.
    :param leases: ``redis://host/0``: leases are kept there, beside the database that ``url`` names
        (``callgraft[redis]``). All who share the database name it, or none does.
    :param token: what the tracking server knows this door by; ``CALLGRAFT_TOKEN`` of the
        environment by default.
    :param state: a folder for what is kept of a tracking server, to go on and to start without it;
        ``CALLGRAFT_STATE`` of the environment, or ``.callgraft``, by default.
    :param clock: tells when a call event was received.
    :raises SetupError: it names nothing that can be used; the error says what to write.
    :raises StoreUnavailable: the store it names does not answer.
    """
    if url.startswith(("https://", "http://")):
        if leases:
            problem, cure = "is the tracking server's own matter.", 'Name it to "callgraft serve".'
            raise BackendError("leases", without_secrets(leases), problem, cure)
        return _remote(url, token, state)
    return EmbeddedClient(open_store(url, leases=leases), clock=clock, looks_around=True)


def _remote(url: str, token: str | None, state: str | os.PathLike[str] | None) -> TrackingClient:
    # Not above: an engine in this process needs nothing of what a remote one does.
    from callgraft.client.remote import RemoteClient, read_address

    address = read_address(url, token or os.environ.get("CALLGRAFT_TOKEN"))
    return RemoteClient(address, Path(state or os.environ.get("CALLGRAFT_STATE") or _STATE))
