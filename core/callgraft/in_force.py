"""Which version of a Site document is in force: the newest one that the tracking store knows."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime

from callgraft.client.protocol import TrackingClient
from callgraft.errors import CallgraftError, SetupError, StoreUnavailable
from callgraft.hosts import plain_host
from callgraft.site import Site
from callgraft.site_toml import read_published
from callgraft.sites import SiteFile, Sites, StoredSites
from callgraft.stores.protocol import Published
from callgraft.tracking.publishing import version_of

logger = logging.getLogger(__name__)


class InForce:
    """
    The documents that a door serves.

    Whoever published last wins, whichever door or person it was: a document that a door brings
    along (a file, a value) is published when the store has never had it, and when it changes; an
    older one gives way to what was published since. What cannot be published, or not be read,
    changes nothing: the last good document serves on, and the log says why, once for each version.
    """

    def __init__(
        self, client: TrackingClient, sites: Sites, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._client = client
        self._sites = sites
        self._environ = environ
        self._in_force: dict[str, Site] = {}
        self._by_host: dict[str, Site] = {}
        self._for_all: Site | None = None
        # By key: the version served; what the door brought along last, and its version; and what
        # nobody needs to try again. A Site that was made in Python has to be hashed for a version.
        self._versions: dict[str, str] = {}
        self._brought: dict[str, Site] = {}
        self._settled: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._tried: dict[str, str] = {}
        self._trying = threading.Lock()
        self._changing = threading.RLock()

    def known(self) -> tuple[Site, ...]:
        """The documents that are served."""
        return tuple(self._in_force.values())

    def for_host(self, host: str, *, at: datetime) -> Site | None:
        """The document in force of the site that serves the host."""
        own = self._sites.for_host(host, at=at)
        if own is not None and self._is_changed(own):
            self._publish_aside(own, at)
        found = self._by_host.get(plain_host(host), self._for_all)
        if found is None and own is not None and own.key not in self._in_force:
            return own  # nobody could publish it yet
        return found

    def settle(self, own: Site, *, at: datetime) -> None:
        """
        Bring a document of the door's own into force, unless a newer one is.

        :raises CallgraftError: the store does not answer, or does not take it.
        """
        with self._changing:
            newest = self._client.sites().get(own.key)
            if newest in (None, version_of(own)) or self._is_news(own):
                self.publish(own, at=at)
                return
            self._note(own)
            if not self._fetch(own.key):
                self._put(own)
            why = "is older than what was published since, which is served. Change it, or publish"
            logger.warning("The document %s of %s %s it again.", own.version, own.key, why)

    def publish(self, site: Site, *, at: datetime) -> None:
        """
        Bring ``site`` into force.

        :raises CallgraftError: the store does not answer, or does not take it.
        """
        with self._changing:
            self._client.publish(site, at=at, by=self._publisher())
            self._note(site)
            self._put(site)

    def ensure(self, site: Site, *, at: datetime) -> None:
        """
        Bring ``site`` into force if no version of it is: a page under way may hold an older one.

        :raises CallgraftError: the store does not answer, or does not take it.
        """
        if not self.serves(site):
            self.settle(site, at=at)

    def serves(self, site: Site) -> bool:
        """Whether some version of the document is in force here."""
        return site.key in self._in_force

    def follow(self, *, at: datetime) -> None:
        """
        Go over to what was published since, and publish what changed here.

        :raises StoreUnavailable: the store does not answer.
        """
        if isinstance(self._sites, SiteFile):
            self._sites.look(at)
        for own in self._sites.known():
            if self._settled.get(own.key) is None:
                self._settle_late(own, at)
            elif self._is_changed(own):
                self._publish_own(own, at, self._is_first_try(own))
        published = self._client.sites()
        for key in self._followed(published):
            version = published.get(key)
            if version not in (None, self._versions.get(key), self._refused.get(key)):
                self._fetch(key)

    def _settle_late(self, own: Site, at: datetime) -> None:
        """What a file became while it served: another site. Its first version may be refused."""
        if self._refused.get(own.key) == version_of(own):
            return
        try:
            self.settle(own, at=at)
        except SetupError as exc:
            self._refused[own.key] = version_of(own)
            logger.error(_STAYS_OUT, own.version, own.key, exc)

    def _followed(self, published: Mapping[str, str]) -> Iterable[str]:
        if isinstance(self._sites, StoredSites):
            return self._sites.keys or published
        return [key for key in self._settled if self._is_wanted(key)]

    def _is_changed(self, own: Site) -> bool:
        """Whether the door brings along another document than before, that may be published."""
        if self._brought.get(own.key) is own:
            return False  # asked for every request
        version = version_of(own)
        return self._settled.get(own.key, version) != version != self._refused.get(own.key)

    def _is_news(self, own: Site) -> bool:
        """Whether the store never had the document, or it was written after what is in force."""
        if not own.document:
            return True  # of a Site that was put together in Python nobody could follow another
        editions = self._client.editions(own.key)
        if own.version not in [each.version for each in editions]:
            return True
        written_at = self._sites.written_at if isinstance(self._sites, SiteFile) else None
        return written_at is not None and written_at > editions[0].published_at

    def _publish_aside(self, own: Site, at: datetime) -> None:
        """Publishing can take longer than any page should wait."""
        if self._is_first_try(own):
            threading.Thread(target=self._publish_own, args=(own, at, True), daemon=True).start()

    def _is_first_try(self, own: Site) -> bool:
        with self._trying:
            is_first = self._tried.get(own.key) != version_of(own)
            self._tried[own.key] = version_of(own)
        return is_first

    def _publish_own(self, own: Site, at: datetime, is_first: bool) -> None:
        try:
            self.publish(own, at=at)
            logger.info("Version %s of the site %s is in force.", own.version, own.key)
        except CallgraftError as exc:
            if not isinstance(exc, StoreUnavailable):
                self._refused[own.key] = version_of(own)
            if is_first:
                logger.error(_STAYS_OUT, own.version, own.key, exc)

    def _fetch(self, key: str) -> bool:
        """Serve what the store has in force, if it can be read."""
        with self._changing:
            published = self._client.published(key)
            if published is None:
                return False
            try:
                site = self._read(published)
            except SetupError as exc:
                self._refused[key] = published.version
                logger.error(_NOT_READ, published.edition, key, exc)
                return False
            self._put(site)
        logger.info(_FOLLOWED, published.edition, published.version, key, published.by)
        return True

    def _read(self, published: Published) -> Site:
        for own in self._sites.known():
            if own.key == published.site and version_of(own) == published.version:
                return own
        name = f"edition {published.edition} of {published.site}"
        if not published.document:
            raise SetupError(name, None, "was put together in Python.", "Publish it as TOML.")
        return read_published(published.document, name=name, environ=self._environ)

    def _note(self, own: Site) -> None:
        """This is what the door brought along, and it was dealt with."""
        self._settled[own.key] = version_of(own)
        self._brought[own.key] = own

    def _put(self, site: Site) -> None:
        with self._changing:
            self._versions[site.key] = version_of(site)
            # A file that became another site's leaves the one that it was.
            kept = {key: each for key, each in self._in_force.items() if self._is_wanted(key)}
            self._in_force = dict(sorted({**kept, site.key: site}.items()))
            by_host: dict[str, Site] = {}
            for each in self._in_force.values():
                for host in each.hosts:
                    by_host.setdefault(host, each)
            self._by_host = by_host
            everywhere = (each for each in self._in_force.values() if not each.hosts)
            self._for_all = next(everywhere, None)

    def _is_wanted(self, key: str) -> bool:
        if isinstance(self._sites, StoredSites):
            return True
        return key in {own.key for own in self._sites.known()}

    def _publisher(self) -> str:
        """Who publishes, for the record."""
        what = self._sites.name if isinstance(self._sites, SiteFile) else "a door"
        return f"{what} on {socket.gethostname()}"


_STAYS_OUT = "Version %s of the site %s stays out: %s"
_FOLLOWED = "Edition %s (version %s) of the site %s, published by %s, is in force."
_NOT_READ = "Edition %s of the site %s cannot be served; the one before stays in force: %s"
