"""Which version of a Site document is in force: the newest one that the tracking store knows."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from callgraft.client.protocol import TrackingClient
from callgraft.errors import CallgraftError
from callgraft.site import Site

logger = logging.getLogger(__name__)


class InForce:
    """
    Brings changed documents into force once they are published; until then the old ones serve.

    Publishing can take longer than any page should wait, and it can be refused: then the old
    document goes on, and the log says why, once for each version.
    """

    def __init__(self, client: TrackingClient) -> None:
        self._client = client
        self._sites: dict[str, Site] = {}
        self._tried: dict[str, str] = {}
        self._lock = threading.Lock()

    def publish(self, site: Site, *, at: datetime) -> None:
        """
        Bring ``site`` into force.

        :raises CallgraftError: the store does not answer, or does not take it.
        """
        self._client.publish(site, at=at)
        self._sites[site.key] = site

    def ensure(self, site: Site, *, at: datetime) -> None:
        """
        Bring ``site`` into force if no version of it is: a page under way may hold an older one.

        :raises CallgraftError: the store does not answer, or does not take it.
        """
        if site.key not in self._sites:
            self.publish(site, at=at)

    def instead_of(self, newest: Site, *, at: datetime) -> Site:
        """The document to serve by now; a newer one that nobody published yet is set going."""
        known = self._sites.get(newest.key)
        if known is None or known.version == newest.version:
            return newest
        if self._is_new(newest):
            threading.Thread(target=self._publish_aside, args=(newest, at), daemon=True).start()
        return known

    def _is_new(self, site: Site) -> bool:
        with self._lock:
            is_new = self._tried.get(site.key) != site.version
            self._tried[site.key] = site.version
        return is_new

    def _publish_aside(self, site: Site, at: datetime) -> None:
        try:
            self.publish(site, at=at)
            logger.info("Version %s of the site %s is in force.", site.version, site.key)
        except CallgraftError as exc:
            logger.error("Version %s of the site %s stays out: %s", site.version, site.key, exc)
