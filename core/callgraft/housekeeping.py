"""What may be kept no longer is thrown away, beside the pages and by one process at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from callgraft.client.protocol import TrackingClient
from callgraft.errors import CallgraftError, SetupError
from callgraft.site import Site
from callgraft.site_toml import read_published

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
_AFTER_START = timedelta(minutes=1)


def purge_all(client: TrackingClient, *, at: datetime) -> None:
    """
    Purge every site of the store, as its document in force says, unless somebody just did.

    :raises StoreUnavailable: the store does not answer.
    """
    for key in client.sites():
        published = client.published(key)
        if published and published.document:
            try:
                site = read_published(published.document, name=key, environ=None)
            except SetupError as exc:
                logger.warning("What %s may not keep any longer stays: %s", key, exc)
                continue
            _purge(client, site, at)


class Housekeeping:
    """Purges each site once an hour, whichever process that shares the store comes first."""

    def __init__(self, client: TrackingClient) -> None:
        self._client = client
        self._due_at: datetime | None = None
        self._thread: threading.Thread | None = None

    def look(self, sites: Sequence[Site], *, at: datetime) -> None:
        """Set to work, on a thread of its own, when it is time."""
        if self._due_at is None:
            self._due_at = at + _AFTER_START  # whoever starts has more urgent things to do
        is_busy = self._thread is not None and self._thread.is_alive()
        # A clock that was set back must not stop the work for as long.
        if is_busy or self._due_at - EVERY <= at < self._due_at:
            return
        self._due_at = at + EVERY
        self._thread = threading.Thread(target=self.purge, args=(sites, at), daemon=True)
        self._thread.start()

    def purge(self, sites: Sequence[Site], at: datetime) -> None:
        """Throw away what these sites may keep no longer, unless somebody did within the hour."""
        try:
            for site in sites:
                _purge(self._client, site, at)
        except CallgraftError as exc:
            logger.warning("What is too old stays for another hour: %s", exc)


def _purge(client: TrackingClient, site: Site, at: datetime) -> None:
    if purged := client.purge(site, at=at, every=EVERY):
        told = (purged.sessions, purged.calls, purged.callers)
        logger.info("%s: %s sessions, %s calls, %s callers purged.", site.key, *told)
